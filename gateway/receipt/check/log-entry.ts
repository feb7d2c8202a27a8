import { type EntryValue, readCanonicalEntry } from '../../journal/verify/canonical-entry.ts';
import { hashOfEntry } from '../../journal/verify/merkle-stack.ts';
import type { SignedHead } from '../../journal/verify/signed-head.ts';
import { rootOver } from './inclusion.ts';

/** An entry of the record: its members by name. */
export type LogEntry = Readonly<Record<string, EntryValue>>;

/** An entry with the very bytes that the record holds of it. */
export interface ReadEntry {
  readonly entry: LogEntry;
  readonly bytes: Buffer;
}

/** The entry that this is the canonical text of, or in words why it is none. */
export function readEntry(text: unknown): ReadEntry | string {
  const bytes = Buffer.from(String(text), 'utf8');
  const read = readCanonicalEntry(bytes);
  return read.ok ? { entry: read.entry, bytes } : `it is not written as entries are (${read.what})`;
}

/** Why it does not stand at `index` of the signed tree, to which `proof` leads; undefined if it does. */
export function misplacedInTree(
  { entry, bytes }: ReadEntry,
  index: number,
  proof: readonly Buffer[],
  head: SignedHead,
): string | undefined {
  if (rootOver(hashOfEntry(bytes), index, head.size, proof) !== head.root)
    return 'it is not in the tree that was signed: it, or its proof, was altered';
  if (entry.seq !== index) return 'it says another place in the log than its proof';
  return `sallyport/${entry.tenant}/${entry.node}` === head.origin ? undefined : 'it is of another log';
}
