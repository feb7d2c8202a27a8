import { setTimeout } from 'node:timers/promises';

const beatMillis = 5_000;

/** A line now and then, so that both ends notice when the other is gone. Ends with `over`. */
export async function* beats(over: AbortSignal): AsyncGenerator<string> {
  while (!over.aborted) {
    yield '\n';
    await setTimeout(beatMillis, undefined, { signal: over }).catch(() => undefined);
  }
}
