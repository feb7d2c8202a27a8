import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCheckpoint } from '@sallyport/core/journal/checkpoint.ts';
import type { Decided, Entry, WorldActivated, Written } from '@sallyport/core/model/entry.ts';
import { readFrameLists } from '../journal/frames.ts';
import { readBodiesKey } from '../journal/keys.ts';
import { type Layout, segmentEntriesMax, segmentPath } from '../journal/layout.ts';
import type { StoredBody } from '../journal/packed-body.ts';
import { parseEntry } from '../journal/read.ts';
import { StoredBodies } from '../journal/stored-bodies.ts';
import { readTaskKey } from '../journal/task-keys.ts';
import { hashOfEntry, MerkleStack } from '../journal/verify/merkle-stack.ts';

/** An entry with the very bytes that the tree is over. */
export interface Found<E extends Entry = Entry> {
  readonly entry: E;
  readonly bytes: Buffer;
}

/** The newest signed tree head as it stands on disk. */
export interface Head {
  readonly note: string;
  readonly size: number;
}

export function newestHead(layout: Layout): Head | undefined {
  const note = readFileSync(layout.checkpoint, 'utf8');
  const size = parseCheckpoint(note.slice(0, note.indexOf('\n\n') + 1))?.size;
  return size === undefined ? undefined : { note, size };
}

/** How many segments to read. One more than the head says: what was written since may have begun another. */
export function segmentsOf(head: Head | undefined): number {
  return Math.floor((head?.size ?? 0) / segmentEntriesMax) + 2;
}

/** The root over the first `size` entries as they lie on disk, base64. */
export async function rootOf(layout: Layout, size: number): Promise<string> {
  const tree = new MerkleStack();
  for (let segment = 0; tree.size < size && existsSync(segmentPath(layout, segment)); segment++)
    for await (const frames of readFrameLists(segmentPath(layout, segment), 0, Number.MAX_SAFE_INTEGER))
      for (const { bytes } of frames.slice(0, size - tree.size)) tree.push(hashOfEntry(bytes));
  return Buffer.from(tree.root(), 'hex').toString('base64');
}

/** Decisions whose id begins with `prefix`; reading stops at the second. */
export async function findDecisions(layout: Layout, segments: number, prefix: string): Promise<Found<DecidedEntry>[]> {
  const found: Found<DecidedEntry>[] = [];
  for await (const frame of framesWith(layout, segments, `"id":${JSON.stringify(prefix).slice(0, -1)}`)) {
    const entry = parseEntry(frame);
    if (entry.kind === 'decided' && entry.id.startsWith(prefix)) found.push({ entry, bytes: frame });
    if (found.length === 2) break;
  }
  return found;
}

/** Every entry that names this task, in the order of the log. `prefix` begins the ids of one task or more: theirs come out as one list each. */
export async function findTasks(layout: Layout, segments: number, prefix: string): Promise<Map<string, Found[]>> {
  const found = new Map<string, Found[]>();
  for await (const frame of framesWith(layout, segments, `"task":${JSON.stringify(prefix).slice(0, -1)}`)) {
    const entry = parseEntry(frame);
    const task = taskOf(entry);
    if (task?.startsWith(prefix) === true) filed(found, task, { entry, bytes: frame });
  }
  for (const all of found.values()) all.sort((a, b) => a.entry.seq - b.entry.seq);
  return found;
}

function filed(all: Map<string, Found[]>, task: string, found: Found): void {
  const list = all.get(task) ?? [];
  list.push(found);
  all.set(task, list);
}

/** A stop of one task names it in its scope. */
function taskOf(entry: Entry): string | undefined {
  if (entry.kind === 'killed') return entry.scope.kind === 'task' ? entry.scope.task : undefined;
  return 'task' in entry ? entry.task : undefined;
}

/** The last entry before `seq` that brought this world into force. */
export async function findWorld(layout: Layout, world: string, seq: number): Promise<Found<WorldEntry> | undefined> {
  let last: Found<WorldEntry> | undefined;
  const segments = Math.floor(seq / segmentEntriesMax) + 1;
  for await (const frame of framesWith(layout, segments, `"kind":"world.activated"`)) {
    const entry = parseEntry(frame);
    if (entry.kind !== 'world.activated' || entry.world !== world || entry.seq >= seq) continue;
    if (last === undefined || entry.seq > last.entry.seq) last = { entry, bytes: frame };
  }
  return last;
}

export type DecidedEntry = Decided & Written;
export type WorldEntry = WorldActivated & Written;

/** Frames that hold these bytes, the newest segment first. In canonical text they stand where a member begins, and nowhere else. */
async function* framesWith(layout: Layout, segments: number, text: string): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let segment = segments - 1; segment >= 0; segment--) {
    // The last ones may not have been begun.
    if (!existsSync(segmentPath(layout, segment))) continue;
    for await (const frames of readFrameLists(segmentPath(layout, segment), 0, Number.MAX_SAFE_INTEGER))
      for (const frame of frames) if (frame.bytes.includes(bytes)) yield Buffer.from(frame.bytes);
  }
}

/** The body of an entry, read beside the gateway that may be writing. Throws `JournalFault` where it is gone. */
export function readBodyOf(layout: Layout, entry: Entry): Promise<StoredBody> {
  return bodiesIn(layout).of(entry);
}

/** The same for many entries, oldest first. */
export function bodiesIn(layout: Layout): StoredBodies {
  const over = readBodiesKey(layout.keys);
  const path = join(layout.keys, 'tasks');
  return new StoredBodies(layout, { read: (record, task) => readTaskKey(path, over, record, task) });
}
