import type { Printed } from './printing.ts';

/** Printed ahead of a batch that takes long. */
const aheadMax = 64;

/** A batch whose turn to be printed has not come yet. */
export class Ahead {
  readonly printed: Promise<readonly Printed[]>;
  /** It is printed, or will not be. */
  readonly settled: Promise<void>;
  isDone = false;

  constructor(printed: Promise<readonly Printed[]>) {
    this.printed = printed;
    // Whoever prints it hears of an error, and may be waiting for another one until then.
    const done = (): void => {
      this.isDone = true;
    };
    this.settled = printed.then(done, done);
  }
}

/** What was begun in this order, in this order. An error is thrown when its turn has come: all before it has been printed by then. */
export async function* inOrder(begun: AsyncIterable<Ahead>): AsyncGenerator<Printed> {
  const ahead: Ahead[] = [];
  for await (const batch of begun) {
    ahead.push(batch);
    while (ahead[0]?.isDone || ahead.length > aheadMax) yield* (await ahead.shift()?.printed) ?? [];
  }
  for (const { printed } of ahead) yield* await printed;
}
