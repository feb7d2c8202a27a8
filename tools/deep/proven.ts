import { proven } from '@sallyport/testkit/policy/proven.ts';

/**
 * `npm run deep:proven [requests] [seed]`: `decide` against a receipt's checker that holds what the policies look at, on random policies,
 * random requests and random chains of agents (D-7). Exits with 1 at the first difference, with all that is needed to see it. Ends within
 * its minutes: what no longer fits is not decided, and not counted.
 */
const millisMax = 540_000;
const [requestsText = '50000', seedText] = process.argv.slice(2);
const seed = seedText === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(seedText);
process.stdout.write(`seed ${seed}\n`);
const started = performance.now();
let told = started;
const { requests, seen, unasked, differences } = proven({
  ...{ seed, requests: Number(requestsText), policiesMax: 48, requestsPerSet: 100 },
  goesOn: done => {
    const now = performance.now();
    if (now - told > 10_000) {
      told = now;
      process.stderr.write(`${done} requests, ${seconds()} s\n`);
    }
    return now - started < millisMax;
  },
});
const counts = Object.entries(seen).map(([what, count]) => `${what} ${count}`);
process.stdout.write(
  `${requests} of ${requestsText} requests; ${counts.join(', ')}; ${unasked} cannot be decided again; ` +
    `${differences.length} differences; ${seconds()} s\n`,
);
for (const difference of differences) process.stdout.write(`${difference}\n`);
process.exitCode = differences.length === 0 ? 0 : 1;

function seconds(): string {
  return ((performance.now() - started) / 1000).toFixed(1);
}
