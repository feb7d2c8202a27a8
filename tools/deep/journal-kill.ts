import { killWriters } from '@sallyport/testkit/journal/kills.ts';
import { orderOf, pacing, seconds } from './run.ts';

/**
 * `npm run deep:journal-kill [kills] [seed]`: kills a writer of a journal at random instants and looks for what it was
 * told is durable (R5). Exits with 1 if anything is lost.
 */
const { count, seed } = orderOf(process.argv.slice(2), 100);
const goesOn = pacing('kills');

const report = await killWriters(count, seed, goesOn);
process.stdout.write(
  `seed ${report.seed}: ${report.kills} of ${count} kills; ${report.acknowledged} decisions acknowledged, ${report.lost} lost; ` +
    `${report.entries} entries, ${report.torn} torn batches cut off, ${report.restored} entries written again, ` +
    `${report.overZeros} kills over laid-out zeros; ` +
    `${seconds()}\n`,
);
process.exitCode = report.lost === 0 && report.acknowledged > 0 ? 0 : 1;
