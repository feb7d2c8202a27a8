import { proven } from '@sallyport/testkit/policy/proven.ts';
import { orderOf, pacing, seconds } from './run.ts';

/**
 * `npm run deep:proven [requests] [seed]`: `decide` against a receipt's checker that holds what the policies look at, on random policies,
 * random requests and random chains of agents (D-7). Exits with 1 at the first difference, with all that is needed to see it. Ends within
 * its minutes: what no longer fits is not decided, and not counted.
 */
const { count, seed } = orderOf(process.argv.slice(2), 50_000);
const { requests, seen, unasked, differences } = proven({
  ...{ seed, requests: count, policiesMax: 48, requestsPerSet: 100 },
  goesOn: pacing('requests'),
});
const counts = Object.entries(seen).map(([what, count]) => `${what} ${count}`);
process.stdout.write(
  `seed ${seed}: ${requests} of ${count} requests; ${counts.join(', ')}; ${unasked} cannot be decided again; ` +
    `${differences.length} differences; ${seconds()}\n`,
);
for (const difference of differences) process.stdout.write(`${difference}\n`);
process.exitCode = differences.length === 0 && requests > 0 ? 0 : 1;
