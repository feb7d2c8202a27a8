import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { sourcesIn } from './engine.ts';
import { Ahead, inOrder } from './in-order.ts';
import { type Batch, type Printed, type Printer, printerOf } from './printing.ts';
import { recordedLines } from './recorded-lines.ts';
import type { OnAsk } from './rehearse.ts';
import type { Configured } from './replay.ts';
import { Thread } from './thread.ts';
import type { Toolsets } from './toolsets.ts';

export interface CoresOptions {
  /** Folder of `*.cedar` files. */
  readonly policies: string;
  readonly toolsets: Toolsets;
  readonly configured?: Configured;
  readonly files: readonly string[];
  readonly onAsk: OnAsk;
  /** Each line as JSON, else for people. */
  readonly json: boolean;
  /** Most threads beside this one; default: one for each further core, up to seven. */
  readonly threadsMax?: number;
  /** After so long alone; a thread has to load all that decides before it is of use. Default: 300, and none where the files are large. */
  readonly aloneMillis?: number;
}

const threadsMost = 7;
const aloneMillisMost = 300;
/** Of all files together; packed ones hold more. */
const largeBytes = 2 * 1024 * 1024;
/** With a thread at once: one that it decides, and the next ones, which it need not wait for. */
const givenMax = 3;

/**
 * As `replay`, with all of the machine's cores where there is much to decide: what comes out, and its order, are the same. A
 * run is decided by one thread from its beginning to its end, so none needs to know of another.
 */
export async function* replayOnCores({
  policies,
  toolsets,
  configured,
  files,
  onAsk,
  json,
  ...limits
}: CoresOptions): AsyncGenerator<Printed> {
  const order = { sources: await sourcesIn(policies), toolsets, configured, onAsk, now: Date.now(), json };
  const threadsMax = limits.threadsMax ?? Math.min(availableParallelism() - 1, threadsMost);
  const aloneMillis = limits.aloneMillis ?? ((await bytesIn(files)) >= largeBytes ? 0 : aloneMillisMost);
  const threads: Thread[] = [];
  // Its code is loaded while this one reads the policies.
  if (aloneMillis === 0 && threadsMax > 0) threads.push(new Thread());
  try {
    const printer = await printerOf(order);
    for (const thread of threads) thread.begin(printer.order);
    const aloneUntil = performance.now() + aloneMillis;
    const mayGrow = (): boolean => threads.length < threadsMax && performance.now() >= aloneUntil;
    yield* inOrder(begun(batchesOf(recordedLines(files)), printer, threads, mayGrow));
  } finally {
    await Promise.all(threads.map(thread => thread.end()));
  }
}

/** Each batch, given to a thread that has time for it, or decided here. */
async function* begun(
  batches: AsyncIterable<Batch>,
  printer: Printer,
  threads: Thread[],
  mayGrow: () => boolean,
): AsyncGenerator<Ahead> {
  for await (const batch of batches) {
    if (threads.every(isBusy) && mayGrow()) {
      const thread = new Thread();
      thread.begin(printer.order);
      threads.push(thread);
    }
    const free = threads.find(thread => !isBusy(thread));
    const ahead = new Ahead((free ?? printer).print(batch));
    if (free === undefined) {
      await ahead.settled;
      // What threads have answered since is heard of now.
      await setImmediate();
    }
    yield ahead;
  }
}

async function bytesIn(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(
    files.map(file =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function isBusy({ given }: Thread): boolean {
  return given >= givenMax;
}

const batchLinesMax = 16;
const batchBytesMax = 256 * 1024;

async function* batchesOf(lines: AsyncIterable<Batch[number]>): AsyncGenerator<Batch> {
  let batch: Batch[number][] = [];
  let bytes = 0;
  for await (const line of lines) {
    batch.push(line);
    bytes += line.kind === 'recorded' ? line.bytes.length : 0;
    if (batch.length < batchLinesMax && bytes < batchBytesMax) continue;
    yield batch;
    [batch, bytes] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}
