import type { CedarSchema } from '@sallyport/core/policy/schema.ts';
import { type Examined, examine } from './examine.ts';

process.once('message', (order: { readonly policies: readonly Examined[]; readonly schema: CedarSchema }) => {
  process.send?.(examine(order.policies, order.schema));
});
