import { segmentEntriesMax } from '../../journal/layout.ts';
import type { Said } from './said.ts';

/** Entries whose rows are written and read as one, 9 kB. A segment of the journal is 256 blocks. */
export const blockEntriesMax = 256;
export const blocksOfSegment = segmentEntriesMax / blockEntriesMax;

/** What a row says of an entry, in numbers of 32 bits. */
export const column = {
  /** Where its frame begins in its segment, and how long it is. */
  start: 0,
  bytes: 1,
  kind: 2,
  answer: 3,
  task: 4,
  /** Of its decision where it follows from one. */
  agent: 5,
  server: 6,
  tool: 7,
  /** `seq` of that decision + 1; 0 where there is none. */
  decided: 8,
} as const;
export const rowNumbers = 9;

/** 256 rows, of which the first `size` say something. */
export interface Block {
  readonly number: number;
  readonly rows: Uint32Array;
  size: number;
}

export function newBlock(number: number, rows?: Uint32Array): Block {
  const all = new Uint32Array(blockEntriesMax * rowNumbers);
  if (rows !== undefined) all.set(rows);
  return { number, rows: all, size: (rows?.length ?? 0) / rowNumbers };
}

export function filled({ rows, size }: Block): Uint32Array {
  return rows.subarray(0, size * rowNumbers);
}

/**
 * A word as 32 bits, FNV-1a over its UTF-16 units; 0 for none. Different words may have the same: an entry that is found by
 * them is held against the words themselves.
 */
export function hashOf(word: string | undefined): number {
  if (word === undefined) return 0;
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash >>> 0 || 1;
}

/** Of whom and what an entry is, as it stands in rows. */
export interface RowSubject {
  readonly agent: number;
  readonly server: number;
  readonly tool: number;
  readonly decided: number;
}

export function subjectAt(rows: Uint32Array, at: number): RowSubject {
  const [agent, server] = [rows[at + column.agent] as number, rows[at + column.server] as number];
  return { agent, server, tool: rows[at + column.tool] as number, decided: rows[at + column.decided] as number };
}

/** Adds a row to a block that has room. */
export function addRow(block: Block, entry: Said, subject: RowSubject, start: number, bytes: number): void {
  const { rows } = block;
  const at = block.size++ * rowNumbers;
  rows[at + column.start] = start;
  rows[at + column.bytes] = bytes;
  rows[at + column.kind] = hashOf(entry.kind);
  rows[at + column.answer] = entry.kind === 'decided' ? hashOf(entry.answer) : 0;
  rows[at + column.task] = hashOf(entry.task);
  rows[at + column.agent] = subject.agent;
  rows[at + column.server] = subject.server;
  rows[at + column.tool] = subject.tool;
  rows[at + column.decided] = subject.decided;
}
