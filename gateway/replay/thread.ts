import { Worker } from 'node:worker_threads';
import type { Batch, Printed, PrintOrder } from './printing.ts';

/** Decides batches in the order in which it is given them. What goes wrong in it is the error of all that it has not answered. */
export class Thread {
  readonly #worker: Worker;
  readonly #waiting: PromiseWithResolvers<readonly Printed[]>[] = [];
  #failure: { readonly thrown: unknown } | undefined;

  constructor(file = threadFile) {
    this.#worker = new Worker(file);
    this.#worker.on('message', (printed: readonly Printed[]) => this.#waiting.shift()?.resolve(printed));
    this.#worker.on('error', thrown => this.#fail(thrown));
    this.#worker.on('exit', () => this.#fail(new Error('a thread that decides recorded runs has ended early')));
  }

  /** Before the first batch. */
  begin(order: PrintOrder): void {
    this.#worker.postMessage(order);
  }

  /** How many batches it has not answered yet. */
  get given(): number {
    return this.#waiting.length;
  }

  print(batch: Batch): Promise<readonly Printed[]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.thrown);
    const waiting = Promise.withResolvers<readonly Printed[]>();
    this.#waiting.push(waiting);
    this.#worker.postMessage(batch);
    return waiting.promise;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(thrown: unknown): void {
    this.#failure ??= { thrown };
    for (const { reject } of this.#waiting.splice(0)) reject(thrown);
  }
}

const threadFile = new URL(import.meta.url.endsWith('.ts') ? './thread-main.ts' : './thread-main.js', import.meta.url);
