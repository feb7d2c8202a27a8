import type { Bringings, Declassification } from './declassification.ts';
import type { Endorsement } from './endorsement.ts';
import type { AgentId, Instant, PrincipalId, ServerId, TaskId } from './ids.ts';
import type { Label, LabelSource } from './label.ts';
import type { Sensitivity } from './sensitivity.ts';

/** A bounded piece of work. All authority hangs on it and dies with it. */
export interface Task {
  readonly id: TaskId;
  readonly agent: AgentId;
  readonly principal: PrincipalId;
  /** For whom its agent works without its token, where that is somebody else. */
  readonly ownPrincipal?: PrincipalId;
  readonly kind: TaskKind;
  /** Proof of whoever opened it. `claimed` purposes and manifests grant nothing. */
  readonly opener: Opener;
  /** The principal's words, verbatim; empty for an ambient task. */
  readonly purpose: string;
  readonly manifest: Manifest;
  /** The most sensitive data it may read. */
  readonly ceiling: Sensitivity;
  /** Where it works. Undefined until it has acted, for a task whose opener named none. */
  readonly segments: readonly string[] | undefined;
  /** The servers that it may reach at all; undefined: every one. Unlike a manifest this is a wall, not an expectation. */
  readonly audience: readonly ServerId[] | undefined;
  readonly limits: TaskLimits;
  /** The task that delegated to this one, and how many there are above it. */
  readonly parent: TaskId | undefined;
  /** The agent of that task did not hand a part of it on: it asked for this by a message. */
  readonly asked?: true;
  readonly depth: number;
  readonly openedAt: Instant;
  /** What it hangs on outside, as text (`parseEndsWith`); absent: nothing. */
  readonly endsWith?: string;
  readonly state: TaskState;
  /** While it is suspended nothing is done in it; its time goes on. */
  readonly suspended: Suspension | undefined;
  readonly labels: ReadonlySet<Label>;
  /** The first source of each label. */
  readonly sources: readonly LabelSource[];
  /** What a person or a policy stands behind for the rest of this task, oldest first. */
  readonly endorsements: readonly Endorsement[];
  /** What of its labels does not count for its decisions; absent: all of them do. */
  readonly declassified?: readonly Declassification[];
  /** What brought its labels, as far as it can be lowered. */
  readonly brought?: Bringings;
  /** Committed use. Reservations in flight are held beside it. */
  readonly used: Use;
  /** Of its limits, what its open child tasks were given: it comes back when they end, less what they used. */
  readonly lent: Use;
}

export interface Suspension {
  readonly at: Instant;
  readonly by: string;
  readonly why: string;
}

/**
 * `ambient`: it has no token; an agent and its principal share one, and reconnecting does not wash it. `opened`:
 * somebody opened it and named no kind. Any other is the name of a kind that stands beside the policies.
 */
export type TaskKind = string;

/** Kinds that no file can define. */
export const reservedTaskKinds: readonly TaskKind[] = ['ambient', 'opened'];
export const taskKindPattern = /^[a-z0-9][a-z0-9-]{0,47}$/;

/** A purpose and a manifest count only from whom the agent itself is not. */
export type Opener =
  /** The operator's proof, at the control API. */
  | 'operator'
  /** The principal, signed in at the authorization server. */
  | 'principal'
  /** Another workload than the agent itself, which proved what it is. */
  | 'workload'
  /** A client's own hook for what its user types, with a secret that none of its other hooks has. */
  | 'prompt-hook'
  /** Nobody: the gateway opened an ambient task. */
  | 'gateway'
  /** The agent itself, or an agent whose own words count for nothing. */
  | 'claimed';

/** Whether what its opener said about it counts: a manifest, a ceiling. The words of an agent are nobody's. */
export function vouched({ opener }: Pick<Task, 'opener'>): boolean {
  return opener === 'operator' || opener === 'principal' || opener === 'workload' || opener === 'prompt-hook';
}

/** Whether its purpose is the words of whoever it runs for: a child's purpose is what an agent made of them. */
export function hasPrincipalsWords({ opener, depth }: Pick<Task, 'opener' | 'depth'>): boolean {
  return depth === 0 && vouched({ opener });
}

export const openers: readonly Opener[] = ['operator', 'principal', 'workload', 'prompt-hook', 'gateway', 'claimed'];

/**
 * What a task is expected to do. A list that is undefined is not stated; an empty one says "none". How the
 * words are compared stands in `core/task/manifest.ts`.
 */
export interface Manifest {
  /** Tool keys, `<server>/<tool>` or `<server>/*`. */
  readonly tools: readonly string[] | undefined;
  /** Names of what may be touched, such as URIs and paths, exact or beginning: `file:///reports/*`. */
  readonly resources: readonly string[] | undefined;
  /** Who may be told or paid: hosts, addresses, accounts; exact, or ending: `*.example.org`, `*@example.org`. */
  readonly destinations: readonly string[] | undefined;
}

export const noManifest: Manifest = { tools: undefined, resources: undefined, destinations: undefined };

export interface TaskLimits {
  readonly callsMax: number;
  /** Hundredths of the installation's currency that its actions may cost together. */
  readonly spendCentsMax: number;
  readonly secondsMax: number;
  /** Bytes of arguments and results together. */
  readonly bytesMax: number;
  /** How many delegations may follow one another below it; 0: it cannot delegate. */
  readonly depthMax: number;
  /** It ends after this long without a call; absent: it does not. */
  readonly idleSecondsMax?: number;
}

export interface Use {
  readonly calls: number;
  readonly bytes: number;
  readonly spendCents: number;
}

export type TaskState =
  | { readonly kind: 'open' }
  | { readonly kind: 'ended'; readonly at: Instant; readonly by: string; readonly why: string };
