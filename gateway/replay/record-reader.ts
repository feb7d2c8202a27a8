import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Bodies, Entry } from '@sallyport/core/model/entry.ts';
import { JournalFault } from '../journal/fault.ts';
import { readFrameLists } from '../journal/frames.ts';
import { type Layout, layoutOf, segmentPath } from '../journal/layout.ts';
import { parseEntry } from '../journal/read.ts';
import type { StoredBodies } from '../journal/stored-bodies.ts';
import { bodiesIn } from '../receipt/look-up.ts';
import { type RecordedRun, recordedRun } from './recorded-run.ts';

export interface RunsOrder {
  readonly stateDir: string;
  /** A task, or the beginning of its id; absent: every one. */
  readonly task?: string | undefined;
  /** Milliseconds since the epoch: only runs in which something was decided since; absent: all. */
  readonly since?: number | undefined;
}

/**
 * The runs on record, oldest first, beside a running gateway or without one. A task's entries are in memory while the others are
 * read; their bodies one after the other. Rejects with ENOENT where there is no journal.
 */
export async function* recordedRuns({ stateDir, task = 't_', since = 0 }: RunsOrder): AsyncGenerator<RecordedRun> {
  const layout = layoutOf(join(stateDir, 'journal'));
  const wanted = new Map<string, Entry[]>();
  for await (const [id, entry] of ofTasks(layout))
    if (id.startsWith(task) && entry.kind === 'decided' && entry.at >= since && !wanted.has(id)) wanted.set(id, []);
  for await (const [id, entry] of ofTasks(layout)) wanted.get(id)?.push(entry);
  const bodies = bodiesIn(layout);
  for (const entries of wanted.values()) yield await recordedRun(entries, entry => kept(bodies, entry));
}

const naming = Buffer.from('"task":');

/** The entries that name a task, with it. */
async function* ofTasks(layout: Layout): AsyncGenerator<readonly [task: string, entry: Entry]> {
  for (let segment = 0; segment === 0 || existsSync(segmentPath(layout, segment)); segment++)
    for await (const frames of readFrameLists(segmentPath(layout, segment), 0, Number.MAX_SAFE_INTEGER))
      for (const { bytes } of frames) {
        if (!bytes.includes(naming)) continue;
        const entry = parseEntry(bytes);
        if ('task' in entry && entry.task !== undefined) yield [entry.task, entry];
      }
}

async function kept(bodies: StoredBodies, entry: Entry): Promise<Bodies | undefined> {
  try {
    const { fields } = await bodies.of(entry);
    return Object.fromEntries(Object.entries(fields).map(([name, { text }]) => [name, text]));
  } catch (thrown) {
    if (thrown instanceof JournalFault && thrown.code !== 'body-damaged') return undefined;
    throw thrown;
  }
}
