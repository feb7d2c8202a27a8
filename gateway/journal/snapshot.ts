import { readFileSync } from 'node:fs';
import { writeFileDurably } from './durable.ts';
import { sha256Text } from './hash.ts';
import type { LogKey } from './keys.ts';
import type { Layout } from './layout.ts';

/** What is needed to let the log grow from some entry on without having read what comes before. */
export interface Frontier {
  /** Entries before it. */
  readonly size: number;
  /** Roots of the perfect subtrees, from left to right. */
  readonly peaks: readonly Uint8Array[];
  /** The open tile of each level, as far as it is filled. */
  readonly tiles: readonly Uint8Array[];
  /** Bytes of the segment that the next entry goes to, and where in it the open bundle begins. */
  readonly segmentBytes: number;
  readonly bundleStart: number;
  /** Time of the newest entry. */
  readonly lastAt: number;
}

export interface Snapshot {
  readonly frontier: Frontier;
  /** What the entries make, as whoever folds them wrote it; the journal does not look into it. */
  readonly folded: unknown;
}

/** What the first `size` entries make. */
export interface Folded {
  readonly size: number;
  readonly value: unknown;
}

const title = 'journal snapshot v1';

/**
 * Replaces the snapshot: one line of JSON, and a signed note over its hash (docs/formats/journal.md). Its first line is not
 * that of a checkpoint, so that neither can stand for the other. `foldedBy` names the code that folded.
 */
export async function writeSnapshot(layout: Layout, key: LogKey, foldedBy: string, made: Snapshot): Promise<void> {
  const { peaks, tiles, ...counts } = made.frontier;
  const line = JSON.stringify({ ...counts, peaks: peaks.map(text), tiles: tiles.map(text), folded: made.folded });
  // In pieces: many tasks make a long line.
  await writeFileDurably(layout.snapshot, [line, '\n', key.signNote(signedText(key, foldedBy, line))]);
}

/** Undefined for one that is missing, was altered, or was made by another journal or other code. */
export function readSnapshot(layout: Layout, key: LogKey, foldedBy: string): Snapshot | undefined {
  try {
    const line = signedLine(layout, key, foldedBy);
    if (line === undefined) return undefined;
    const { peaks, tiles, folded, ...counts } = JSON.parse(line) as Line;
    return { frontier: { ...counts, peaks: peaks.map(bytes), tiles: tiles.map(bytes) }, folded };
  } catch {
    return undefined;
  }
}

/** Apart from its note, which is not ASCII: a text that is, a long one here, takes half the room. */
function signedLine(layout: Layout, key: LogKey, foldedBy: string): string | undefined {
  const whole = readFileSync(layout.snapshot);
  const end = whole.indexOf('\n');
  const line = whole.toString('utf8', 0, end);
  return key.openNote(whole.toString('utf8', end + 1)) === signedText(key, foldedBy, line) ? line : undefined;
}

/** What was signed is what was written. */
interface Line extends Omit<Frontier, 'peaks' | 'tiles'> {
  readonly peaks: readonly string[];
  readonly tiles: readonly string[];
  readonly folded: unknown;
}

function signedText({ origin }: LogKey, foldedBy: string, line: string): string {
  return `${title}\n${origin}\n${foldedBy}\n${sha256Text(line)}\n`;
}

function text(raw: Uint8Array): string {
  return Buffer.from(raw).toString('base64');
}

function bytes(base64: string): Uint8Array {
  return Buffer.from(base64, 'base64');
}
