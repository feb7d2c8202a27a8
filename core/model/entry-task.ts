import type { Acted, PersonProof } from './acted.ts';
import type { Declassified } from './declassification.ts';
import type { Endorsed, Reach } from './endorsement.ts';
import type { AgentId, ApprovalId, EventId, Instant, PrincipalId, ServerId, TaskId } from './ids.ts';
import type { LabelSource } from './label.ts';
import type { Sensitivity } from './sensitivity.ts';
import type { Manifest, Opener, TaskKind, TaskLimits } from './task.ts';

/** What a task is from its opening to its end, as it stands in the journal. */

/** `by` and what follows it: who opened it; absent where its opener proved itself otherwise, and in older entries. */
export interface TaskOpened extends Partial<Acted> {
  readonly kind: 'task.opened';
  readonly id: TaskId;
  readonly task: TaskId;
  readonly agent: AgentId;
  readonly principal: PrincipalId;
  /** For whom its agent works without its token, where that is somebody else. */
  readonly ownPrincipal?: PrincipalId;
  readonly taskKind: TaskKind;
  readonly opener: Opener;
  readonly manifest: RecordedManifest;
  readonly limits: RecordedLimits;
  /** `secret` where it is absent: no ceiling. */
  readonly ceiling?: Sensitivity;
  /** Where it works, if whoever opened it said so. */
  readonly segments?: readonly string[];
  /** The task that delegated to it, and how many there are above it; absent: none. */
  readonly parent?: TaskId;
  readonly depth?: number;
  /** Whoever works on that task asked for this one by a message, of its own accord. */
  readonly asked?: true;
  /** Nobody named its tools: those of its manifest were learned from earlier tasks of its kind. */
  readonly learned?: true;
  /** The servers that it may reach; absent: every one. */
  readonly audience?: readonly ServerId[];
  /** What it hangs on outside; absent: nothing. */
  readonly endsWith?: string;
  /** SHA-256 of the task token, base64url; absent for ambient tasks. */
  readonly tokenHash?: string;
  /** Labels inherited from the task it succeeds. */
  readonly labels: readonly LabelSource[];
  // Bodies: `purpose`.
}

/** What was not known when an entry was written is absent: not stated, not limited, and without delegation. */
export type RecordedManifest = Pick<Manifest, 'tools'> & Partial<Manifest>;
export type RecordedLimits = Pick<TaskLimits, 'callsMax' | 'secondsMax' | 'bytesMax'> & Partial<TaskLimits>;

export interface TaskEnded extends Acted {
  readonly kind: 'task.ended';
  readonly id: EventId;
  readonly task: TaskId;
  readonly why: string;
}

/** Nothing is done in it until it is resumed. */
export interface TaskSuspended extends Acted {
  readonly kind: 'task.suspended';
  readonly id: EventId;
  readonly task: TaskId;
  readonly why: string;
}

export interface TaskResumed extends Acted {
  readonly kind: 'task.resumed';
  readonly id: EventId;
  readonly task: TaskId;
}

/** Less is expected of it, and of all below it: what its manifest and this one both name. */
export interface TaskNarrowed extends Acted {
  readonly kind: 'task.narrowed';
  readonly id: EventId;
  readonly task: TaskId;
  readonly manifest: Partial<Manifest>;
  readonly why: string;
}

/** It has a new token; the one before counts no more. Its limits are what they were. */
export interface TaskRenewed extends Acted {
  readonly kind: 'task.renewed';
  readonly id: EventId;
  readonly task: TaskId;
  readonly tokenHash: string;
}

/** The principal said more to the agent, or somebody did who could have been the agent itself. Bodies: `words`. */
export interface TaskHeard {
  readonly kind: 'task.heard';
  readonly id: EventId;
  readonly task: TaskId;
  readonly by: string;
  /** False: a command of the agent was under way, which could have said it as well. Such words ask for nothing. */
  readonly counts: boolean;
}

/** A message of the task `from` reached it: all that one had read, `labels`, may be in it. Durable before it is sent. */
export interface TaskReached {
  readonly kind: 'task.reached';
  readonly id: EventId;
  readonly task: TaskId;
  readonly from: TaskId;
  readonly labels: readonly LabelSource[];
}

/** A person or a policy lets what the task has read count as less sensitive, for the rest of it. */
export interface TaskDeclassified extends Omit<Acted, 'proof'> {
  readonly kind: 'task.declassified';
  readonly id: EventId;
  readonly task: TaskId;
  readonly what: Declassified;
  readonly to: Sensitivity;
  /** Absent in older entries. */
  readonly proof?: PersonProof | 'policy';
  readonly why: string;
}

/** A person or a policy stands behind a value, a tool, a source or an outcome, for the rest of the task or for a time of it. */
export interface TaskEndorsed extends Omit<Acted, 'proof'> {
  readonly kind: 'task.endorsed';
  readonly id: EventId;
  readonly task: TaskId;
  readonly endorsed: Endorsed;
  readonly reach: Reach;
  readonly proof: PersonProof | 'policy';
  readonly why: string;
  /** Absent: for as long as the task. */
  readonly until?: Instant;
  readonly approval?: ApprovalId;
}
