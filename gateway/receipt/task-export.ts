import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseCheckpoint } from '@sallyport/core/journal/checkpoint.ts';
import { openLogKey } from '../journal/keys.ts';
import { type Layout, layoutOf } from '../journal/layout.ts';
import { publishedProof } from './inclusion.ts';
import { type Found, findTasks, type Head, newestHead, rootOf, segmentsOf } from './look-up.ts';
import { ReceiptError } from './receipt-error.ts';

/** All that the record holds of one task, as one file (docs/formats/task-export.md). */
export interface TaskExport {
  /** In full. */
  readonly task: string;
  readonly entries: number;
  readonly text: string;
}

const taskFileHead = 'dev.sallyport/task@v2';
const signedWithinMillis = 3_000;
const lookMillis = 100;

/** Makes it out of the state directory, beside a running gateway or without one. `id`: the task, or the beginning of its id. */
export async function exportTask(stateDir: string, id: string): Promise<TaskExport> {
  if (!/^t_[0-9a-z]{1,26}$/.test(id)) throw unknown(id);
  const layout = layoutOf(join(stateDir, 'journal'));
  // What was written by the time of the first look; a task that runs on may write more for ever.
  let wanted: number | undefined;
  for (let waited = 0; ; waited += lookMillis) {
    const head = newestHead(layout);
    const found = await findTasks(layout, segmentsOf(head), id);
    if (found.size > 1) throw new ReceiptError('ambiguous', `several tasks begin with ${id}`, 'Give more of the id.');
    const [first] = found;
    if (first === undefined && waited > 0) throw unknown(id);
    const [task, all] = first ?? ['', []];
    wanted ??= all.at(-1)?.entry.seq;
    // The gateway signs about once a second: what was written since waits for the next head.
    if (head !== undefined && wanted !== undefined && wanted < head.size) {
      const entries = all.filter(({ entry }) => entry.seq < head.size);
      return { task, entries: entries.length, text: await fileOf(task, entries, layout, head) };
    }
    if (first !== undefined && waited >= signedWithinMillis)
      throw new ReceiptError(
        'not-signed-yet',
        `${id} is not wholly under a signed checkpoint yet`,
        'Start the gateway, which signs.',
      );
    await pause(lookMillis);
  }
}

function unknown(id: string): ReceiptError {
  return new ReceiptError(
    'not-found',
    `the record knows no task ${id}`,
    'Ids of tasks begin with t_; see: sallyport tasks',
  );
}

async function fileOf(task: string, entries: readonly Found[], layout: Layout, head: Head): Promise<string> {
  const all = await statementOf(task, entries.length, layout, head);
  const tiles = new Map<string, Buffer>();
  const lines = entries.map(({ entry, bytes }) => {
    const proof = publishedProof(layout.log, entry.seq, head.size, tiles);
    return JSON.stringify({ index: entry.seq, entry: bytes.toString('utf8'), proof });
  });
  return `${all}\n${lines.join('\n')}\n\n${head.note}`;
}

/**
 * The log's word that the task has so many entries among those of this head, and no others. Said only of a log that leads to the signed
 * root: an entry that somebody took off the disk would be missing in the count as well.
 */
async function statementOf(task: string, count: number, layout: Layout, head: Head): Promise<string> {
  if (!existsSync(join(layout.keys, 'log.pem')))
    throw new ReceiptError(
      'no-key',
      'the key that signs for the record is not here',
      'Export where the gateway keeps its state.',
    );
  const checkpoint = parseCheckpoint(head.note.slice(0, head.note.indexOf('\n\n') + 1));
  const key = await openLogKey(layout, checkpoint?.origin ?? '');
  const isOurs = checkpoint !== undefined && key.openNote(head.note) !== undefined;
  const root = isOurs ? Buffer.from(checkpoint.root).toString('base64') : '';
  if (!isOurs || (await rootOf(layout, head.size)) !== root)
    throw new ReceiptError(
      'damaged',
      'the record does not lead to its signed checkpoint',
      'See: sallyport audit verify',
    );
  return key.signNote(`${taskFileHead}\n${key.origin}\ntask ${task}\nentries ${count} of ${head.size}\n${root}\n`);
}
