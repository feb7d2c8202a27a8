import { seeded } from '@sallyport/testkit/random.ts';
import { noChains, tryChain } from '@sallyport/testkit/tasks/chain.ts';
import { orderOf, pacing, seconds } from './run.ts';

/**
 * `npm run deep:delegation [chains] [seed]`: random chains of delegation, in which every link asks for whatever it likes.
 * No child is ever wider than any task above it, and no budget is handed out twice (D-7). Exits with 1 at the first that is.
 */
const { count: chains, seed } = orderOf(process.argv.slice(2), 1_000_000);
const goesOn = pacing('chains');
const random = seeded(seed);
const count = noChains();
try {
  while (count.chains < chains && goesOn(count.chains)) tryChain(random, count);
} catch (thrown) {
  process.stdout.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 1;
}
process.stdout.write(
  `seed ${seed}: ${count.chains} of ${chains} chains, ${count.links} links asked for, ${count.granted} granted, ${count.refused} refused; ` +
    `${process.exitCode === 1 ? 'one' : 'none'} wider than above; ${seconds()}\n`,
);
