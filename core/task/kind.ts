import type { AgentId, Instant, ServerId } from '../model/ids.ts';
import { type Sensitivity, sensitivityRank } from '../model/sensitivity.ts';
import type { Manifest, TaskKind, TaskLimits } from '../model/task.ts';
import type { Wanted } from './delegate.ts';
import { isIdleWithin, limitNames } from './limits.ts';
import { narrows } from './manifest.ts';

/**
 * A kind of task: what every task of it may be at most, and who may open one. It stands beside the policies and comes
 * into force with them, under the same digest.
 */
export interface TaskKindRule {
  readonly name: TaskKind;
  readonly about: string;
  /** The agents that may work on it; undefined: every one. */
  readonly agents: readonly AgentId[] | undefined;
  /** `operator`, `principal`, or `agent:ID` of a workload that may open one for another agent. */
  readonly openers: readonly string[];
  readonly manifest: Manifest;
  readonly ceiling: Sensitivity;
  readonly segments: readonly string[] | undefined;
  readonly audience: readonly ServerId[] | undefined;
  readonly limits: Partial<TaskLimits>;
  /** Where nobody names its tools, they are those that earlier tasks used (`learned.ts`); absent: nothing is learned. */
  readonly learn?: { readonly since?: Instant };
}

export type Shaped =
  | { readonly ok: true; readonly wanted: Wanted }
  | { readonly ok: false; readonly field: string; readonly why: string };

/** What is asked for, within what the kind allows; what is not asked for is the kind's, and then what was learned of it. */
export function shapedBy(kind: TaskKindRule, agent: AgentId, wanted: Wanted, learned?: readonly string[]): Shaped {
  if (kind.agents?.includes(agent) === false) return { ok: false, field: 'agent', why: `does no task of this kind` };
  const manifest: Manifest = {
    tools: wanted.manifest.tools ?? kind.manifest.tools ?? learned,
    resources: wanted.manifest.resources ?? kind.manifest.resources,
    destinations: wanted.manifest.destinations ?? kind.manifest.destinations,
  };
  const field = narrows(kind.manifest, manifest);
  if (field !== undefined) return { ok: false, field, why: outside };
  const ceiling = wanted.ceiling ?? kind.ceiling;
  if (sensitivityRank(ceiling) > sensitivityRank(kind.ceiling)) return { ok: false, field: 'ceiling', why: outside };
  const segments = wanted.segments ?? kind.segments;
  if (!isWithin(kind.segments, segments)) return { ok: false, field: 'segments', why: outside };
  const audience = wanted.audience ?? kind.audience;
  if (!isWithin(kind.audience, audience)) return { ok: false, field: 'audience', why: outside };
  const limits = { ...kind.limits, ...wanted.limits };
  const wide = limitNames.find(name => !((limits[name] ?? 0) <= (kind.limits[name] ?? Number.POSITIVE_INFINITY)));
  if (wide !== undefined) return { ok: false, field: `limits.${wide}`, why: outside };
  if (!isIdleWithin(kind.limits.idleSecondsMax, limits.idleSecondsMax))
    return { ok: false, field: 'limits.idleSecondsMax', why: outside };
  return { ok: true, wanted: { manifest, ceiling, segments, audience, limits } };
}

const outside = 'is more than a task of this kind may have';

function isWithin(outer: readonly string[] | undefined, inner: readonly string[] | undefined): boolean {
  return outer === undefined || inner?.every(word => outer.includes(word)) === true;
}
