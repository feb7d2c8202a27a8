import { differential } from '@sallyport/testkit/policy/differential.ts';

/**
 * `npm run deep:differential [requests] [seed]`: `decide` against an independent reference, and slices against whole
 * sets, on random policies and requests (R1). Exits with 1 at the first difference, with all that is needed to see it.
 */
const [requestsText = '200000', seedText] = process.argv.slice(2);
const requests = Number(requestsText);
const seed = seedText === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(seedText);
const started = performance.now();
let shown = 0;

const report = differential({
  seed,
  requests,
  policiesMax: 24,
  requestsPerSet: 100,
  wholeSetEvery: 1,
  onProgress: done => {
    const tenth = Math.floor((done / requests) * 10);
    if (tenth === shown) return;
    shown = tenth;
    process.stderr.write(`${done} requests, ${seconds()} s\n`);
  },
});

const { answers } = report;
process.stdout.write(
  `seed ${seed}: ${report.requests} requests, ${report.sets} sets, ${report.policies} policies; ` +
    `permit ${answers.permit}, ask ${answers.ask}, deny ${answers.deny}, fault ${answers.fault}; ` +
    `${report.differences.length} differences; ${seconds()} s\n`,
);
for (const difference of report.differences) process.stdout.write(`${difference}\n`);
process.exitCode = report.differences.length === 0 ? 0 : 1;

function seconds(): string {
  return ((performance.now() - started) / 1000).toFixed(1);
}
