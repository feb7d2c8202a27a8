import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** Calls that leave something on the disk. */
const changing = [
  ...(['writeFileSync', 'writeSync', 'openSync', 'renameSync', 'mkdirSync', 'rmSync', 'rmdirSync'] as const),
  ...(['unlinkSync', 'chmodSync', 'ftruncateSync'] as const),
];

/** What a program that was killed never gets to see: no code, so that nobody takes it for a fault of the disk. */
class Killed extends Error {}

/**
 * Runs something as if it were killed before its call number `at` that changes the disk: that call and every later one do not
 * happen, whoever catches what, but for the first half of what was being written. Answers how many calls there were.
 */
export async function killedAt(at: number, run: () => Promise<unknown> | unknown): Promise<number> {
  const own = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
  const real = changing.map(name => [name, own[name] as (...args: unknown[]) => unknown] as const);
  let calls = 0;
  for (const [name, call] of real)
    own[name] = (...args) => {
      if (calls++ < at) return call(...args);
      const [file, bytes, ...options] = args;
      if (calls === at + 1 && name === 'writeFileSync' && Buffer.isBuffer(bytes))
        call(file, bytes.subarray(0, bytes.length >> 1), ...options);
      throw new Killed('killed');
    };
  syncBuiltinESMExports();
  try {
    await run();
  } catch (thrown) {
    if (!(thrown instanceof Killed)) throw thrown;
  } finally {
    for (const [name, call] of real) own[name] = call;
    syncBuiltinESMExports();
  }
  return calls;
}
