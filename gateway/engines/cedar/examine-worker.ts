import { parentPort, workerData } from 'node:worker_threads';
import type { CedarSchema } from '@sallyport/core/policy/schema.ts';
import { type Examined, examine } from './examine.ts';

const order = workerData as { readonly policies: readonly Examined[]; readonly schema: CedarSchema };
parentPort?.postMessage(examine(order.policies, order.schema));
