import { setImmediate } from 'node:timers/promises';
import type { KillScope } from '@sallyport/core/model/entry.ts';
import type { TaskId } from '@sallyport/core/model/ids.ts';
import { isStopped } from '@sallyport/core/task/kill.ts';
import type { State } from '@sallyport/core/task/state.ts';
import type { Broker } from '../../credentials/broker.ts';
import type { TaskPorts } from '../../tasks/tasks.ts';
import type { TokenIssuer } from '../../tokens/issuer.ts';
import type { ConnectionKey } from '../../upstreams/key.ts';
import type { Log } from '../host/log.ts';
import { endStopped } from '../servers/credentials.ts';

export interface EndingRooms {
  readonly broker: Broker;
  readonly state: State;
  readonly issuer: Pick<TokenIssuer, 'revoke'>;
  /** Processes and sessions of servers. */
  readonly endWhere: (matches: (key: ConnectionKey) => boolean) => void;
  readonly log: Log;
}

/**
 * What ends outside the room of tasks when a task ends, or when a person stops something: leases, the processes and
 * sessions that were started for it, and access tokens. No call passes meanwhile: that is checked in `require`, and does
 * not wait for any of this.
 */
export function createEndings(rooms: EndingRooms): Required<Pick<TaskPorts, 'onEnded' | 'onKilled'>> {
  const { broker, state } = rooms;

  /** One write each, with room for calls in between: of a stop of everything there may be many. */
  async function revoke(tasks: readonly TaskId[]): Promise<void> {
    for (const task of tasks) {
      await rooms.issuer.revoke(task);
      await setImmediate();
    }
  }

  const revokeSoon = (tasks: readonly TaskId[]): void =>
    void revoke(tasks).catch(() =>
      rooms.log('error', 'access tokens of tasks that ended could not be revoked durably'),
    );

  return {
    onEnded: tasks => {
      for (const task of tasks) void broker.endTask(task, 'its task has ended');
      const ended = new Set(tasks);
      rooms.endWhere(({ task }) => task !== undefined && ended.has(task));
      // A task without a token has no access token either.
      revokeSoon(tasks.filter(task => state.tasks.get(task)?.tokenHash !== undefined));
    },
    onKilled: scope => {
      endStopped(scope, broker, state);
      rooms.endWhere(key => isOf(scope, key, state));
      const stopped = [...state.tasks.values()].filter(({ task, tokenHash }) => {
        const open = task.state.kind === 'open' && tokenHash !== undefined;
        return open && isStopped(state, task.agent, task.id, undefined, scope);
      });
      revokeSoon(stopped.map(({ task }) => task.id));
    },
  };
}

function isOf(scope: KillScope, { agent, server, task }: ConnectionKey, state: State): boolean {
  if (scope.kind === 'task') return task !== undefined && isStopped(state, agent, task, server, scope);
  return scope.kind === 'all' || (scope.kind === 'server' ? server === scope.server : agent === scope.agent);
}
