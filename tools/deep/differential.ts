import { differential } from '@sallyport/testkit/policy/differential.ts';
import { orderOf, pacing, seconds } from './run.ts';

/**
 * `npm run deep:differential [requests] [seed]`: `decide` against an independent reference, and slices against whole
 * sets, on random policies and requests (R1). Exits with 1 at the first difference, with all that is needed to see it.
 */
const { count: requests, seed } = orderOf(process.argv.slice(2), 200_000);

const report = differential({
  seed,
  requests,
  policiesMax: 24,
  requestsPerSet: 100,
  wholeSetEvery: 1,
  goesOn: pacing('requests'),
});

const { answers } = report;
process.stdout.write(
  `seed ${seed}: ${report.requests} of ${requests} requests, ${report.sets} sets, ${report.policies} policies; ` +
    `permit ${answers.permit}, ask ${answers.ask}, deny ${answers.deny}, fault ${answers.fault}; ` +
    `${report.differences.length} differences; ${seconds()}\n`,
);
for (const difference of report.differences) process.stdout.write(`${difference}\n`);
process.exitCode = report.differences.length === 0 && report.requests > 0 ? 0 : 1;
