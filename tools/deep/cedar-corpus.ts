import { corpusDir, runCorpus } from '@sallyport/testkit/policy/corpus.ts';
import { seconds, skipped } from './run.ts';

/**
 * `CEDAR_CORPUS_DIR=… npm run deep:cedar`: every request of Cedar's public decision corpus through our own reading of
 * files, scopes and numbers (R1). Takes some minutes.
 */
const dir = corpusDir();
if (dir === undefined)
  skipped('CEDAR_CORPUS_DIR names no checkout of cedar-policy/cedar-integration-tests with its archive unpacked');
const { files, compared, refusedNumbers, refusedSets, differences } = runCorpus(dir);
process.stdout.write(
  `${files} files, ${compared} requests compared, ${refusedNumbers} refused for integers beyond ±(2^53−1), ` +
    `${differences.length} differences; ${seconds()}\n`,
);
for (const [why, count] of refusedSets) process.stdout.write(`${count} policy sets refused: ${why}\n`);
for (const difference of differences.slice(0, 20)) process.stdout.write(`${difference}\n`);
process.exitCode = differences.length === 0 && compared > 0 ? 0 : 1;
