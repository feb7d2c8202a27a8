import type { Step } from '../behaviour/step.ts';
import type { ReadPersonal } from '../facts/personal.ts';
import type { Action, Digest } from '../model/action.ts';
import type { Actor, Agent, Proof } from '../model/agent.ts';
import type { Notice } from '../model/call.ts';
import type { CallSignal } from '../model/call-signal.ts';
import type { ApprovalTerms } from '../model/decision.ts';
import type { Bodies, EntryDraft, TaskDeclassified, TaskEndorsed } from '../model/entry.ts';
import type { AgentId, ApprovalId, DecisionId, EntryId, Instant, NewId, ServerId, TaskId } from '../model/ids.ts';
import type { JsonNode, JsonObject } from '../model/json.ts';
import type { LabelSource } from '../model/label.ts';
import type { ClientOffer, Question } from '../model/question.ts';
import type { Checked } from '../model/refusal.ts';
import type { Risk } from '../model/risk.ts';
import type { Task, Use } from '../model/task.ts';
import type { Catalogue } from '../model/tool.ts';
import type { PolicyEngine } from '../policy/engine.ts';
import type { WallClock } from '../policy/environment.ts';
import type { ModeTable } from '../policy/mode.ts';
import type { Looked, Said } from '../provenance/memories.ts';
import type { Wish } from '../task/limits.ts';
import type { Standing } from '../task/standing.ts';
import type { Handles } from './put-back.ts';

/** There at once where nothing has to be waited for: nearly always. */
export type Soon<T> = T | Promise<T>;

/** What the line needs of the world around it. Every port refuses or throws; none answers "probably". */
export interface LinePorts {
  readonly now: () => Instant;
  /** Of the configured time zone. Absent: UTC. */
  readonly wallClock?: WallClock;
  /** Microseconds of a clock that never jumps. */
  readonly micros: () => number;
  readonly newId: NewId;
  /** Keyed: who does not have this installation's key cannot find an action by trying what it may have been. */
  readonly digest: Digest;
  readonly authenticate: (proof: Proof) => Soon<Checked<Agent>>;
  /** The world in force: one value, swapped atomically. */
  readonly world: () => World;
  readonly tasks: Tasks;
  readonly flow: Flow;
  /** What tasks were given handles for. Absent: nothing can be kept back, and a permit that demands it permits nothing. */
  readonly handles?: Handles;
  readonly stores: SharedStores;
  readonly behaviour: BehaviourPort;
  readonly approvals: Approvals;
  readonly journal: Journal;
  readonly upstreams: Upstreams;
  readonly limits: LineLimits;
  /** Finds what is personal in texts. Absent, or it throws: nothing can be looked for, and what has to be redacted is kept back. */
  readonly readPersonal?: ReadPersonal;
  /** Whether the action leads to the gateway's own files (E-6). Absent: none are known. */
  readonly leadsToOurs?: (action: Action) => boolean;
  /** False where nobody reads what an agent is told of a no: which of its values stand in the way takes further evaluations. */
  readonly explains?: false;
}

export interface LineLimits {
  /** An upstream's answer beyond this is withheld. */
  readonly replyBytesMax: number;
}

/** Policies, schema, pins, classes and modes, activated together under one digest that stands in every entry. */
export interface World {
  readonly digest: string;
  readonly engine: PolicyEngine;
  readonly catalogue: Catalogue;
  readonly modes: ModeTable;
}

export interface Tasks {
  /**
   * The task that `token` names, or the ambient task that agent and principal share (opened durably on first use).
   * Refuses a task that is unknown, another agent's, ended, over its time, or killed at any level; in every mode.
   */
  readonly require: (agent: Agent, token: string | undefined) => Soon<Standing>;
  /**
   * Sets one call, its bytes and up to `replyBytesMax` for the answer aside, atomically with the check against the
   * limits. Where only calls in flight stand in the way it waits until enough of them settled, so that a call is
   * refused for a limit only if it would be in some serial order (K-9). Near the end of a task's bytes the answer's
   * share may be smaller.
   */
  readonly reserve: (task: TaskId, wish: Wish, signal: CallSignal) => Soon<Checked<Reservation>>;
  /** The task as it stands at this instant, or why it may no longer act, there. Synchronous: nothing can slip in between. */
  readonly standing: (task: TaskId, agent: AgentId, server?: ServerId) => Checked<Task>;
  /** Whose authority the task's comes from, nearest first; empty if nobody delegated it. Throws if one is not known. */
  readonly actors: (task: Task) => readonly Actor[];
  /**
   * A task whose opener named no segment works from now on in this one, in which it acts first. False if it works in
   * others already. Synchronous: of two first steps at once one is the first.
   */
  readonly enter: (task: TaskId, segment: string) => boolean;
  /** A policy wants nothing more to be done in it until a person looks. In force at once, durable once it resolves. */
  readonly suspend: (task: TaskId, policy: string) => Promise<void>;
  /**
   * Adds labels. Synchronous, so that it has happened before anything is relayed. What an entry brought has the time with which
   * it came last: that of the entry, once it stands in the record.
   */
  readonly raise: (task: TaskId, sources: readonly LabelSource[]) => void;
  /** Carries out what a policy did, once it is in the journal, which says when. Synchronous. */
  readonly loosen: (act: TaskDeclassified | TaskEndorsed, at: Instant) => void;
}

/** Settled exactly once; a second settlement does nothing. */
export interface Reservation {
  /** What its task had used when this was set aside, and what calls that were under way then may use. Absent: as the task stands. */
  readonly before?: Use;
  /** What was set aside of the task's money, hundredths. */
  readonly spendCents: number;
  /** What the answer may have: at most what was asked for. */
  readonly replyBytesMax: number;
  /** Its agent, its task, one above that, or its server was stopped since: also where they may go on by now. */
  readonly stopped: boolean;
  /**
   * The action was sent: one call, and `bytes` of arguments and results together, are used for good, and `spendCents` or
   * what was set aside of its money.
   */
  readonly commit: (bytes: number, spendCents?: number) => void;
  /** Nothing was sent: it cost nothing. */
  readonly release: () => void;
}

/** What tasks have been told and have read, for finding where the values of a call come from. In memory, and bounded. */
export interface Flow {
  /** What the task had read in an earlier run is remembered once this resolves; undefined where there is nothing to wait for. */
  readonly recall?: (task: Task) => Promise<void> | undefined;
  /** Synchronous: what the values of this call are, and where they were found. */
  readonly look: (task: Task, action: Action) => Looked;
  /** What an upstream said entered the task. `entry` is the outcome it belongs to. */
  readonly read: (task: TaskId, performed: LookedAt, entry: EntryId, said: JsonNode, about: Said) => void;
}

/** How agents usually behave: rebuilt from the journal at start, and moved on by it. */
export interface BehaviourPort {
  /** Synchronous: how this action looks beside what its agent usually does in such tasks. */
  readonly look: (step: Step) => Risk;
}

/** An action with what was found about its values when it was decided. */
export interface LookedAt {
  readonly action: Action;
  readonly looked: Looked;
}

/** A question on whose action another one builds. */
export interface BuiltOn {
  /**
   * `waits`: nobody has answered it yet. `too-many`: and so many wait for it already that another is refused. `refused`: somebody said no.
   * `lapsed`: its time is over, and nobody said yes.
   */
  readonly kind: 'waits' | 'too-many' | 'refused' | 'lapsed';
  readonly approval: ApprovalId;
  /** `server/name` of what the question is about. */
  readonly tool: string;
}

/** How what was written to servers through the gateway is marked, by the keyed digest of what exactly was written. */
export interface SharedStores {
  /** Synchronous, and before the first byte is sent: whoever reads it from now on inherits these labels. */
  readonly write: (server: ServerId, resource: string | undefined, sources: readonly LabelSource[]) => void;
  readonly held: (server: ServerId, resource: string | undefined) => readonly LabelSource[];
}

export interface Approvals {
  /**
   * A recorded, unused, unexpired yes bound to exactly this task, action digest, pin and world, of all those whom `terms`
   * ask. Synchronous.
   */
  readonly find: (task: Task, action: Action, world: string, terms: ApprovalTerms) => ApprovalId | undefined;
  /** Takes it for this decision, once; false if somebody else was faster. Synchronous. */
  readonly use: (approval: ApprovalId, decision: DecisionId) => boolean;
  /** Nothing came of that decision, and the record says so or has none: it stands again, if nothing it belongs to was stopped. Synchronous. */
  readonly giveBack: (approval: ApprovalId, decision: DecisionId) => void;
  /** The question of this task, open or without a yes, on whose action this one builds. Synchronous. */
  readonly builtOn: (task: Task, action: Action, looked: Looked) => BuiltOn | undefined;
  /** The pending request for this action, or a new one, durably recorded. Refuses when too many are pending. */
  readonly ask: (request: {
    readonly decision: DecisionId;
    readonly task: Task;
    readonly action: Action;
    readonly world: string;
    readonly terms: ApprovalTerms;
    readonly coined: readonly string[];
  }) => Promise<Checked<ApprovalId>>;
}

export interface Journal {
  /** Resolves once the entry is durable (group commit, fdatasync). Rejects if it is not; the gateway is then stopping. */
  readonly record: (draft: EntryDraft, bodies?: Bodies) => Promise<void>;
  /**
   * Joins the next durable batch without waiting. Throws if the journal is down. `rejected` entries that name no agent
   * are sampled: a flood of unproven callers cannot fill the disk. Answers what the clock said: the entry's time in the state.
   */
  readonly append: (draft: EntryDraft, bodies?: Bodies) => Instant;
}

/** For what keeps in memory what a start reads out of the record: its time is the entry's (`clock`, else `at`) in both. */
export interface PlacingJournal extends Journal {
  /** `record`, with what the clock said, which is known at once. It does not throw: `durable` rejects. */
  readonly place: (draft: EntryDraft, bodies?: Bodies) => Placed;
}

export interface Placed {
  readonly at: Instant;
  /** As `record` of the port. Whoever places has to wait for it. */
  readonly durable: Promise<void>;
}

export interface Upstreams {
  /**
   * Everything that may take time before an action: the process or session of this server for this agent, principal
   * and (for shared agents) task, and the credential for this one action.
   */
  readonly prepare: (action: Action, agent: Agent, task: Task, signal: CallSignal) => Soon<Checked<Ready>>;
}

/** An upstream that is ready for exactly one action. */
export interface Ready {
  /**
   * Sends `action.params` and nothing else of the agent's. The request is handed to the socket or pipe before this
   * function returns its promise: no await lies between the caller's last check and the first upstream byte.
   */
  readonly perform: (options: PerformOptions) => Promise<UpstreamReply>;
  /** Gives it back unused. */
  readonly abandon: () => void;
}

export interface PerformOptions {
  /** In which it is done: what a server says in its course is heard in no other. */
  readonly task: TaskId;
  readonly signal: CallSignal;
  readonly replyBytesMax: number;
  readonly wantsProgress: boolean;
  readonly onNotice: (notice: Notice) => void;
  /** What the agent's client can be asked: all that a server learns of it. */
  readonly offers?: ReadonlySet<ClientOffer> | undefined;
  readonly onQuestion?: (question: Question) => void;
}

export type UpstreamReply =
  | { readonly kind: 'result'; readonly result: JsonObject; readonly bytes: number }
  | { readonly kind: 'error'; readonly error: UpstreamError; readonly bytes: number }
  /** No answer. `sent: false` only if it is certain that the upstream got no byte of it. */
  | { readonly kind: 'lost'; readonly sent: boolean; readonly code: LostCode; readonly why: string }
  /** An answer that cannot be relayed: malformed, or `tooLarge` for `replyBytesMax`. */
  | { readonly kind: 'unusable'; readonly why: string; readonly bytes: number; readonly tooLarge?: true };

export type LostCode = 'upstream-unavailable' | 'upstream-timeout' | 'cancelled';

/** A JSON-RPC error object as the upstream sent it. */
export interface UpstreamError {
  readonly code: number;
  readonly message: string;
  readonly data: JsonObject | undefined;
}
