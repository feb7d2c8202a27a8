import type { AgentId, Instant, PrincipalId, TaskId } from '@sallyport/core/model/ids.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { actorsOf } from '@sallyport/core/task/act.ts';
import { shapedBy, type TaskKindRule } from '@sallyport/core/task/kind.ts';
import { lineage } from '@sallyport/core/task/lineage.ts';
import { renewTask, resumeTask, suspendTask } from '@sallyport/core/task/pause.ts';
import { endsAt } from '@sallyport/core/task/standing.ts';
import { actedBy, type Caller } from '../api/caller.ts';
import type { AccessOrder, ApiError, Done } from '../api/control.ts';
import { newSecret, secretHash } from '../secret/secret.ts';
import { wrong } from './order.ts';
import type { TaskPorts, TaskRoom } from './tasks.ts';

export interface PauseFacts {
  readonly kinds: () => ReadonlyMap<string, TaskKindRule>;
  /** Absent where there is no authorization server. */
  readonly access?: TaskAccess;
}

/** Issues access tokens of ours (ES256), bound to a task. */
export interface TaskAccess {
  /** Throws `RangeError` for a life that is longer than a token may have. */
  readonly issue: (order: {
    readonly agent: AgentId;
    readonly principal: PrincipalId;
    readonly task: TaskId;
    /** `/mcp/github` */
    readonly audience: string;
    readonly seconds: number;
    readonly jkt: string | undefined;
    /** Who delegated, nearest first. */
    readonly actors: readonly AgentId[];
  }) => Promise<{ readonly token: string; readonly expiresAt: Instant }>;
  /** True once the task was stopped: it gets no access tokens any more, also when it may act again. */
  readonly isRevoked: (task: TaskId) => boolean;
}

export interface Pauses {
  /** In force at once, durable once it resolves. */
  readonly suspend: (task: Task, why: string, by: Caller) => Promise<void>;
  /** In force once it is durable. */
  readonly resume: (task: Task, by: Caller) => Promise<void>;
  readonly renew: (
    task: Task,
    access: AccessOrder | undefined,
    by: Caller,
  ) => Promise<
    Done<{ readonly token: string; readonly access?: { readonly token: string; readonly expiresAt: Instant } }>
  >;
}

const accessSecondsDefault = 600;

const openAnother = 'open another: sallyport task open';
const tokenless: ApiError = {
  code: 'conflict',
  field: 'id',
  message: 'an ambient task has no token: its agent and principal are enough',
  fix: 'open one that has: sallyport task open',
};

/** What ends nothing: a task waits, goes on, or gets another token. A call that is under way is cut by none of them. */
export function createPauses(room: TaskRoom, ports: TaskPorts, facts: PauseFacts): Pauses {
  const { state, now } = ports;

  async function renew(task: Task, access: AccessOrder | undefined, by: Caller): ReturnType<Pauses['renew']> {
    const unfit = unfitToRenew(task);
    if (unfit !== undefined) return { ok: false, error: unfit };
    const token = newSecret('spt');
    const draft = {
      kind: 'task.renewed' as const,
      id: ports.newId('e'),
      task: task.id,
      tokenHash: secretHash(token),
      ...actedBy(by),
    };
    const issued = access === undefined ? undefined : await issue(task, access);
    if (issued !== undefined && !issued.ok) return issued;
    await room.onceDurable(draft, () => renewTask(state, draft));
    return { ok: true, value: { token, ...(issued === undefined ? {} : { access: issued.value }) } };
  }

  /** The task as it stands now, and its kind as it is in force now: what a policy no longer allows is not renewed. */
  function unfitToRenew(task: Task): ApiError | undefined {
    if (task.kind === 'ambient') return tokenless;
    const standing = room.standing(task.id, task.agent);
    if (!standing.ok) return { code: 'conflict', field: 'id', message: standing.refusal.why };
    if (task.kind === 'opened') return undefined;
    const kind = facts.kinds().get(task.kind);
    if (kind === undefined)
      return { code: 'conflict', field: 'kind', message: 'there is no such kind of task any more', fix: openAnother };
    const shaped = shapedBy(kind, task.agent, task);
    if (shaped.ok) return undefined;
    const message = `${shaped.why} since its kind was changed`;
    return { code: 'conflict', field: shaped.field, message, fix: openAnother };
  }

  async function issue(
    task: Task,
    { audience, seconds, jkt }: AccessOrder,
  ): Promise<Done<{ token: string; expiresAt: Instant }>> {
    if (facts.access === undefined) return wrong('unavailable', 'access', 'no access tokens are issued here');
    const server = /^\/mcp(?:\/([a-z0-9-]{1,24}))?$/.exec(audience);
    if (server === null) return wrong('malformed', 'access.audience', 'must be /mcp or /mcp/SERVER');
    if (task.audience !== undefined && !task.audience.includes(server[1] ?? ''))
      return wrong('malformed', 'access.audience', 'names a server that the task may not reach');
    if (facts.access.isRevoked(task.id))
      return wrong(
        'conflict',
        'access',
        'access tokens of this task were revoked when it was stopped',
        'open a new task',
      );
    const left = Math.floor((endsAt(task) - now()) / 1000);
    const life = Math.min(seconds ?? accessSecondsDefault, left);
    if (life < 1) return wrong('conflict', 'access.seconds', 'the time of this task is over');
    try {
      const actors = actorsOf(lineage(state, task.id)).slice(1);
      const { agent, principal, id } = task;
      const issued = await facts.access.issue({ agent, principal, task: id, audience, seconds: life, jkt, actors });
      return { ok: true, value: { token: issued.token, expiresAt: issued.expiresAt } };
    } catch (thrown) {
      if (thrown instanceof RangeError) return wrong('malformed', 'access.seconds', thrown.message);
      throw thrown;
    }
  }

  return {
    suspend: async (task, why, by) => {
      const draft = { kind: 'task.suspended' as const, id: ports.newId('e'), task: task.id, ...actedBy(by), why };
      const { at, durable } = ports.journal.place(draft);
      room.atOnce(() => suspendTask(state, draft, at));
      room.reservations.recheck();
      await durable;
    },
    resume: async (task, by) => {
      const draft = { kind: 'task.resumed' as const, id: ports.newId('e'), task: task.id, ...actedBy(by) };
      await room.onceDurable(draft, at => resumeTask(state, draft, at));
    },
    renew,
  };
}
