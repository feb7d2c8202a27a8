import { killGateways } from './gateway-kills.ts';

/**
 * `npm run deep:gateway-kill [kills] [seed]`: kills the whole gateway at random instants under load (R5, G-7). Exits with
 * 1 if a result that an agent got, or a call that a server got, is not in the record; throws where labels or limits are wrong. Ends
 * within ten minutes, with as many kills as there was time for.
 */
const [killsText = '100', seedText] = process.argv.slice(2);
const seed = seedText === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(seedText);
const started = performance.now();
// Told first: whatever throws is to be run again.
process.stderr.write(`seed ${seed}\n`);

const found = await killGateways(Number(killsText), seed, done => {
  if (done % 10 === 0) process.stderr.write(`${done} kills\n`);
});
process.stdout.write(
  `seed ${found.seed}: ${found.kills} of ${killsText} kills of the gateway; ${found.acknowledged} results reached the agent, ${found.lost} not in the record; ` +
    `${found.sent} calls reached the server, ${found.undecided} without a decision; ${found.unresolved} decisions left without an outcome; ` +
    `${found.entries} entries, longest start ${found.longestStartMillis} ms; ${((performance.now() - started) / 1_000).toFixed(1)} s\n`,
);
process.exitCode = found.lost + found.undecided === 0 && found.acknowledged > 0 ? 0 : 1;
