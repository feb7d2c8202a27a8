import type { CallSignal } from '@sallyport/core/model/call-signal.ts';

/** Resolves when `done` does, when whoever waits gives up, or after `millisMax`: which of them it was, the caller looks for itself. */
export async function waited(done: Promise<void>, signal: CallSignal, millisMax: number): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const giveUp = (): void => resolve();
  const timer = setTimeout(giveUp, millisMax);
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    await Promise.race([done, over]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}
