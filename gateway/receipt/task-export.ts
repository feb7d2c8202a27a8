import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { layoutOf } from '../journal/layout.ts';
import { publishedProof } from './inclusion.ts';
import { type Found, findTasks, newestHead, segmentsOf } from './look-up.ts';
import { ReceiptError } from './receipt-error.ts';

/** All that the record holds of one task, as one file (docs/formats/task-export.md). */
export interface TaskExport {
  /** In full. */
  readonly task: string;
  readonly entries: number;
  readonly text: string;
}

const signedWithinMillis = 3_000;
const lookMillis = 100;

/** Makes it out of the state directory, beside a running gateway or without one. `id`: the task, or the beginning of its id. */
export async function exportTask(stateDir: string, id: string): Promise<TaskExport> {
  if (!/^t_[0-9a-z]{1,26}$/.test(id)) throw unknown(id);
  const layout = layoutOf(join(stateDir, 'journal'));
  for (let waited = 0; ; waited += lookMillis) {
    const head = newestHead(layout);
    const found = await findTasks(layout, segmentsOf(head), id);
    if (found.size > 1) throw new ReceiptError('ambiguous', `several tasks begin with ${id}`, 'Give more of the id.');
    const [first] = found;
    if (first === undefined && waited > 0) throw unknown(id);
    const [task, entries] = first ?? ['', []];
    // The gateway signs about once a second: what was written since waits for the next head.
    if (head !== undefined && entries.length > 0 && entries.every(({ entry }) => entry.seq < head.size))
      return { task, entries: entries.length, text: fileOf(task, entries, layout.log, head) };
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

function fileOf(
  task: string,
  entries: readonly Found[],
  log: string,
  head: { readonly note: string; readonly size: number },
): string {
  const tiles = new Map<string, Buffer>();
  const lines = entries.map(({ entry, bytes }) => {
    const proof = publishedProof(log, entry.seq, head.size, tiles);
    return JSON.stringify({ index: entry.seq, entry: bytes.toString('utf8'), proof });
  });
  return `dev.sallyport/task@v1\ntask ${task}\nentries ${entries.length}\n${lines.join('\n')}\n\n${head.note}`;
}
