import { sensitivitiesLowestFirst } from '@sallyport/core/model/sensitivity.ts';
import type { TaskLimits } from '@sallyport/core/model/task.ts';
import { limitNames } from '@sallyport/core/task/limits.ts';
import type { TaskOrder } from './control.ts';
import type { Fields } from './fields.ts';

/** What an operator says when a task is opened. Only its form is looked at here; the room holds it against what there is. */
export function taskOrder(fields: Fields): TaskOrder {
  const order: TaskOrder = {
    kind: fields.oneOf('kind', ['opened', 'ambient']) ?? 'opened',
    agent: fields.required('agent'),
    principal: fields.text('principal'),
    purpose: fields.text('purpose') ?? '',
    manifest: {
      tools: fields.texts('tools'),
      resources: fields.texts('resources'),
      destinations: fields.texts('destinations'),
    },
    ceiling: fields.oneOf('ceiling', sensitivitiesLowestFirst),
    limits: limitsOf(fields.below('limits')),
  };
  fields.done();
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
