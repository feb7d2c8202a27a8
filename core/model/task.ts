import type { Endorsement } from './endorsement.ts';
import type { AgentId, Instant, PrincipalId, TaskId } from './ids.ts';
import type { Label, LabelSource } from './label.ts';

/** A bounded piece of work. All authority hangs on it and dies with it. */
export interface Task {
  readonly id: TaskId;
  readonly agent: AgentId;
  readonly principal: PrincipalId;
  /** `ambient` tasks have no token: an agent and its principal share one, and reconnecting does not wash it. */
  readonly kind: 'ambient' | 'opened';
  /** Proof of whoever opened it. `claimed` purposes and manifests grant nothing. */
  readonly opener: Opener;
  /** The principal's words, verbatim; empty for an ambient task. */
  readonly purpose: string;
  readonly manifest: Manifest;
  readonly limits: TaskLimits;
  readonly openedAt: Instant;
  readonly state: TaskState;
  readonly labels: ReadonlySet<Label>;
  /** The first source of each label. */
  readonly sources: readonly LabelSource[];
  /** What a person or a policy stands behind for the rest of this task, oldest first. */
  readonly endorsements: readonly Endorsement[];
  /** Committed use. Reservations in flight are held beside it. */
  readonly used: Use;
}

export type Opener = 'operator' | 'gateway' | 'claimed';

/** Empty lists say nothing: `tools: undefined` is "not stated", `[]` is "none". */
export interface Manifest {
  /** Tool keys, `<server>/<tool>` or `<server>/*`. */
  readonly tools: readonly string[] | undefined;
}

export interface TaskLimits {
  readonly callsMax: number;
  readonly secondsMax: number;
  /** Bytes of arguments and results together. */
  readonly bytesMax: number;
}

export interface Use {
  readonly calls: number;
  readonly bytes: number;
}

export type TaskState =
  | { readonly kind: 'open' }
  | { readonly kind: 'ended'; readonly at: Instant; readonly by: string; readonly why: string };

/** True if the manifest names `key`; undefined manifests name nothing and forbid nothing. */
export function inManifest(manifest: Manifest, key: string): boolean {
  const slash = key.indexOf('/');
  return manifest.tools?.some(entry => entry === key || entry === `${key.slice(0, slash)}/*`) ?? false;
}
