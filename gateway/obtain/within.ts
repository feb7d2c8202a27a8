/** Somebody outside took longer than anybody waits. */
export class TooLateError extends Error {
  override readonly name = 'TooLateError';
}

/**
 * What `work` gives, or `TooLateError` as soon as `signal` is aborted, whether or not `work` minds the signal. What it
 * still does afterwards is its own affair: its fault is nobody's to hear.
 */
export async function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(new TooLateError('it did not answer in time'));
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
