import type { Instant } from '@sallyport/core/model/ids.ts';
import type { Task, Use } from '@sallyport/core/model/task.ts';
import { killOf, scopeText } from '@sallyport/core/task/kill.ts';
import { endsAt, isOver } from '@sallyport/core/task/standing.ts';
import type { Kill, State } from '@sallyport/core/task/state.ts';
import type { KillView } from '../api/view/status.ts';
import type { TaskView } from '../api/view/task.ts';

export function taskView(task: Task, reserved: Use, state: State, now: Instant): TaskView {
  const { id, kind, agent, principal, opener, purpose, openedAt, ceiling, depth, limits, used } = task;
  const { tools, resources, destinations } = task.manifest;
  return {
    id,
    kind,
    agent,
    principal,
    opener,
    purpose,
    state: stateOf(task, state, now),
    openedAt,
    endsAt: endsAt(task),
    ...(task.state.kind === 'ended' ? { ended: endingOf(task.state) } : {}),
    ...(tools === undefined ? {} : { tools }),
    ...(resources === undefined ? {} : { resources }),
    ...(destinations === undefined ? {} : { destinations }),
    ceiling,
    ...(task.segments === undefined ? {} : { segments: task.segments }),
    ...(task.audience === undefined ? {} : { audience: task.audience }),
    ...(task.suspended === undefined ? {} : { suspended: task.suspended }),
    ...(task.parent === undefined ? {} : { parent: task.parent }),
    depth,
    ...(task.endsWith === undefined ? {} : { endsWith: task.endsWith }),
    limits,
    used,
    reserved,
    labels: task.sources,
    ...(task.declassified === undefined ? {} : { declassified: task.declassified }),
    ...(task.endorsements.length === 0 ? {} : { endorsed: task.endorsements }),
  };
}

function endingOf({ at, by, why }: Task['state'] & { kind: 'ended' }): NonNullable<TaskView['ended']> {
  return { at, by, why };
}

function stateOf(task: Task, state: State, now: Instant): TaskView['state'] {
  if (task.state.kind === 'ended') return 'ended';
  if (killOf(state, task.agent, task.id) !== undefined) return 'killed';
  if (isOver(task, now)) return 'expired';
  return task.suspended === undefined ? 'open' : 'suspended';
}

export function killViews(state: State): KillView[] {
  return [...state.kills.values()].map(killView);
}

function killView({ scope, at, by, why }: Kill): KillView {
  return { scope: scopeText(scope), at, by, why };
}
