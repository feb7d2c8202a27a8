import { parentPort, workerData } from 'node:worker_threads';
import { type Batch, type PrintOrder, printerOf } from './printing.ts';

/** What a `Thread` runs: answers each batch, in the order in which they come. */
const port = parentPort;
if (port === null) throw new Error('this file is run by a thread of its own');
const print = await printerOf(workerData as PrintOrder);
let last: Promise<void> = Promise.resolve();
port.on('message', (batch: Batch) => {
  last = last.then(async () => port.postMessage(await print(batch)));
});
