import { fuzz } from '@sallyport/testkit/fuzz/fuzz.ts';
import { fuzzRecovery } from '@sallyport/testkit/fuzz/recovery.ts';
import { targets } from '@sallyport/testkit/fuzz/targets.ts';

/**
 * `npm run deep:fuzz [seconds per target] [executions] [target] [seed]`: byte-mutating fuzzers over everything that reads
 * what others wrote (R11). Exits with 1 if something is found; its input, in base64, belongs into `testkit/fuzz/found/`.
 */
const [secondsText = '10', executionsText = 'Infinity', only = 'all', seedText] = process.argv.slice(2);
const seed = seedText === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(seedText);
for (const target of targets.filter(({ name }) => only === 'all' || name === only)) {
  const order = { seed, millisMax: Number(secondsText) * 1_000, executionsMax: Number(executionsText) };
  const { name, executions, millis, found } = fuzz(target, order);
  const rate = Math.round(executions / millis);
  process.stdout.write(
    `${name}: ${executions} executions in ${(millis / 1_000).toFixed(1)} s (${rate} k/s), seed ${seed}\n`,
  );
  if (found === undefined) continue;
  process.stdout.write(`${name}: FOUND ${found.input.toString('base64')}\n${found.why}\n`);
  process.exitCode = 1;
}

if (only === 'all' || only === 'recovery') {
  // Files are written and read: thousands, not millions.
  const runs = Math.min(Number(executionsText), 20 * Number(secondsText));
  const { refused, opened } = await fuzzRecovery(runs, seed);
  process.stdout.write(
    `recovery: ${runs} harmed journals, ${refused} refused, ${opened} started unaltered, seed ${seed}\n`,
  );
}
