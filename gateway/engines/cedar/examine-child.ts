import type { CedarSchema } from '@sallyport/core/policy/schema.ts';
import { type Examined, examine } from './examine.ts';
import { freshCedar } from './instance.ts';

const cedar = freshCedar();

// Listening keeps this process alive until it is ended: were it to end by itself, its end could overtake its answer.
process.on('message', (order: { readonly policies: readonly Examined[]; readonly schema: CedarSchema }) => {
  process.send?.(examine(order.policies, order.schema, cedar));
});
