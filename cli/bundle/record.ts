import { createHash } from 'node:crypto';

/** What stands beside a bundle: the digest of each file that Node reads of it. */
export interface BundleRecord {
  readonly files: Readonly<Record<string, string>>;
}

export const recordName = 'files.json';
export const bundleEntry = 'gateway.js';
/** The script of the process that reads policies. */
export const readerEntry = 'reader.js';

export function digestOf(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('base64url');
}
