import type { Action } from '@sallyport/core/model/action.ts';
import type { Instant, TaskId } from '@sallyport/core/model/ids.ts';
import { type Checked, refused } from '@sallyport/core/model/refusal.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import type { ConnectionKey } from './key.ts';

/** A place for a secret that is issued when it is needed: a header's value behind `scheme`, or a child's variable. */
export interface CredentialRef {
  readonly credential: string;
  /** Such as `Bearer`. */
  readonly scheme?: string;
}

/** For whom and for what a secret is wanted. Without an action: for greeting a server and reading its lists. */
export interface SecretWanted {
  readonly agent: string;
  readonly principal: string;
  readonly task: { readonly id: TaskId; readonly endsAt: Instant } | undefined;
  readonly server: string;
  readonly action: Action | undefined;
}

/** A secret that is lent. `ended` is aborted when it must not be used any more. */
export interface Lent {
  readonly lease: { readonly id: string };
  readonly secret: string;
  readonly until: Instant;
  readonly ended: AbortSignal;
  /** The server said that it does not take it (RFC 6750 §3). */
  readonly turnedAway?: (how: { status: 401 | 403; error: string | undefined; scope: string | undefined }) => void;
}

/** Who issues secrets. Durable before anything is minted, and a refusal whenever there is doubt. */
export interface Credentials {
  readonly issue: (credential: string, wanted: SecretWanted) => Promise<Checked<Lent>>;
  readonly release: (lease: string, why: string) => void;
  /** True for what is made for one task: no process or session that holds it serves another. */
  readonly isPerTask: (credential: string) => boolean;
}

/** Where nothing is configured that could be issued. */
export const noCredentials: Credentials = {
  issue: async credential =>
    refused({ code: 'credential-unavailable', what: `credential ${credential}`, why: 'it is not configured' }),
  release: () => {},
  isPerTask: () => false,
};

export function wantedFor(key: ConnectionKey, task: Task | undefined, action?: Action): SecretWanted {
  const { server, agent, principal } = key;
  const bounds =
    task === undefined ? undefined : { id: task.id, endsAt: task.openedAt + task.limits.secondsMax * 1000 };
  return { server, agent, principal, task: bounds, action };
}
