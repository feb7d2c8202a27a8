import { signal } from '@preact/signals';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { get, problemOf, send, wordsOf } from './api.ts';
import { signIn } from './session.ts';

/** Whether what is shown is what is. `since`: the last moment at which it was. */
export type Link =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'lost'; readonly since: number; readonly why: string; readonly againAt: number };

export const link = signal<Link>({ kind: 'connecting' });

const backlogMax = 10_000;
const waitMillisMax = 15_000;
/** The gateway sends an empty line every 15 s where nothing happens: silence beyond that is a lost connection. */
const silenceMillisMax = 40_000;

/**
 * The record, from about 10,000 entries back, as it grows: entries reach `take` in order, each once, in batches. After
 * a break it goes on where it was, so that nothing is missing; how long it was away stands in `link`.
 */
export async function followRecord(take: (entries: readonly Entry[]) => void, signal: AbortSignal): Promise<void> {
  let after: number | undefined;
  let waitMillis = 500;
  let heardAt = Date.now();
  while (!signal.aborted && signIn.value.kind === 'in') {
    try {
      after ??= await backlogStart();
      const hear = (entries: readonly Entry[]): void => {
        heardAt = Date.now();
        waitMillis = 500;
        if (link.value.kind !== 'live') link.value = { kind: 'live' };
        if (entries.length === 0) return;
        after = entries.at(-1)?.seq ?? after;
        take(entries);
      };
      await readStream(after, hear, signal);
      throw new Error('the gateway ended the stream');
    } catch (thrown) {
      if (signal.aborted) return;
      link.value = { kind: 'lost', since: heardAt, why: wordsOf(thrown), againAt: Date.now() + waitMillis };
      await pause(waitMillis, signal);
      waitMillis = Math.min(waitMillis * 2, waitMillisMax);
    }
  }
}

async function backlogStart(): Promise<number> {
  const { newest } = await get<{ newest: number }>('entries', { limit: 1 });
  return Math.max(-1, newest - backlogMax);
}

async function readStream(
  after: number,
  hear: (entries: readonly Entry[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const silence = new AbortController();
  const both = AbortSignal.any([signal, silence.signal]);
  const offline = (): void => silence.abort(new Error('this machine is offline'));
  addEventListener('offline', offline, { once: true, signal: both });
  const response = await send(`entries?follow=1&limit=1000&after=${after}`, { method: 'GET', signal: both });
  if (!response.ok || response.body === null) throw problemOf(response.status, await response.json());
  hear([]);
  let timer = 0;
  let rest = '';
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(new Error('the gateway went silent')), silenceMillisMax);
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + value).split('\n');
      rest = lines.pop() ?? '';
      hear(lines.filter(line => line !== '').map(line => (JSON.parse(line) as { entry: Entry }).entry));
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Or until the page is looked at again, or the network is back. */
function pause(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = (): void => {
      clearTimeout(timer);
      for (const name of ['online', 'focus']) removeEventListener(name, end);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, millis);
    for (const name of ['online', 'focus']) addEventListener(name, end);
    signal.addEventListener('abort', end);
  });
}
