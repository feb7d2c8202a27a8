import { idPattern } from '@sallyport/core/model/ids.ts';
import { sensitivitiesLowestFirst } from '@sallyport/core/model/sensitivity.ts';
import { type Manifest, type TaskLimits, taskKindPattern } from '@sallyport/core/model/task.ts';
import { limitNames } from '@sallyport/core/task/limits.ts';
import type { AccessOrder, DeclassifyOrder, TaskOrder } from './control.ts';
import { type Fields, pick, wrong } from './fields.ts';

/** What an operator says when a task is opened. Only its form is looked at here; the room holds it against what there is. */
export function taskOrder(fields: Fields): TaskOrder {
  const who = {
    agent: fields.required('agent'),
    principal: fields.text('principal'),
    parent: fields.text('parent'),
  };
  return { ...who, ...bounds(fields) };
}

/** One authorization detail of type `agent_task`: who it is for stands in proofs, never in the detail. */
export function agentTask(fields: Fields, who: Pick<TaskOrder, 'agent' | 'principal' | 'parent'>): TaskOrder {
  if (fields.required('type') !== 'agent_task') throw wrong('type', 'must be agent_task');
  const order = bounds(fields);
  if (order.kind === 'ambient') throw wrong('kind', 'is no task that somebody opens');
  return { ...who, ...order };
}

function bounds(fields: Fields): Omit<TaskOrder, 'agent' | 'principal' | 'parent'> {
  const order = {
    kind: kindOf(fields),
    purpose: fields.text('purpose') ?? '',
    manifest: manifestOf(fields),
    ceiling: fields.oneOf('ceiling', sensitivitiesLowestFirst),
    segments: fields.texts('segments'),
    audience: fields.texts('audience'),
    endsWith: fields.text('endsWith'),
    limits: limitsOf(fields.below('limits')),
  };
  fields.done();
  return order;
}

export function manifestOf(fields: Fields): Manifest {
  return {
    tools: fields.texts('tools'),
    resources: fields.texts('resources'),
    destinations: fields.texts('destinations'),
  };
}

function kindOf(fields: Fields): string {
  const kind = fields.text('kind') ?? 'opened';
  if (!taskKindPattern.test(kind)) throw wrong('kind', 'must be opened, ambient or the name of a kind of task');
  return kind;
}

/** What is lowered is one outcome (`entry`), one `value`, or all that the task has read. */
export function declassifyOrder(fields: Fields): DeclassifyOrder {
  const [entry, value] = [fields.text('entry'), fields.text('value')];
  const to = pick('to', fields.required('to'), ['public', 'internal', 'confidential']);
  const why = fields.required('why');
  fields.done();
  if (entry !== undefined && value !== undefined) throw wrong('value', 'cannot stand beside `entry`');
  if (entry !== undefined && !idPattern.test(entry)) throw wrong('entry', 'is no whole id of an entry');
  return { entry, value, to, why };
}

/** `access` of a renewal; absent: none is wanted. */
export function accessOrder(fields: Fields): AccessOrder | undefined {
  if (fields.object('access') === undefined) return undefined;
  const access = fields.below('access');
  const order = { audience: access.required('audience'), seconds: access.count('seconds'), jkt: access.text('jkt') };
  access.done();
  return order;
}

/** Nothing may be spent and nothing delegated (0), but a task without a call, a second or a byte is none. */
const leastOf: Record<keyof TaskLimits, 0 | 1> = {
  callsMax: 1,
  spendCentsMax: 0,
  secondsMax: 1,
  bytesMax: 1,
  depthMax: 0,
  idleSecondsMax: 1,
};

function limitsOf(fields: Fields): Partial<TaskLimits> {
  const stated = [...limitNames, 'idleSecondsMax' as const].flatMap(name => {
    const value = fields.count(name, leastOf[name]);
    return value === undefined ? [] : [[name, value] as const];
  });
  fields.done();
  return Object.fromEntries(stated);
}
