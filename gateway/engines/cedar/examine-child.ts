import { setFlagsFromString } from 'node:v8';
import type { CedarSchema } from '@sallyport/core/policy/schema.ts';
import { type Examined, Examiner } from './examine.ts';
import { freshCedar } from './instance.ts';
import { sample } from './sample-set.ts';

/** Texts alone come ahead of the set that they are of. */
export interface Order {
  readonly policies: readonly Examined[];
  readonly schema?: CedarSchema;
}

// It lives for one answer, so optimising the engine's code only costs. By now Node's own modules are there: those of a process
// that is started with a flag of the engine's are compiled anew.
for (const flag of ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) setFlagsFromString(flag);
const examiner = new Examiner(freshCedar());
// The engine's functions are compiled when they are first called: better while there is nothing to read yet.
examiner.examine(sample.policies, sample.schema);

// Listening keeps this process alive until it is ended: were it to end by itself, its end could overtake its answer.
process.on('message', ({ policies, schema }: Order) => {
  if (schema === undefined) examiner.parse(policies);
  else process.send?.(examiner.examine(policies, schema));
});
