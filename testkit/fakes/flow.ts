import type { Label } from '@sallyport/core/model/label.ts';
import type { FlowFacts } from '@sallyport/core/policy/engine.ts';
import { flowFacts } from '@sallyport/core/provenance/facts.ts';
import { nothingLooked } from '@sallyport/core/provenance/memories.ts';

/** The facts of a call without arguments in a task with these labels. */
export function fakeFlow(labels: readonly Label[] = [], over: Partial<FlowFacts> = {}): FlowFacts {
  return { ...flowFacts(new Set(labels), nothingLooked), ...over };
}
