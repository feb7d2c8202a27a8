import { type PolicyJson, policyToJson } from '@cedar-policy/cedar-wasm/nodejs';
import { type Look, looksOf } from './looks-at.ts';
import { membersOf } from './members.ts';
import type { ShownPolicy } from './shown.ts';

/** A policy with what Cedar itself reads in it. */
export interface ReadPolicy extends ShownPolicy {
  readonly json: PolicyJson;
  readonly looks: readonly Look[];
}

/** An agent as it stands among the facts: whoever acts, or one who delegated to it or asked it. */
export interface ShownAgent {
  readonly id: string;
  readonly classes?: readonly string[];
  readonly team?: string;
  /** Of an actor: it asked another agent, and what it may not do itself is not done for it. */
  readonly asks?: boolean;
}

/** Throws if one of them is no policy. */
export function readPolicies(policies: readonly ShownPolicy[]): ReadPolicy[] {
  return policies.map(policy => {
    const read = policyToJson(policy.text);
    if (read.type !== 'success') throw new Error(`policy ${policy.id} is none`);
    return { ...policy, json: read.json, looks: looksOf(read.json.conditions.map(({ body }) => body)) };
  });
}

/** Those whose scope names this agent, or any: facts that only the others look at are not asked for, and change nothing. */
export function sliceFor(policies: readonly ReadPolicy[], agent: ShownAgent): ReadPolicy[] {
  return policies.filter(({ json }) => names(json.principal, agent));
}

/** A form that is not known names everybody: Cedar, which gets the policy as it was written, then says whether it does. */
function names(constraint: PolicyJson['principal'], { id, classes = [], team }: ShownAgent): boolean {
  const groups = [...classes.map(name => ['AgentClass', name]), ...(team === undefined ? [] : [['Team', team]])];
  const isIn = (entity: unknown): boolean => [['Agent', id], ...groups].some(own => own.join() === uid(entity).join());
  const { op } = constraint;
  if (op === '==' && 'entity' in constraint) return ['Agent', id].join() === uid(constraint.entity).join();
  if (op === 'in' && 'entity' in constraint) return isIn(constraint.entity);
  if (op !== 'is') return true;
  const within = constraint.in !== undefined && 'entity' in constraint.in ? constraint.in.entity : undefined;
  return constraint.entity_type === 'Agent' && (within === undefined || isIn(within));
}

/** Type and id of an entity, in either of the forms that Cedar writes. */
function uid(entity: unknown): readonly string[] {
  const { __entity: inner, type, id } = membersOf(entity);
  return inner === undefined ? [String(type), String(id)] : uid(inner);
}
