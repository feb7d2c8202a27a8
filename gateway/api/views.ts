import type { Lease } from '@sallyport/core/grant/lease.ts';
import type { Answer, Mode, Obligation, Reason } from '@sallyport/core/model/decision.ts';
import type { Entry, EntryKind } from '@sallyport/core/model/entry.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';
import type { LabelSource } from '@sallyport/core/model/label.ts';
import type { Sensitivity } from '@sallyport/core/model/sensitivity.ts';
import type { TaskLimits, Use } from '@sallyport/core/model/task.ts';
import type { ActionClass } from '@sallyport/core/model/tool.ts';
import type { WhyAgent } from './why-agent.ts';

/**
 * What the control API answers: plain JSON, version 1 (docs/reference/api.md). Members are only added within a
 * version; a member that is missing means "not known" or "does not apply". Instants are milliseconds since the epoch.
 */

export interface StatusView {
  readonly version: string;
  readonly state: 'starting' | 'ready' | 'stopping';
  readonly startedAt: Instant;
  readonly now: Instant;
  readonly listen: string;
  readonly stateDir: string;
  /** Digest of the world in force. */
  readonly world: string;
  /** A changed policy set that waits for `policy activate`. */
  readonly candidate?: string;
  readonly policies: number;
  readonly servers: readonly ServerState[];
  readonly agents: number;
  readonly tasks: { readonly open: number };
  readonly approvals: { readonly pending: number };
  readonly quarantined: number;
  readonly killed: readonly KillView[];
  readonly modes: ModesView;
  readonly journal: JournalState;
  /** The ways in which people are told of questions, in the order in which they are tried. */
  readonly channels?: readonly ChannelView[];
}

export interface ChannelView {
  readonly id: string;
  readonly state: 'unused' | 'ok' | 'failing';
  readonly at?: Instant;
  readonly why?: string;
}

export interface ServerState {
  readonly id: string;
  readonly transport: 'stdio' | 'http';
  readonly state: 'starting' | 'ready' | 'down';
  readonly tools: number;
  readonly why?: string;
}

export interface JournalState {
  readonly entries: number;
  readonly state: 'ok' | 'down';
  readonly checkpointAt?: Instant;
}

export interface KillView {
  /** `all`, `agent:ID`, `task:ID` or `server:ID`. */
  readonly scope: string;
  readonly at: Instant;
  readonly by: string;
  readonly why: string;
}

export interface ModesView {
  /** Where no scope says anything. */
  readonly fallback: Mode;
  readonly scopes: readonly ModeView[];
}

export interface ModeView {
  /** `default`, `agent:ID`, `server:ID`, `tool:SERVER/NAME` or `class:NAME`. */
  readonly scope: string;
  readonly mode: Mode;
  readonly source: 'config' | 'operator';
  readonly at?: Instant;
}

export interface TaskView {
  readonly id: string;
  /** `ambient`, `opened`, or the name of a kind that stands beside the policies. */
  readonly kind: string;
  readonly agent: string;
  readonly principal: string;
  readonly opener: string;
  readonly purpose: string;
  /** `killed` and `expired` tasks are still open: they may be unkilled, or ended. */
  readonly state: 'open' | 'killed' | 'suspended' | 'expired' | 'ended';
  readonly suspended?: { readonly at: Instant; readonly by: string; readonly why: string };
  readonly openedAt: Instant;
  readonly endsAt: Instant;
  readonly ended?: { readonly at: Instant; readonly by: string; readonly why: string };
  /** Absent: not stated. Empty: none. */
  readonly tools?: readonly string[];
  readonly resources?: readonly string[];
  readonly destinations?: readonly string[];
  readonly ceiling: Sensitivity;
  /** Absent: it has not acted, and whoever opened it named none. */
  readonly segments?: readonly string[];
  /** Absent: every server. */
  readonly audience?: readonly string[];
  /** The task that delegated to it, and how many there are above it. */
  readonly parent?: string;
  readonly depth: number;
  readonly limits: TaskLimits;
  readonly used: Use;
  /** Set aside for calls in flight. */
  readonly reserved: Use;
  /** The first source of each label. */
  readonly labels: readonly LabelSource[];
}

export interface ApprovalView {
  readonly id: string;
  readonly state: 'pending' | 'approved' | 'refused' | 'used' | 'expired' | 'void';
  /** Why it is void. */
  readonly why?: string;
  readonly decision: string;
  readonly task: string;
  readonly agent: string;
  readonly principal: string;
  readonly purpose: string;
  readonly tool: string;
  readonly digest: string;
  readonly pin: string;
  readonly world: string;
  /** Absent where the decision is gone. */
  readonly classes?: readonly ActionClass[];
  /** Who opened the task, and so who stated its purpose; `claimed` counts for nothing. */
  readonly opener?: string;
  /** What a yes permits, exactly: the parameters as they would be sent. Absent where the body is gone. */
  readonly arguments?: string;
  /** The facts that were decided on. Absent where the body is gone. */
  readonly facts?: FactsView;
  /** What stands in the way first; `effect` tells it from what would then permit. */
  readonly reasons: readonly PlacedReason[];
  readonly labels: readonly LabelSource[];
  /** Those who may answer now. */
  readonly approvers: readonly string[];
  /** How many different people have to say yes, and who did; absent: one. */
  readonly people?: number;
  readonly seconds?: readonly { readonly at: Instant; readonly by: string; readonly proof: string }[];
  /** From when on others may answer as well. */
  readonly escalation?: { readonly at: Instant; readonly approvers: readonly string[] };
  readonly askedAt: Instant;
  /** Pending: until when it can be answered. Approved: until when it can be used. */
  readonly expiresAt: Instant;
  readonly answered?: {
    readonly at: Instant;
    readonly by: string;
    readonly proof: string;
    /** What the agent is told beside a no. */
    readonly why?: string | undefined;
  };
}

export interface ToolView {
  /** `server/name` */
  readonly tool: string;
  readonly status: 'pinned' | 'quarantined';
  readonly why?: string;
  readonly pin: string;
  readonly classes: readonly ActionClass[];
  readonly segment: string;
  readonly trustedResult: boolean;
  readonly description?: string;
}

export interface ToolDiffView {
  readonly tool: string;
  /** Absent for a tool that was never pinned. */
  readonly pinned?: string;
  /** What `tools/accept` has to name; absent where the tool is gone. */
  readonly offered?: string;
  readonly why: string;
  /** A readable diff, one change a line, invisible characters shown. */
  readonly text: string;
}

export interface PolicyView {
  readonly active: PolicySetView;
  readonly candidate?: PolicySetView & { readonly problems: readonly PolicyProblem[] };
}

export interface PolicySetView {
  readonly digest: string;
  /** Of the world that holds it; absent for a candidate. */
  readonly world?: string;
  readonly activatedAt?: Instant;
  readonly by?: string;
  readonly policies: readonly {
    readonly id: string;
    readonly effect: 'permit' | 'forbid';
    readonly file: string;
    readonly line: number;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

export interface PolicyProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
  readonly fix?: string;
}

export interface AgentView {
  readonly id: string;
  readonly classes: readonly string[];
  readonly team?: string;
  readonly owner?: string;
  readonly principal: string;
  readonly shared: boolean;
  readonly vendor: boolean;
  readonly entries: readonly string[];
  /** Names of its bearer tokens, never the tokens. */
  readonly tokens: readonly { readonly id: string; readonly issuedAt: Instant }[];
  readonly killed: boolean;
}

export interface AuditView {
  readonly dir: string;
  readonly origin: string;
  /** C2SP signed-note verifier key. */
  readonly vkey: string;
  readonly entries: number;
  /** Newest checkpoint, a C2SP signed note. */
  readonly checkpoint?: string;
}

/** What would be decided now. Nothing is performed and nothing is recorded. */
export interface TryView {
  readonly recorded: false;
  readonly tool: string;
  readonly answer: Answer;
  readonly verdict: 'pass' | 'refuse' | 'defer';
  readonly mode: Mode;
  readonly reasons: readonly PlacedReason[];
  readonly obligations: readonly Obligation[];
  readonly approval?: { readonly approvers: readonly string[]; readonly expiresSeconds: number };
  readonly facts: FactsView;
  readonly change?: ChangeView;
  readonly world: string;
}

export interface PlacedReason extends Reason {
  readonly effect?: 'permit' | 'forbid';
  readonly file?: string;
  readonly line?: number;
}

export interface PolicyTextView {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** The facts that policy saw, by their policy names (`context.task`, `context.flow`, `context.env`). */
export interface FactsView {
  readonly task: Readonly<Record<string, unknown>>;
  readonly flow: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, unknown>>;
}

/** The smallest change that would permit, found by deciding again with one fact changed at a time. */
export interface ChangeView {
  readonly text: string;
  readonly answer: Answer;
}

/** `why`: one decision with everything that led to it and followed from it. */
export interface WhyView {
  readonly id: string;
  readonly seq: number;
  readonly at: Instant;
  readonly agent: WhyAgent;
  readonly task: {
    readonly id: string;
    readonly kind?: string;
    readonly principal: string;
    readonly purpose?: string;
    readonly opener?: string;
  };
  readonly action: {
    readonly method: string;
    readonly server: string;
    readonly tool: string;
    readonly pin: string;
    readonly classes: readonly ActionClass[];
    readonly digest: string;
    readonly bytes: number;
  };
  /** The parameters as sent, JSON text; absent where the body is gone. */
  readonly arguments?: string;
  readonly door: string;
  readonly world: string;
  /** False if the policies in force now are others: file and line are then those of now, and `change` is absent. */
  readonly worldInForce: boolean;
  readonly mode: Mode;
  readonly answer: Answer;
  readonly verdict: 'pass' | 'refuse' | 'defer';
  /** What was done: `performed`, `refused`, …; absent while it runs. */
  readonly did?: string;
  readonly reasons: readonly PlacedReason[];
  /** Absent where the body is gone. */
  readonly facts?: FactsView;
  /** The policies behind the reasons as they are written; absent if others are in force now. */
  readonly policies?: readonly PolicyTextView[];
  /** What came back, with secrets taken out, JSON text; absent where nothing did or the body is gone. */
  readonly result?: string;
  /** Each label with the entry its first source is. */
  readonly labels: readonly LabelSource[];
  /** The approval that was asked for, or used. */
  readonly approval?: {
    readonly id: string;
    readonly use: 'asked' | 'used';
    readonly answer?: 'approved' | 'refused';
    readonly by?: string;
    readonly at?: Instant;
    readonly expiresAt?: Instant;
  };
  readonly outcome?: Entry;
  readonly change?: ChangeView;
  readonly timings: { readonly decideMicros: number; readonly performMicros?: number };
}

export interface EntriesQuery {
  /** Entries with a greater `seq`, oldest first. Without it: the newest. */
  readonly after: number | undefined;
  readonly limit: number;
  readonly kinds: readonly EntryKind[] | undefined;
  readonly agent: string | undefined;
  readonly task: string | undefined;
  /** `server/name`, or `server/*`. */
  readonly tool: string | undefined;
  readonly answer: Answer | undefined;
}

export interface EntriesPage {
  /** Oldest first. */
  readonly entries: readonly Entry[];
  /** `seq` of the newest entry there is, −1 if none: what `after` has to be to see only what comes next. */
  readonly newest: number;
}

/** A credential that servers are given, and who holds it. Never its value. */
export interface CredentialView {
  readonly name: string;
  readonly kind: string;
  readonly state: {
    readonly state: 'ready' | 'needs-authorization' | 'failing';
    readonly why?: string;
    readonly note?: string;
  };
  readonly leases: readonly Lease[];
}

/** What could be reached by whoever holds an agent, a server or a credential. */
export interface ReachView {
  /** Of a server or a credential: what it has of its own, whatever the gateway decides. */
  readonly holds?: readonly {
    readonly server: string;
    readonly segment: string;
    readonly credentials: readonly string[];
  }[];
  /** The agent, or those that listen to the server. */
  readonly agents: readonly ReachedBy[];
}

export interface ReachedBy {
  readonly agent: string;
  readonly task: string;
  readonly kind: string;
  /** Absent: the task has not acted, and may begin in any one segment. */
  readonly standsIn?: readonly string[];
  readonly segments: readonly {
    readonly segment: string;
    /** No step into another segment is needed. */
    readonly here: boolean;
    readonly servers: readonly {
      readonly id: string;
      readonly credentials: readonly string[];
      readonly tools: readonly ReachedTool[];
    }[];
  }[];
}

export interface ReachedTool {
  readonly tool: string;
  /** `depends`: a rule looks at the arguments, and cannot be settled without them. */
  readonly reach: 'free' | 'ask' | 'depends' | 'no';
  readonly rules: readonly string[];
}
