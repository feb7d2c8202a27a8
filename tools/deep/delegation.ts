import { seeded } from '@sallyport/testkit/policy/random.ts';
import { noChains, tryChain } from '@sallyport/testkit/tasks/chain.ts';

/**
 * `npm run deep:delegation [chains] [seed]`: random chains of delegation, in which every link asks for whatever it likes.
 * No child is ever wider than any task above it, and no budget is handed out twice (D-7). Exits with 1 at the first that is.
 */
const [chainsText = '1000000', seedText] = process.argv.slice(2);
const chains = Number(chainsText);
const seed = seedText === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(seedText);
const started = performance.now();
const random = seeded(seed);
const count = noChains();
try {
  while (count.chains < chains) tryChain(random, count);
} catch (thrown) {
  process.stdout.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 1;
}
const seconds = ((performance.now() - started) / 1000).toFixed(1);
process.stdout.write(
  `seed ${seed}: ${count.chains} chains, ${count.links} links asked for, ${count.granted} granted, ${count.refused} refused; ` +
    `${process.exitCode === 1 ? 'one' : 'none'} wider than above; ${seconds} s\n`,
);
