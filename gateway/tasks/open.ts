import type { Acted } from '@sallyport/core/model/acted.ts';
import type { TaskOpened } from '@sallyport/core/model/entry.ts';
import type { AgentId, PrincipalId, TaskId } from '@sallyport/core/model/ids.ts';
import type { LabelSource } from '@sallyport/core/model/label.ts';
import { didYouMean } from '@sallyport/core/model/nearest.ts';
import type { Task, Use } from '@sallyport/core/model/task.ts';
import { type Bounds, delegate, type Wanted } from '@sallyport/core/task/delegate.ts';
import { type EndsWith, endsWithRule, parseEndsWith } from '@sallyport/core/task/ends-with.ts';
import { shapedBy, type TaskKindRule } from '@sallyport/core/task/kind.ts';
import { share, sourcesKnown } from '@sallyport/core/task/task.ts';
import type { ApiError, Done, TaskOrder } from '../api/control.ts';
import { newSecret, secretHash } from '../secret/secret.ts';
import { type CheckedOrder, checkOrder, limitsFor, type OrderFacts, wrong } from './order.ts';
import type { TaskPorts, TaskRoom } from './tasks.ts';

/** Who asks for a task, and what proves it. What an agent says about a task of its own is recorded and grants nothing. */
export type OpenedBy =
  /** A person with the operator's proof. */
  | { readonly kind: 'operator'; readonly acted: Acted }
  /** The principal itself, signed in at the authorization server. */
  | { readonly kind: 'principal'; readonly principal: PrincipalId }
  /** A proven workload: for itself, for another agent where the kind of task lists it, or below a task of its own. */
  | { readonly kind: 'workload'; readonly agent: AgentId; readonly principal: PrincipalId }
  /** A client's prompt hook, with what its user typed. `fresh`: its agent begins with this, and has read nothing. */
  | { readonly kind: 'prompt-hook'; readonly principal: PrincipalId; readonly fresh: boolean }
  /**
   * Whoever showed the token of this task, which the agent that works on it handed out: below that task only. `asks`: the agent
   * sends a message to another one, which may be marked with more than its task.
   */
  | { readonly kind: 'holder'; readonly task: TaskId; readonly asks?: { readonly sources: readonly LabelSource[] } };

export interface Opened {
  readonly task: Task;
  /** Names the task; shown once, and kept nowhere. */
  readonly token: string;
}

export interface OpeningFacts extends OrderFacts {
  /** Those in force. */
  readonly kinds: () => ReadonlyMap<string, TaskKindRule>;
  /** The tools that earlier tasks of a kind used, where it learns and enough is known. */
  readonly learned?: (kind: TaskKindRule, agent: AgentId) => Promise<readonly string[] | undefined>;
  /** Why nobody here could notice the end of what a task would hang on; undefined: somebody can. */
  readonly unwatchable: (endsWith: EndsWith) => string | undefined;
}

export type Opening = (order: TaskOrder, by: OpenedBy) => Promise<Done<Opened>>;

export const openTasksMax = 10_000;

/** The one way to a task that somebody asks for, whichever door the wish came through. */
export function createOpening(room: TaskRoom, ports: TaskPorts, facts: OpeningFacts): Opening {
  const { state } = ports;

  return async (order, by) => {
    const parent = order.parent === undefined ? undefined : parentOf(order.parent, by);
    // Who delegates does so on behalf of whom it works for.
    const onBehalf = order.principal ?? (parent?.ok ? parent.value.principal : undefined);
    const checked = checkOrder({ ...order, principal: onBehalf }, facts);
    if (!checked.ok) return checked;
    if (parent !== undefined && !parent.ok) return parent;
    const refusal = refusalOf(order, checked.value, by, parent?.value) ?? hangsOnNothing(order.endsWith);
    if (refusal !== undefined) return { ok: false, error: refusal };
    await room.endOverdue();
    if (room.openTasks().length >= openTasksMax) return { ok: false, error: tooMany };
    const learned = await learnedFor(order, checked.value.agent);
    // Others may have ended it meanwhile, or taken of what it has left: from here on nothing is awaited before that is set aside.
    const above = order.parent === undefined ? undefined : parentOf(order.parent, by);
    if (above !== undefined && !above.ok) return above;
    const bounds = boundsOf(order, checked.value.agent, by, above?.value, learned);
    if (!bounds.ok) return bounds;
    const token = newSecret('spt');
    const acted = by.kind === 'operator' ? by.acted : {};
    const fresh = by.kind !== 'prompt-hook' || by.fresh;
    const draft = {
      ...draftOf(order, checked.value, bounds.value, above?.value, fresh),
      ...(learned !== undefined && bounds.value.manifest.tools === learned ? { learned: true as const } : {}),
      ...(by.kind === 'holder' && by.asks !== undefined ? { asked: true as const, labels: by.asks.sources } : {}),
      ...acted,
      tokenHash: secretHash(token),
    };
    return { ok: true, value: { task: await begin(draft, checked.value.purpose, share(bounds.value.limits)), token } };
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
    const parent = state.tasks.get(id as TaskId)?.task;
    const may =
      by.kind === 'operator' ||
      (by.kind === 'workload' && parent?.agent === by.agent) ||
      (by.kind === 'holder' && parent?.id === by.task);
    if (parent === undefined || !may)
      return wrong('not-found', 'parent', 'is no task that this one could be delegated from', 'see: sallyport tasks');
    const standing = room.standing(parent.id, parent.agent);
    return standing.ok ? { ok: true, value: parent } : wrong('conflict', 'parent', standing.refusal.why);
  }

  /** What nobody watches would never end the task, and whoever opens it counts on it. */
  function hangsOnNothing(text: string | undefined): ApiError | undefined {
    if (text === undefined) return undefined;
    const endsWith = parseEndsWith(text);
    if (endsWith === undefined) return { code: 'malformed', field: 'endsWith', message: endsWithRule };
    const why = facts.unwatchable(endsWith);
    return why === undefined
      ? undefined
      : { code: 'conflict', field: 'endsWith', message: `cannot be noticed: ${why}`, fix: 'see the section `watch`' };
  }

  function refusalOf(
    order: TaskOrder,
    { agent, principal }: CheckedOrder,
    by: OpenedBy,
    parent: Task | undefined,
  ): ApiError | undefined {
    const kind = facts.kinds().get(order.kind);
    if (kind === undefined && order.kind !== 'opened') return unknownKind(order.kind, facts);
    if (parent !== undefined && parent.principal !== principal)
      return {
        code: 'malformed',
        field: 'principal',
        message: `must be that of the task that delegates, ${parent.principal}`,
      };
    const asks =
      by.kind === 'holder' ? `agent:${parent?.agent}` : by.kind === 'workload' ? `agent:${by.agent}` : by.kind;
    if (kind !== undefined && !kind.openers.includes(asks)) return mayNotOpen('kind');
    if (by.kind === 'operator') return undefined;
    if (by.kind === 'holder') return parent === undefined ? mayNotOpen('parent') : undefined;
    if (principal !== by.principal) return mayNotOpen('principal');
    const forOther = by.kind === 'workload' && agent !== by.agent && parent === undefined;
    return forOther && kind === undefined ? mayNotOpen('agent') : undefined;
  }

  function boundsOf(
    order: TaskOrder,
    agent: AgentId,
    by: OpenedBy,
    parent: Task | undefined,
    learned: readonly string[] | undefined,
  ): Done<Bounds> {
    const kind = facts.kinds().get(order.kind);
    const shaped = kind === undefined ? { ok: true as const, wanted: order } : shapedBy(kind, agent, order, learned);
    if (!shaped.ok) return wrong('malformed', shaped.field, shaped.why);
    if (parent === undefined) return free(shaped.wanted, openerOf(by, agent));
    const made = delegate(parent, room.reservations.reserved(parent.id), shaped.wanted, ports.now());
    return made.ok ? { ok: true, value: made.bounds } : wrong('malformed', made.field, made.why);
  }

  /** A task without a parent, within what the configuration allows. */
  function free(
    { manifest, ceiling = 'secret', segments, audience, ...wanted }: Wanted,
    opener: Bounds['opener'],
  ): Done<Bounds> {
    const limits = limitsFor('opened', wanted.limits, facts.limits);
    if (!limits.ok) return limits;
    return { ok: true, value: { manifest, ceiling, segments, audience, limits: limits.value, depth: 0, opener } };
  }

  function draftOf(
    order: TaskOrder,
    { agent, principal }: CheckedOrder,
    bounds: Bounds,
    parent: Task | undefined,
    fresh: boolean,
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
      labels: parent?.sources ?? (opener === 'claimed' || !fresh ? sourcesKnown(state, agent, principal) : []),
    };
  }
}

function openerOf(by: OpenedBy, agent: AgentId): Bounds['opener'] {
  if (by.kind === 'operator' || by.kind === 'principal' || by.kind === 'prompt-hook') return by.kind;
  return by.kind === 'workload' && by.agent !== agent ? 'workload' : 'claimed';
}

function unknownKind(kind: string, { kinds }: OpeningFacts): ApiError {
  const message = `is no kind of task${didYouMean(kind, ['opened', 'ambient', ...kinds().keys()])}`;
  return { code: 'not-found', field: 'kind', message, fix: 'kinds stand beside the policies, as NAME.kind.yaml' };
}

function mayNotOpen(field: string): ApiError {
  return { code: 'malformed', field, message: 'may not be opened by whoever asks for it' };
}

/** Of those that are open. */
export const tooMany: ApiError = {
  code: 'conflict',
  message: `there are ${openTasksMax} open tasks already`,
  fix: 'end those that are no longer needed',
};
