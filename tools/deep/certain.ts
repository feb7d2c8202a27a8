import { certainAgainstEngine } from '@sallyport/testkit/policy/certain.ts';
import { orderOf, pacing, seconds } from './run.ts';

/**
 * `npm run deep:certain [outcomes] [seed]`: what is said of random policies before the engine is asked, against what the
 * engine makes of them (R1). Exits with 1 at the first policy that was said to fail and did not.
 */
const { count, seed } = orderOf(process.argv.slice(2), 10_000_000);
const { outcomes, engine, certain, differences } = certainAgainstEngine({
  seed,
  outcomes: count,
  goesOn: pacing('outcomes'),
});
process.stdout.write(
  `seed ${seed}: ${outcomes} of ${count} outcomes; holds ${engine.holds}, fails ${engine.fails}, errs ${engine.errs}; ` +
    `${certain} said to fail; ${differences.length} differences; ${seconds()}\n`,
);
for (const difference of differences) process.stdout.write(`${difference}\n`);
process.exitCode = differences.length === 0 && outcomes > 0 ? 0 : 1;
