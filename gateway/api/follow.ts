import type { Entry } from '@sallyport/core/model/entry.ts';

const quietMillisMax = 15_000;

/** One `{"v":1,"entry":…}` a line; an empty line where nothing came for a while, so that both ends know of each other. */
export async function* entryLines(entries: AsyncIterable<Entry>, quietMillis = quietMillisMax): AsyncIterable<string> {
  const source = entries[Symbol.asyncIterator]();
  let timer: NodeJS.Timeout | undefined;
  try {
    let next = source.next();
    for (;;) {
      const quiet = new Promise<'quiet'>(resolve => {
        timer = setTimeout(() => resolve('quiet'), quietMillis).unref();
      });
      const first = await Promise.race([next, quiet]);
      clearTimeout(timer);
      if (first === 'quiet') {
        yield '\n';
        continue;
      }
      if (first.done) return;
      yield `${JSON.stringify({ v: 1, entry: first.value })}\n`;
      next = source.next();
    }
  } finally {
    clearTimeout(timer);
    // Not awaited: a source that waits for its next entry would answer only then.
    void source.return?.(undefined);
  }
}
