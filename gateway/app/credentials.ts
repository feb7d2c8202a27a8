import type { Lease } from '@sallyport/core/grant/lease.ts';
import type { KillScope } from '@sallyport/core/model/entry.ts';
import { lineage } from '@sallyport/core/task/lineage.ts';
import type { State } from '@sallyport/core/task/state.ts';
import type { Broker } from '../credentials/broker.ts';
import type { Credentials } from '../upstreams/credentials.ts';

/** The broker as servers see it: they are lent secrets and give them back. */
export function lending(broker: Broker): Credentials {
  return {
    issue: (credential, wanted) => broker.issue(credential, wanted),
    release: (lease, why) => broker.release(lease, why),
    isPerTask: credential => broker.source(credential)?.sharedBy === 'task',
  };
}

/**
 * Ends the credentials of whatever a person has stopped. That nothing stopped can use one any more is checked in
 * `require`, long before this is through.
 */
export function endStopped(scope: KillScope, broker: Broker, state: State): void {
  const isStopped = ({ task, agent, server }: Lease): boolean => {
    const above = task === undefined ? [] : lineage(state, task);
    switch (scope.kind) {
      case 'all':
        return true;
      case 'task':
        return above.some(({ id }) => id === scope.task);
      case 'agent':
        return agent === scope.agent || above.some(each => each.agent === scope.agent);
      case 'server':
        return server === scope.server;
    }
  };
  void broker.endWhere(isStopped, 'it was stopped by a person');
}
