import type { Agent } from '@sallyport/core/model/agent.ts';
import { failsBy, type Known } from './certain.ts';
import type { Facts, Values } from './facts.ts';
import type { LoadedPolicy } from './policy.ts';

/** What is known of a request when the engine is about to be asked: values in the order of the facts that were read. */
export interface KnownOfRequest {
  readonly values: Values;
  readonly agent: Agent;
}

/** Of each policy of a slice whether it certainly fails; policies of which that is never certain are not among them. */
export type Fails = ReadonlyMap<LoadedPolicy, (known: KnownOfRequest) => boolean>;

/** Reads the very values that the engine is given: what is not there, or is neither `true` nor `false`, is not certain. */
export function failsOf(policies: readonly LoadedPolicy[], facts: Facts): Fails {
  const known: Known<KnownOfRequest> = (variable, [name, member, ...more]) => {
    if (more.length > 0 || name === undefined) return undefined;
    if (variable === 'principal' && member === undefined) return principalFact(name);
    if (variable !== 'context') return undefined;
    const at = facts.findIndex(fact => fact.part === name && fact.member === member);
    return at < 0 ? undefined : ({ values }) => truth(values[at]);
  };
  return new Map(
    policies.flatMap(policy => {
      const fails = failsBy(policy.conditions, known);
      return fails === undefined ? [] : [[policy, fails] as const];
    }),
  );
}

function principalFact(name: string): ((known: KnownOfRequest) => boolean | undefined) | undefined {
  if (name === 'shared') return ({ agent }) => truth(agent.shared);
  return name === 'vendor' ? ({ agent }) => truth(agent.vendor) : undefined;
}

function truth(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** The policies of a slice that may hold or err: only they can make a difference. */
export function openOf(policies: readonly LoadedPolicy[], fails: Fails, known: KnownOfRequest): LoadedPolicy[] {
  return policies.filter(policy => fails.get(policy)?.(known) !== true);
}
