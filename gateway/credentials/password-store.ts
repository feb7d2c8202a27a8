import { join } from 'node:path';
import type { Instant } from '@sallyport/core/model/ids.ts';
import { readPrivateRecord, writePrivate } from '../secret/private-file.ts';

/** A password that the gateway itself sets. */
export interface KeptPassword {
  /** Undefined before it was set for the first time. */
  readonly current: string | undefined;
  readonly changedAt: Instant;
  /** On its way to whoever checks it: it may be in force already. */
  readonly next: string | undefined;
}

/** One private file for each credential. */
export interface PasswordStore {
  readonly read: (credential: string) => KeptPassword | undefined;
  /** Durable once it returns. */
  readonly write: (credential: string, kept: KeptPassword) => void;
}

export function openPasswords(dir: string): PasswordStore {
  const fileOf = (credential: string): string => join(dir, `${credential}.password.json`);
  return {
    read: credential => readPrivateRecord(fileOf(credential)) as KeptPassword | undefined,
    write: (credential, kept) => writePrivate(fileOf(credential), `${JSON.stringify({ v: 1, ...kept })}\n`),
  };
}
