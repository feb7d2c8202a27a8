import { corpusDir, runCorpus } from '@sallyport/testkit/policy/corpus.ts';
import { pacing, seconds, skipped } from './run.ts';

/**
 * `CEDAR_CORPUS_DIR=… npm run deep:cedar`: every request of Cedar's public decision corpus through our own reading of
 * files, scopes and numbers (R1). Takes some minutes, ten at most: what no longer fits is not compared, and not counted.
 */
const dir = corpusDir();
if (dir === undefined)
  skipped('CEDAR_CORPUS_DIR names no checkout of cedar-policy/cedar-integration-tests with its archive unpacked');
const { all, files, compared, refusedNumbers, refusedSets, differences } = runCorpus(dir, 1, pacing('files'));
process.stdout.write(
  `${files} of ${all} files, ${compared} requests compared, ${refusedNumbers} refused for integers beyond ±(2^53−1), ` +
    `${differences.length} differences; ${seconds()}\n`,
);
for (const [why, count] of refusedSets) process.stdout.write(`${count} policy sets refused: ${why}\n`);
for (const difference of differences.slice(0, 20)) process.stdout.write(`${difference}\n`);
process.exitCode = differences.length === 0 && compared > 0 ? 0 : 1;
