import { killWriters } from '@sallyport/testkit/journal/kills.ts';

/**
 * `npm run deep:journal-kill [kills] [seed]`: kills a writer of a journal at random instants and looks for what it was
 * told is durable (R5). Exits with 1 if anything is lost.
 */
const [killsText = '100', seedText] = process.argv.slice(2);
const seed = seedText === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(seedText);
const started = performance.now();

const report = await killWriters(Number(killsText), seed, done => {
  if (done % 10 === 0) process.stderr.write(`${done} kills\n`);
});
process.stdout.write(
  `seed ${report.seed}: ${report.kills} kills; ${report.acknowledged} decisions acknowledged, ${report.lost} lost; ` +
    `${report.entries} entries, ${report.torn} torn batches cut off, ${report.restored} entries written again, ` +
    `${report.overZeros} kills over laid-out zeros; ` +
    `${((performance.now() - started) / 1_000).toFixed(1)} s\n`,
);
process.exitCode = report.lost === 0 ? 0 : 1;
