import { parentPort } from 'node:worker_threads';
import { type Batch, type PrintOrder, printerOf } from './printing.ts';

/** What a `Thread` runs: first comes the order, then each batch, which are answered in the order in which they come. */
const port = parentPort;
if (port === null) throw new Error('this file is run by a thread of its own');
port.once('message', (order: PrintOrder) => {
  const printer = printerOf(order);
  let last: Promise<void> = Promise.resolve();
  port.on('message', (batch: Batch) => {
    last = last.then(async () => port.postMessage(await (await printer).print(batch)));
  });
});
