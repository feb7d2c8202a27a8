import type { Killed, KillScope } from '@sallyport/core/model/entry.ts';
import { didYouMean } from '@sallyport/core/model/nearest.ts';
import { findByPrefix } from '@sallyport/core/task/find.ts';
import { applyKill, parseScope, scopeText } from '@sallyport/core/task/kill.ts';
import { actedBy, type Caller } from '../api/caller.ts';
import type { ApiError, Done } from '../api/control.ts';
import type { KillView } from '../api/view/status.ts';
import type { TaskPorts, TaskRoom } from './tasks.ts';
import { killViews } from './view.ts';

export interface KillControl {
  /** In force at once, for the next call of every mode; durable once it resolves. */
  readonly kill: (scope: string, why: string, by: Caller) => Promise<Done<readonly KillView[]>>;
  /** In force only once it is durable. */
  readonly unkill: (scope: string, why: string, by: Caller) => Promise<Done<readonly KillView[]>>;
  readonly list: () => readonly KillView[];
}

export interface KillFacts {
  readonly agents: () => Iterable<string>;
  readonly servers: () => Iterable<string>;
}

export function createKillControl(room: TaskRoom, ports: TaskPorts, facts: KillFacts): KillControl {
  const { state } = ports;
  const draftOf = (scope: KillScope, stop: boolean, why: string, by: Caller): Killed => ({
    kind: 'killed',
    id: ports.newId('e'),
    scope,
    ...actedBy(by),
    why,
    stop,
  });

  async function kill(text: string, why: string, by: Caller): Promise<Done<readonly KillView[]>> {
    const scope = scopeOf(text);
    if (scope === undefined) return { ok: false, error: scopeMalformed };
    const unknown = unknownTarget(scope);
    if (unknown !== undefined) return { ok: false, error: unknown };
    const draft = draftOf(scope, true, why, by);
    const { at, durable } = ports.journal.place(draft);
    room.atOnce(() => {
      // Done again, it may find that its task has ended meanwhile: then there is nothing left to stop.
      if (unknownTarget(scope) === undefined) applyKill(state, draft, at);
    });
    room.reservations.stop(scope);
    ports.onKilled?.(scope);
    await durable;
    return { ok: true, value: killViews(state) };
  }

  async function unkill(text: string, why: string, by: Caller): Promise<Done<readonly KillView[]>> {
    const scope = scopeOf(text);
    if (scope === undefined) return { ok: false, error: scopeMalformed };
    if (!state.kills.has(scopeText(scope))) return { ok: false, error: notStopped(text, state.kills.keys()) };
    const draft = draftOf(scope, false, why, by);
    await room.onceDurable(draft, at => applyKill(state, draft, at));
    return { ok: true, value: killViews(state) };
  }

  /** The id of a task may be shortened as long as it names one. */
  function scopeOf(text: string): KillScope | undefined {
    const found = text.startsWith('task:') ? findByPrefix(state.tasks.keys(), text.slice(5)) : undefined;
    return parseScope(found?.kind === 'found' ? `task:${found.id}` : text);
  }

  /** A stop of nobody, by a slip of the finger, would be taken for a stop. */
  function unknownTarget(scope: KillScope): ApiError | undefined {
    if (scope.kind === 'agent') {
      const known = [...facts.agents()];
      if (known.includes(scope.agent)) return undefined;
      return notThere(`there is no agent ${scope.agent}${didYouMean(scope.agent, known)}`, 'sallyport agents ls');
    }
    if (scope.kind === 'server') {
      const known = [...facts.servers()];
      if (known.includes(scope.server)) return undefined;
      return notThere(`there is no server ${scope.server}${didYouMean(scope.server, known)}`, 'sallyport status');
    }
    if (scope.kind === 'all' || state.tasks.get(scope.task)?.task.state.kind === 'open') return undefined;
    return notThere('there is no such open task', 'sallyport tasks');
  }

  return { kill, unkill, list: () => killViews(state) };
}

function notThere(message: string, command: string): ApiError {
  return { code: 'not-found', field: 'scope', message, fix: `see: ${command}` };
}

function notStopped(text: string, stopped: Iterable<string>): ApiError {
  const others = [...stopped];
  const message = `${text} is not stopped; ${others.length === 0 ? 'nothing is' : `stopped: ${others.join(', ')}`}`;
  return { code: 'conflict', field: 'scope', message, fix: 'see: sallyport status' };
}

const scopeMalformed: ApiError = {
  code: 'malformed',
  field: 'scope',
  message: 'must be all, agent:ID, server:ID, or task:ID of one task',
};
