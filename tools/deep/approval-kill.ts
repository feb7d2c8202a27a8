import { killWithQuestions } from './approval-kills.ts';
import { orderOf, pacing, seconds } from './run.ts';

/**
 * `npm run deep:approval-kill [kills] [seed]`: kills the whole gateway while agents ask, a person answers and the answers are used (R5,
 * R9). Exits with 1 if a question or a yes is gone after a start, or a yes was worth another number of actions than one.
 */
const { count, seed } = orderOf(process.argv.slice(2), 40);
const found = await killWithQuestions(count, seed, pacing('kills'));
process.stdout.write(
  `seed ${found.seed}: ${found.kills} of ${count} kills of the gateway; ${found.asked} questions, ${found.lost} not as they were; ` +
    `${found.performed} actions reached the server, ${found.wrong} without a yes or not once; ` +
    `${found.cut} uses were cut, of which the server had got ${found.cutSent}; ${seconds()}\n`,
);
process.exitCode = found.lost + found.wrong === 0 && found.performed > 0 ? 0 : 1;
