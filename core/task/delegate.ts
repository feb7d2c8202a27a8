import type { Instant, ServerId } from '../model/ids.ts';
import { type Sensitivity, sensitivityRank } from '../model/sensitivity.ts';
import { type Manifest, type Task, type TaskLimits, type Use, vouched } from '../model/task.ts';
import { isIdleWithin, plus } from './limits.ts';
import { lineageMax } from './lineage.ts';
import { narrows } from './manifest.ts';
import { endsAt } from './standing.ts';

/**
 * Delegation: what a child task may be, given its parent. Everything is a subset or it is refused; what is not asked for
 * is the parent's own, of budgets half of what is left. Pure: the same for an operator, a token exchange and an agent.
 */

/** Everything in which a task is bounded. */
export interface Bounds {
  readonly manifest: Manifest;
  readonly ceiling: Sensitivity;
  readonly segments: readonly string[] | undefined;
  readonly audience: readonly ServerId[] | undefined;
  readonly limits: TaskLimits;
  readonly depth: number;
  readonly opener: Task['opener'];
}

export interface Wanted {
  readonly manifest: Manifest;
  readonly ceiling: Sensitivity | undefined;
  readonly segments: readonly string[] | undefined;
  readonly audience: readonly ServerId[] | undefined;
  readonly limits: Partial<TaskLimits>;
}

export type Delegation =
  | { readonly ok: true; readonly bounds: Bounds }
  /** The field that would reach beyond the parent, and why in words. */
  | { readonly ok: false; readonly field: string; readonly why: string };

/** `reserved`: set aside for calls of the parent that are under way. */
export function delegate(parent: Task, reserved: Use, wanted: Wanted, now: Instant): Delegation {
  if (parent.limits.depthMax < 1 || parent.depth + 1 > lineageMax) return beyond('parent', 'it may not delegate');
  const manifest = inherited(parent.manifest, wanted.manifest);
  const part = narrows(parent.manifest, manifest);
  if (part !== undefined) return beyond(part, 'names more than the task that delegates');
  const ceiling = wanted.ceiling ?? parent.ceiling;
  if (sensitivityRank(ceiling) > sensitivityRank(parent.ceiling))
    return beyond('ceiling', `is above that of the task that delegates (${parent.ceiling})`);
  if (parent.segments === undefined)
    return beyond(
      'segments',
      'the task that delegates works nowhere yet: it acts first, or is opened with its segments',
    );
  const segments = wanted.segments ?? parent.segments;
  if (!isSubset(segments, parent.segments)) return beyond('segments', 'names one in which the task does not work');
  const audience = wanted.audience ?? parent.audience;
  if (parent.audience !== undefined && !isSubset(audience ?? [], parent.audience))
    return beyond('audience', 'names a server that the task may not reach');
  const limits = limitsWithin(parent, reserved, wanted.limits, now);
  if ('field' in limits) return { ok: false, ...limits };
  // A child of somebody who counts for nothing counts for nothing.
  const opener = vouched(parent) ? parent.opener : 'claimed';
  return { ok: true, bounds: { manifest, ceiling, segments, audience, limits, depth: parent.depth + 1, opener } };
}

function inherited(parent: Manifest, wanted: Manifest): Manifest {
  return {
    tools: wanted.tools ?? parent.tools,
    resources: wanted.resources ?? parent.resources,
    destinations: wanted.destinations ?? parent.destinations,
  };
}

/** What is left of the parent's budgets and of its time. */
function leftOf({ limits, used, lent, ...parent }: Task, reserved: Use, now: Instant): TaskLimits {
  const gone = plus(plus(used, lent), reserved);
  return {
    ...limits,
    callsMax: limits.callsMax - gone.calls,
    bytesMax: limits.bytesMax - gone.bytes,
    spendCentsMax: limits.spendCentsMax - gone.spendCents,
    // A whole second may have begun: rounding down ends the child no later than its parent.
    secondsMax: Math.floor((endsAt({ ...parent, limits, used, lent }) - now) / 1000),
    depthMax: limits.depthMax - 1,
  };
}

function limitsWithin(
  parent: Task,
  reserved: Use,
  wanted: Partial<TaskLimits>,
  now: Instant,
): TaskLimits | { field: string; why: string } {
  const left = leftOf(parent, reserved, now);
  const limits: TaskLimits = {
    ...left,
    callsMax: Math.floor(left.callsMax / 2),
    bytesMax: Math.floor(left.bytesMax / 2),
    spendCentsMax: 0,
    ...wanted,
  };
  for (const name of ['callsMax', 'bytesMax', 'spendCentsMax', 'secondsMax', 'depthMax'] as const) {
    const field = `limits.${name}`;
    if (!(limits[name] <= left[name]))
      return { field, why: `is more than the task that delegates has left (${left[name]})` };
    const least = name === 'spendCentsMax' || name === 'depthMax' ? 0 : 1;
    if (limits[name] < least) return { field, why: 'nothing is left of it' };
  }
  if (!isIdleWithin(left.idleSecondsMax, limits.idleSecondsMax))
    return { field: 'limits.idleSecondsMax', why: 'is more than that of the task that delegates' };
  return limits;
}

function isSubset(inner: readonly string[], outer: readonly string[]): boolean {
  return inner.every(word => outer.includes(word));
}

function beyond(field: string, why: string): Delegation {
  return { ok: false, field, why };
}
