import type { TaskOpened } from '@sallyport/core/model/entry.ts';
import type { AgentId, TaskId } from '@sallyport/core/model/ids.ts';
import type { Task, TaskLimits, Use } from '@sallyport/core/model/task.ts';
import { type Bounds, delegate, type Wanted } from '@sallyport/core/task/delegate.ts';
import { shapedBy, type TaskKindRule } from '@sallyport/core/task/kind.ts';
import { share, sourcesKnown } from '@sallyport/core/task/task.ts';
import type { ApiError, Done, TaskOrder } from '../api/control.ts';
import { newSecret, secretHash } from '../secret/secret.ts';
import { type MayOpenFacts, mayDelegateFrom, type OpenedBy, openerOf, whyNotOpen } from './may-open.ts';
import { type CheckedOrder, checkOrder, limitsFor, type OrderFacts, wrong } from './order.ts';
import type { TaskPorts, TaskRoom } from './tasks.ts';

export interface Opened {
  readonly task: Task;
  /** Names the task; shown once, and kept nowhere. */
  readonly token: string;
}

export interface OpeningFacts extends OrderFacts, MayOpenFacts {
  /** The tools that earlier tasks of a kind used, where it learns and enough is known. */
  readonly learned?: (kind: TaskKindRule, agent: AgentId) => Promise<readonly string[] | undefined>;
}

export type Opening = (order: TaskOrder, by: OpenedBy) => Promise<Done<Opened>>;

interface Rooms {
  readonly room: TaskRoom;
  readonly ports: TaskPorts;
  readonly facts: OpeningFacts;
}

export const openTasksMax = 10_000;

/** The one way to a task that somebody asks for, whichever door the wish came through. */
export function createOpening(room: TaskRoom, ports: TaskPorts, facts: OpeningFacts): Opening {
  const rooms = { room, ports, facts };

  return async (order, by) => {
    const parent = order.parent === undefined ? undefined : parentOf(order.parent, by);
    // Who delegates does so on behalf of whom it works for.
    const onBehalf = order.principal ?? (parent?.ok ? parent.value.principal : undefined);
    const checked = checkOrder({ ...order, principal: onBehalf }, facts);
    if (!checked.ok) return checked;
    if (parent !== undefined && !parent.ok) return parent;
    const refusal = whyNotOpen(order, checked.value, by, parent?.value, facts);
    if (refusal !== undefined) return { ok: false, error: refusal };
    await room.endOverdue();
    if (room.openTasks().length >= openTasksMax) return { ok: false, error: tooMany };
    const learned = await learnedFor(order, checked.value.agent);
    // Others may have ended it meanwhile, or taken of what it has left: from here on nothing is awaited before that is set aside.
    const above = order.parent === undefined ? undefined : parentOf(order.parent, by);
    if (above !== undefined && !above.ok) return above;
    const bounds = boundsOf(order, checked.value.agent, by, above?.value, learned, rooms);
    if (!bounds.ok) return bounds;
    const token = newSecret('spt');
    const acted = by.kind === 'operator' ? by.acted : {};
    const fresh = by.kind !== 'prompt-hook' || by.fresh;
    const draft = {
      ...draftOf(order, checked.value, bounds.value, above?.value, fresh, rooms),
      ...(learned !== undefined && bounds.value.manifest.tools === learned ? { learned: true as const } : {}),
      ...(by.kind === 'holder' && by.asks !== undefined ? { asked: true as const, labels: by.asks.sources } : {}),
      ...acted,
      tokenHash: secretHash(token),
    };
    const task = await begin(draft, checked.value.purpose, share(bounds.value.limits));
    // One above may have ended while this was written down, and this one with it.
    if (task.state.kind === 'ended') return wrong('conflict', 'parent', `did not last: ${task.state.why}`);
    return { ok: true, value: { task, token } };
  };

  /** Until it is written down, and lent, what its parent lends it is nobody else's. */
  async function begin(draft: TaskOpened, purpose: string, lent: Use): Promise<Task> {
    if (draft.parent === undefined) return await room.begin(draft, purpose);
    const giveBack = room.reservations.lending(draft.parent, lent);
    try {
      return await room.begin(draft, purpose);
    } finally {
      giveBack();
    }
  }

  async function learnedFor({ kind, manifest }: TaskOrder, agent: AgentId): Promise<readonly string[] | undefined> {
    const rule = facts.kinds().get(kind);
    return rule === undefined || manifest.tools !== undefined ? undefined : await facts.learned?.(rule, agent);
  }

  /** A task that the one who asks may not delegate from, and one that is not there, are refused in the same words. */
  function parentOf(id: string, by: OpenedBy): Done<Task> {
    const parent = ports.state.tasks.get(id as TaskId)?.task;
    if (parent === undefined || !mayDelegateFrom(parent, by))
      return wrong('not-found', 'parent', 'is no task that this one could be delegated from', 'see: sallyport tasks');
    const standing = room.standing(parent.id, parent.agent);
    return standing.ok ? { ok: true, value: parent } : wrong('conflict', 'parent', standing.refusal.why);
  }
}

/** What it may do: as its kind shapes it, and within the one above it or the configuration. */
function boundsOf(
  order: TaskOrder,
  agent: AgentId,
  by: OpenedBy,
  parent: Task | undefined,
  learned: readonly string[] | undefined,
  { room, ports, facts }: Rooms,
): Done<Bounds> {
  const kind = facts.kinds().get(order.kind);
  const shaped = kind === undefined ? { ok: true as const, wanted: order } : shapedBy(kind, agent, order, learned);
  if (!shaped.ok) return wrong('malformed', shaped.field, shaped.why);
  if (parent === undefined) return free(shaped.wanted, openerOf(by, agent), facts.limits);
  const made = delegate(parent, room.reservations.reserved(parent.id), shaped.wanted, ports.now());
  return made.ok ? { ok: true, value: made.bounds } : wrong('malformed', made.field, made.why);
}

/** A task without a parent, within what the configuration allows. */
function free(
  { manifest, ceiling = 'secret', segments, audience, ...wanted }: Wanted,
  opener: Bounds['opener'],
  limitsMax: TaskLimits,
): Done<Bounds> {
  const limits = limitsFor('opened', wanted.limits, limitsMax);
  if (!limits.ok) return limits;
  return { ok: true, value: { manifest, ceiling, segments, audience, limits: limits.value, depth: 0, opener } };
}

function draftOf(
  order: TaskOrder,
  { agent, principal }: CheckedOrder,
  bounds: Bounds,
  parent: Task | undefined,
  fresh: boolean,
  { ports, facts }: Rooms,
): TaskOpened {
  const { manifest, ceiling, segments, audience, limits, depth, opener } = bounds;
  const id = ports.newId('t');
  const own = facts.principalOf(agent);
  return {
    ...{ kind: 'task.opened', id, task: id, agent, principal, taskKind: order.kind, opener },
    ...(own === undefined || own === principal ? {} : { ownPrincipal: own }),
    ...{ manifest, limits, ceiling },
    ...(segments === undefined ? {} : { segments }),
    ...(audience === undefined ? {} : { audience }),
    ...(parent === undefined ? {} : { parent: parent.id, depth }),
    ...(order.endsWith === undefined ? {} : { endsWith: order.endsWith }),
    // A child has read what its parent has, and a task that an agent opens for itself washes nothing off.
    labels: parent?.sources ?? (opener === 'claimed' || !fresh ? sourcesKnown(ports.state, agent, principal) : []),
  };
}

/** Of those that are open. */
export const tooMany: ApiError = {
  code: 'conflict',
  message: `there are ${openTasksMax} open tasks already`,
  fix: 'end those that are no longer needed',
};
