import type { PolicyInfo } from '@sallyport/core/policy/engine.ts';
import type { Condition } from './expression.ts';
import { looksAtApproval, type Mentions, mentionsOf } from './mentions.ts';
import { matches, type Placed, type Scope } from './scope.ts';

/** One policy of a set that has passed every check, in the forms in which it is asked. */
export interface LoadedPolicy {
  readonly info: PolicyInfo;
  readonly scope: Scope;
  readonly conditions: readonly Condition[];
  /** As it was written. */
  readonly text: string;
  /** With the scope `(principal, action, resource)`: for requests that are known to match the scope. */
  readonly unscoped: string;
}

/** A request's three entities, as scopes see them. */
export interface Subject {
  readonly principal: Placed;
  readonly action: Placed;
  readonly resource: Placed;
}

/** Whether the policy's scope matches. What does not match cannot change a decision, its reasons or its errors. */
export function appliesTo({ scope }: LoadedPolicy, { principal, action, resource }: Subject): boolean {
  return matches(scope.action, action) && matches(scope.resource, resource) && matches(scope.principal, principal);
}

/** Policies that are always asked together, and what they may look at. */
export interface Slice {
  readonly name: string;
  readonly policies: readonly LoadedPolicy[];
  readonly mentions: Mentions;
  /** False if no policy in it looks at `context.approved`: a yes would change nothing. */
  readonly approvalMatters: boolean;
  /** The scopes of its policies are known to match: they are asked without them, and so can each part of them be. */
  readonly isResolved: boolean;
}

export function makeSlice(name: string, policies: readonly LoadedPolicy[]): Slice {
  const mentions = mentionsOf(policies.flatMap(({ conditions }) => conditions));
  return { name, policies, mentions, approvalMatters: looksAtApproval(mentions), isResolved: true };
}

/** A forbid without conditions: whatever matches its scope is denied. */
export function isUnconditionalForbid({ info, conditions }: LoadedPolicy): boolean {
  return info.effect === 'forbid' && conditions.length === 0;
}
