import type { CedarSchema } from '@sallyport/core/policy/schema.ts';
import { type Examined, examine } from './examine.ts';
import { freshCedar } from './instance.ts';
import { sample } from './sample-set.ts';

interface Order {
  readonly policies: readonly Examined[];
  readonly schema: CedarSchema;
}

const cedar = freshCedar();
// The engine's functions are compiled when they are first called: better while there is nothing to read yet.
examine(sample.policies, sample.schema, cedar);

// Listening keeps this process alive until it is ended: were it to end by itself, its end could overtake its answer.
process.on('message', ({ policies, schema }: Order) => {
  process.send?.(examine(policies, schema, cedar));
});
