import type { Lease } from '@sallyport/core/lease/lease.ts';
import type { KillScope } from '@sallyport/core/model/entry.ts';
import { lineage } from '@sallyport/core/task/lineage.ts';
import type { State } from '@sallyport/core/task/state.ts';
import type { CredentialControl } from '../../api/control.ts';
import type { Broker } from '../../credentials/broker.ts';
import type { CredentialRoom } from '../../credentials/open.ts';
import type { ConnectPages } from '../../tokens/connect-pages.ts';
import type { Credentials } from '../../upstreams/credentials.ts';

/** What an operator can ask of the broker, and the way by which people are invited to sign in. */
export function credentialControl(
  { broker, authorizing }: CredentialRoom,
  invite: ConnectPages['invite'],
): CredentialControl {
  return {
    list: async () => broker.views(),
    invite: async (credential, principal) => {
      if (authorizing.has(credential)) return { ok: true, value: { url: invite(credential, principal) } };
      const message = 'is no credential of kind oauth with per: principal';
      return {
        ok: false,
        error: { code: 'not-found', field: 'credential', message, fix: 'see: sallyport credentials' },
      };
    },
  };
}

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
  void broker.stopWhere(isStopped, 'it was stopped by a person');
}
