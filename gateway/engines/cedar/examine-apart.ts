import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { CedarSchema } from '@sallyport/core/policy/schema.ts';
import type { Examined, Finding } from './examine.ts';

export const examineMillisMax = 60_000;

/**
 * Has a candidate set read in a thread of its own, which ends with the answer: hostile text may leave the engine that
 * read it unusable (DF2), may never finish, or may end the thread. Rejects in the last two cases.
 */
export async function examineApart(
  policies: readonly Examined[],
  schema: CedarSchema,
  millisMax = examineMillisMax,
): Promise<readonly Finding[]> {
  const file = import.meta.url.endsWith('.ts') ? './examine-worker.ts' : './examine-worker.js';
  // The stack of the main thread: what fits here fits there.
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: { policies, schema },
    resourceLimits: { stackSizeMb: 1 },
  });
  const deadline = AbortSignal.timeout(millisMax);
  try {
    const ended = once(worker, 'exit', { signal: deadline }).then(() => {
      throw new Error('the thread that read the policies ended without an answer');
    });
    const [findings] = (await Promise.race([once(worker, 'message', { signal: deadline }), ended])) as [
      readonly Finding[],
    ];
    return findings;
  } finally {
    await worker.terminate();
  }
}
