import { killGateways } from './gateway-kills.ts';
import { orderOf, pacing, seconds } from './run.ts';

/**
 * `npm run deep:gateway-kill [kills] [seed]`: kills the whole gateway at random instants under load (R5, G-7). Exits with
 * 1 if a result that an agent got, or a call that a server got, is not in the record; throws where labels or limits are wrong. Ends
 * within ten minutes, with as many kills as there was time for.
 */
const { count, seed } = orderOf(process.argv.slice(2), 100);
const goesOn = pacing('kills');
const found = await killGateways(count, seed, goesOn);
process.stdout.write(
  `seed ${found.seed}: ${found.kills} of ${count} kills of the gateway; ${found.acknowledged} results reached the agent, ${found.lost} not in the record; ` +
    `${found.sent} calls reached the server, ${found.undecided} without a decision; ${found.unresolved} decisions left without an outcome; ` +
    `${found.entries} entries, longest start ${found.longestStartMillis} ms; ${seconds()}\n`,
);
process.exitCode = found.lost + found.undecided === 0 && found.acknowledged > 0 ? 0 : 1;
