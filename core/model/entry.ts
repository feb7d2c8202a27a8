import type { Answer, Mode, Reason } from './decision.ts';
import type { Answered, Asked, Seconded } from './entry-approval.ts';
import type { CredentialEnded, CredentialIssued, CredentialRequested } from './entry-credential.ts';
import type { AgentToken, Erased, Killed, KillScope, ModeSet, Pinned, WorldActivated } from './entry-operator.ts';
import type {
  RecordedLimits,
  RecordedManifest,
  TaskDeclassified,
  TaskEnded,
  TaskEndorsed,
  TaskHeard,
  TaskNarrowed,
  TaskOpened,
  TaskReached,
  TaskRenewed,
  TaskResumed,
  TaskSuspended,
} from './entry-task.ts';
import type {
  AgentId,
  ApprovalId,
  DecisionId,
  EntryId,
  EventId,
  Instant,
  OutcomeId,
  PrincipalId,
  TaskId,
} from './ids.ts';
import type { Label, LabelSource } from './label.ts';
import type { RefusalCode, RefusedProof } from './refusal.ts';
import type { Risk } from './risk.ts';
import type { ActionClass } from './tool.ts';

/**
 * What the line and the rooms hand to the journal. The journal adds `v`, `tenant`, `node`, `seq`, `at` and the salted
 * commitments of the bodies; what it wrote is an `Entry`.
 */
export type EntryDraft =
  | Decided
  | Performed
  | Reported
  | Overruled
  | Refused
  | Rejected
  | Faulted
  | Indeterminate
  | Withheld
  | Asked
  | Answered
  | Seconded
  | TaskOpened
  | TaskEnded
  | TaskSuspended
  | TaskResumed
  | TaskNarrowed
  | TaskRenewed
  | TaskEndorsed
  | TaskDeclassified
  | TaskHeard
  | TaskReached
  | WorldActivated
  | Pinned
  | Killed
  | ModeSet
  | AgentToken
  | CredentialRequested
  | CredentialIssued
  | CredentialEnded
  | Started
  | Erased;

export type {
  AgentToken,
  Answered,
  Asked,
  CredentialEnded,
  CredentialIssued,
  CredentialRequested,
  Killed,
  KillScope,
  ModeSet,
  Pinned,
  RecordedLimits,
  RecordedManifest,
  Seconded,
  TaskDeclassified,
  TaskEnded,
  TaskEndorsed,
  TaskHeard,
  TaskNarrowed,
  TaskOpened,
  TaskReached,
  TaskRenewed,
  TaskResumed,
  TaskSuspended,
  WorldActivated,
};
export type EntryKind = EntryDraft['kind'];

/** Members that the journal itself adds. `seq` is the index in the log; `at` never decreases. */
export interface Written {
  readonly v: 1;
  readonly tenant: string;
  readonly node: string;
  readonly seq: number;
  readonly at: Instant;
  /** What the clock said, where that was before `at`: it had been set back. Lifetimes are counted from here. */
  readonly clock?: Instant;
  /** For each field of the body, a salted SHA-256 commitment (base64url). Opened by `why` and `audit disclose`. */
  readonly commitments?: Readonly<Record<string, string>>;
}

export type Entry = EntryDraft & Written;

/** Personal or large content, kept encrypted beside the log under its task's key. Values are JSON texts. */
export type Bodies = Readonly<Record<string, string>>;

export interface Decided {
  readonly kind: 'decided';
  readonly id: DecisionId;
  readonly task: TaskId;
  readonly agent: AgentId;
  readonly principal: PrincipalId;
  readonly world: string;
  readonly door: string;
  readonly action: {
    readonly method: string;
    readonly server: string;
    readonly tool: string;
    readonly pin: string;
    readonly classes: readonly ActionClass[];
    readonly digest: string;
    readonly bytes: number;
    /** Absent in older entries. */
    readonly segment?: string;
    /** What it costs its task, if it costs anything. */
    readonly spendCents?: number;
    /** Keyed digest of what exactly is read or written; absent where nobody could tell. */
    readonly resource?: string;
    /** The catalogue says that its server keeps nothing of it. */
    readonly leaves?: false;
    /** Sensitivities, tenants and readers with which something that comes back may be labelled; absent: none. */
    readonly yields?: readonly Label[];
  };
  readonly mode: Mode;
  readonly answer: Answer;
  readonly verdict: 'pass' | 'refuse' | 'defer';
  readonly reasons: readonly Reason[];
  /** The labels that the decision saw, with their sources. */
  readonly labels: readonly LabelSource[];
  /** The approval that was used as a fact, if any. */
  readonly approval?: ApprovalId;
  /** Keyed digests of where it goes; absent: nowhere in particular. */
  readonly destinations?: readonly string[];
  /** It lies outside what its task is expected to do; absent: it does not. */
  readonly outside?: true;
  /** What was unusual about it; absent: nothing. */
  readonly risk?: Risk;
  /** The question on whose action this one builds, though policy permits it: it waits for the same answer. */
  readonly awaits?: ApprovalId;
  /** Of one that waits, keyed digests of the names that only it can bring about: what names them later waits as well. Absent: none. */
  readonly coined?: readonly string[];
  /** What an obligation had taken out of its arguments, by kind; `digest` is that of the action that is sent. */
  readonly redacted?: { readonly digest: string; readonly found: Readonly<Record<string, number>> };
  /** Values in its arguments that the agent has not seen: it sent handles. Absent: none. */
  readonly putBack?: readonly PutBackValue[];
  /** Microseconds: `gather` and `decide`. */
  readonly tookMicros: number;
  // Bodies: `arguments` (params as they are decided on), `withHandles` (the arguments as the agent sent them, where values were put
  // back), `sent` (params as they go on, where they were redacted) and `request` (the whole policy request, so that it can be
  // decided again).
}

export interface PutBackValue {
  readonly argument: string;
  /** The outcome that brought it, and where in it. */
  readonly entry: OutcomeId;
  readonly path: string;
}

/** What came of a decided action. Bodies: `result`, and `senders` where it names them. */
interface Outcome {
  readonly id: OutcomeId;
  readonly decision: DecisionId;
  readonly task: TaskId;
  readonly outcome: 'ok' | 'tool-error' | 'protocol-error';
  /** Of the answer, as counted against the task's limit; those of the request stand in `decided`. */
  readonly bytes: number;
  readonly tookMicros: number;
  /** Labels this result carried. The task has had them since before the result was relayed. */
  readonly labels: readonly Label[];
  /** What it came to, hundredths; absent: what was set aside when it was decided. */
  readonly spendCents?: number;
}

/**
 * The upstream answered, and its answer went to the agent. Where values were kept from the agent there are also the bodies
 * `shown`, what it saw, and `handles`, what stands for what.
 */
export interface Performed extends Outcome {
  readonly kind: 'performed';
  /** Of its labels, those that it has by way of the server, from whoever wrote there before, and of values that the call brought along. */
  readonly inherited?: readonly LabelSource[];
  /** What an obligation had taken out of all that came back, by kind. The body is what the agent was given. */
  readonly redacted?: Readonly<Record<string, number>>;
  /** How many values the agent was given handles for, and the labels of the whole answer, which its task did not get. */
  readonly hidden?: { readonly values: number; readonly labels: readonly Label[] };
}

/**
 * A client that performs its actions itself, and asked before (an advising door), says what came of it. Nobody here saw it.
 * The time is that from the answer to the client until it reported.
 */
export interface Reported extends Outcome {
  readonly kind: 'reported';
}

/**
 * A client says that it performed what had been turned away: a person said yes in its own window, or it did not heed
 * the refusal. It is no outcome of the decision, which has its own. Bodies: `result`.
 */
export interface Overruled {
  readonly kind: 'overruled';
  readonly id: EventId;
  readonly decision: DecisionId;
  readonly task: TaskId;
  readonly server: string;
  readonly tool: string;
  /** `asked`: the client was told to ask its user. `refused`: it was told no. */
  readonly over: 'asked' | 'refused';
  readonly labels: readonly Label[];
}

/** A decided action that was not performed. `needs-approval` names the pending request. */
export interface Refused {
  readonly kind: 'refused';
  readonly id: EventId;
  readonly decision: DecisionId;
  readonly task: TaskId;
  readonly code: RefusalCode;
  /** The yes that its decision took: it can be used again. */
  readonly givesBack?: ApprovalId;
}

/** A call that never became an action: malformed, unproven, over a limit. Sampled when unauthenticated. */
export interface Rejected {
  readonly kind: 'rejected';
  readonly id: EventId;
  readonly door: string;
  readonly agent?: AgentId;
  readonly task?: TaskId;
  readonly code: RefusalCode;
  readonly what: string;
  /** Why the proof of an unproven caller did not hold. */
  readonly proof?: RefusedProof;
  /** Calls of unproven callers that were rejected, counted and not written since the one written before. */
  readonly dropped?: number;
}

/** A fault before the first upstream byte: nothing happened. */
export interface Faulted {
  readonly kind: 'faulted';
  readonly id: EventId;
  readonly decision: DecisionId;
  readonly task: TaskId;
  readonly code: RefusalCode;
  /** In our own words; absent from older entries. */
  readonly why?: string;
  /** As that of `Refused`. */
  readonly givesBack?: ApprovalId;
}

/** A fault after the first upstream byte: the effect is not known, and it is never retried silently. */
export interface Indeterminate {
  readonly kind: 'indeterminate';
  readonly id: OutcomeId;
  readonly decision: DecisionId;
  readonly task: TaskId;
  /** Of the answer, as counted: 0, since none came. */
  readonly bytes: number;
  readonly code: RefusalCode;
  /** In our own words; absent from older entries. */
  readonly why?: string;
  readonly labels: readonly Label[];
  /** What it came to, hundredths; absent: what was set aside when it was decided. */
  readonly spendCents?: number;
}

/** The upstream answered, and the answer was kept from the agent. Bodies: `result`. */
export interface Withheld {
  readonly kind: 'withheld';
  readonly id: OutcomeId;
  readonly decision: DecisionId;
  readonly task: TaskId;
  readonly why: string;
  /** Of the answer, as counted against the task's limit. */
  readonly bytes: number;
  readonly labels: readonly Label[];
  /** What it came to, hundredths; absent: what was set aside when it was decided. */
  readonly spendCents?: number;
}

export interface Started {
  readonly kind: 'started';
  readonly id: EventId;
  readonly version: string;
  /** Decisions found without an outcome; their tasks were raised to the worst labels. */
  readonly unresolved: readonly EntryId[];
}
