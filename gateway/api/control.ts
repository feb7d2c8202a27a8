import type { Mode } from '@sallyport/core/model/decision.ts';
import type { EntriesQuery } from '@sallyport/core/model/entries-query.ts';
import type { Entry } from '@sallyport/core/model/entry.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';
import type { JsonObject } from '@sallyport/core/model/json.ts';
import type { Sensitivity } from '@sallyport/core/model/sensitivity.ts';
import type { Manifest, TaskLimits } from '@sallyport/core/model/task.ts';
import type { Caller, Role } from './caller.ts';
import type { AgentView } from './view/agent.ts';
import type { ApprovalView } from './view/approval.ts';
import type { AuditView } from './view/audit.ts';
import type { CredentialView } from './view/credential.ts';
import type { TryView, WhyView } from './view/decision.ts';
import type { EntriesPage } from './view/entries.ts';
import type { FindingView } from './view/finding.ts';
import type { KindView } from './view/kind.ts';
import type { PolicyTestsView, PolicyView } from './view/policy.ts';
import type { ReachView } from './view/reach.ts';
import type { KillView, ModesView, StatusView } from './view/status.ts';
import type { TaskView } from './view/task.ts';
import type { ToolDiffView, ToolView } from './view/tool.ts';

/**
 * Everything that an operator can ask or do. The API parses and checks the operator's proof; this does it. Every
 * function answers or says why not; a throw becomes `fault`. No function here can define a process.
 */
export interface Control {
  /** `advisory: shared uid` or `separate uid`: stands in every answer. */
  readonly operator: string;
  readonly status: () => Promise<StatusView>;
  readonly entries: (query: EntriesQuery) => Promise<EntriesPage>;
  /** Each durable entry that matches, in order, first those after `query.after`; ends when `signal` is aborted. */
  readonly follow: (query: EntriesQuery, signal: AbortSignal) => AsyncIterable<Entry>;
  /** By id or unique prefix of a decision, or of an entry that belongs to one. */
  readonly decision: (id: string) => Promise<Done<WhyView>>;
  /** Any single entry, by id or unique prefix: what was rejected before it became an action has no decision. */
  readonly entry: (id: string) => Promise<Done<Entry>>;
  readonly tasks: TaskControl;
  readonly approvals: ApprovalControl;
  /** `all`, `agent:ID`, `task:ID` or `server:ID`. In force at once, durable once it resolves. */
  readonly kill: (scope: string, why: string, by: Caller) => Promise<Done<readonly KillView[]>>;
  readonly unkill: (scope: string, why: string, by: Caller) => Promise<Done<readonly KillView[]>>;
  readonly modes: () => Promise<ModesView>;
  /** `unset` takes back what an operator set. */
  readonly setMode: (scope: string, mode: Mode | 'unset', by: Caller) => Promise<Done<ModesView>>;
  readonly tools: ToolControl;
  readonly policy: () => Promise<PolicyView>;
  /** Runs the tests beside the policy files. Changes nothing, and comes to the same for whoever asks meanwhile. */
  readonly policyTests: () => Promise<PolicyTestsView>;
  /** Activates the candidate of exactly this digest. */
  readonly activate: (digest: string, by: Caller) => Promise<Done<PolicyView>>;
  /** Decides, performs nothing, records nothing. */
  readonly attempt: (attempt: Attempt) => Promise<Done<TryView>>;
  /** What whoever holds an agent, a server or a credential could reach. Decides, performs nothing, records nothing. */
  readonly reach: (query: ReachQuery) => Promise<Done<ReachView>>;
  /** Kinds of tasks, and what such tasks did before; of one, or of all. */
  readonly kinds: (name: string | undefined) => Promise<readonly KindView[]>;
  /** What was noticed about tasks, the newest first; of one task, or of all. */
  readonly findings: (task: string | undefined) => Promise<readonly FindingView[]>;
  readonly agents: AgentControl;
  readonly credentials: CredentialControl;
  /** Begins an orderly stop; resolves at once. */
  readonly shutdown: () => Promise<void>;
  readonly audit: () => Promise<AuditView>;
  readonly session: SessionControl;
}

/** What servers are given. No value of a secret passes here. */
export interface CredentialControl {
  readonly list: () => Promise<readonly CredentialView[]>;
  /** A link that works once: who follows it signs in for `principal` at the credential's authorization server. */
  readonly invite: (credential: string, principal: string) => Promise<Done<{ readonly url: string }>>;
}

/** Sign-in of people to the console. What is shown here once is kept nowhere but as a hash. */
export interface SessionControl {
  /** A link that works once, for somebody with at most this role. */
  readonly link: (role: Role, caller: Caller) => Promise<{ readonly link: string; readonly expiresAt: Instant }>;
  /** Exchanges the link that stands as the bearer. */
  readonly redeem: (authorization: string | undefined) => Promise<Done<OpenedSession>>;
  readonly end: (authorization: string | undefined) => Promise<void>;
}

export interface OpenedSession {
  readonly token: string;
  readonly name: string;
  readonly role: Role;
  readonly expiresAt: Instant;
  /** The one question that it sees and answers; absent: whatever the role may. */
  readonly only?: string;
}

export type Done<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ApiError };

export type ApiErrorCode =
  | 'malformed'
  | 'operator-proof'
  | 'role'
  | 'origin'
  | 'not-found'
  | 'ambiguous'
  | 'method'
  | 'conflict'
  | 'too-large'
  | 'policy-invalid'
  | 'unavailable'
  | 'fault';

/** What was wrong, where, and what to do next. Never a value, never a secret. */
export interface ApiError {
  readonly code: ApiErrorCode;
  /** `limits.callsMax`, `?limit`, `path`. */
  readonly field?: string;
  readonly message: string;
  readonly fix?: string;
}

/** Exactly one of `agent`, `server` and `credential`; `task` only beside `agent`. */
export interface ReachQuery {
  readonly agent: string | undefined;
  readonly task: string | undefined;
  readonly server: string | undefined;
  readonly credential: string | undefined;
}

export interface TaskControl {
  readonly list: (filter: TaskFilter) => Promise<readonly TaskView[]>;
  /** By id or unique prefix. */
  readonly find: (id: string) => Promise<Done<TaskView>>;
  /** The token is shown once and kept nowhere; a new ambient task has none. */
  readonly open: (order: TaskOrder, by: Caller) => Promise<Done<{ readonly task: TaskView; readonly token?: string }>>;
  readonly end: (id: string, why: string, by: Caller) => Promise<Done<TaskView>>;
  readonly suspend: (id: string, why: string, by: Caller) => Promise<Done<TaskView>>;
  /** Less is expected of it, and of all below it, for good. */
  readonly narrow: (id: string, manifest: Manifest, why: string, by: Caller) => Promise<Done<TaskView>>;
  readonly resume: (id: string, by: Caller) => Promise<Done<TaskView>>;
  /** What it has read counts as less sensitive from now on, for the rest of it. */
  readonly declassify: (id: string, order: DeclassifyOrder, by: Caller) => Promise<Done<TaskView>>;
  /** A new token in place of the one before, and where `access` is given an access token beside it. */
  readonly renew: (id: string, access: AccessOrder | undefined, by: Caller) => Promise<Done<RenewedTask>>;
  /** All that the signed record holds of it, as one file that `sallyport audit verify` accepts. */
  readonly export: (id: string) => Promise<Done<TaskExportView>>;
  /** Holds a task that hangs on a connection until `signal` is aborted, or the task is over. */
  readonly hold: (id: string, signal: AbortSignal) => Done<AsyncIterable<string>>;
  /** Makes the bodies of the task unreadable for good; by its whole id also one that only the journal knows. */
  readonly erase: (id: string, why: string, by: Caller) => Promise<Done<ErasedView>>;
}

/** Of what one outcome brought, of one value, or where neither is named of all that the task has read. */
export interface DeclassifyOrder {
  readonly entry: string | undefined;
  readonly value: string | undefined;
  readonly to: Sensitivity;
  readonly why: string;
}

export interface TaskExportView {
  readonly task: string;
  readonly entries: number;
  /** The file (docs/formats/task-export.md). */
  readonly text: string;
}

export interface ErasedView {
  readonly task: string;
  /** Keys that are gone. */
  readonly keys: number;
}

/** An access token for one resource of ours, minutes long, which proves the agent and names the task. */
export interface AccessOrder {
  /** `/mcp`, or `/mcp/SERVER`. */
  readonly audience: string;
  readonly seconds: number | undefined;
  /** Thumbprint of the key that it is bound to (RFC 9449). */
  readonly jkt: string | undefined;
}

export interface RenewedTask {
  readonly task: TaskView;
  readonly token: string;
  readonly access?: { readonly token: string; readonly expiresAt: number };
}

export interface TaskFilter {
  readonly agent: string | undefined;
  readonly state: 'open' | 'ended' | 'all';
  /** Only those that this task handed on. */
  readonly parent: string | undefined;
  readonly limit: number;
}

export interface TaskOrder {
  /**
   * `opened`, or the name of a kind of task; `ambient` replaces the ambient task that agent and principal share by a
   * clean one.
   */
  readonly kind: string;
  readonly agent: string;
  /** Undefined: the agent's configured principal. */
  readonly principal: string | undefined;
  readonly purpose: string;
  readonly manifest: Manifest;
  /** Undefined: none. */
  readonly ceiling: Sensitivity | undefined;
  /** Where it works; undefined: in the segment in which it first acts. */
  readonly segments: readonly string[] | undefined;
  /** The servers that it may reach; undefined: every one. */
  readonly audience: readonly string[] | undefined;
  /** The task that it is delegated from. */
  readonly parent: string | undefined;
  /** What it hangs on outside: it ends when that does. */
  readonly endsWith?: string | undefined;
  readonly limits: Partial<TaskLimits>;
}

export interface ApprovalControl {
  /** `only`: the one with this id, whatever its state. */
  readonly list: (state: 'pending' | 'all', only?: string) => Promise<readonly ApprovalView[]>;
  /** By id or unique prefix. */
  readonly answer: (id: string, word: AnswerOrder) => Promise<Done<ApprovalView>>;
  readonly endorse: (id: string, order: StandBehindOrder) => Promise<Done<ApprovalView>>;
}

/** A wider answer: one thing that the question is about counts as the principal's own, for the rest of the task or a time of it. */
export interface StandBehindOrder {
  /** A value of the call, or the source it came from, each by its digest among the question's `ways`; or the tool. */
  readonly what: { readonly kind: 'value' | 'source'; readonly digest: string } | { readonly kind: 'tool' };
  /** For how long; undefined: for as long as the task. */
  readonly minutes: number | undefined;
  /** In the person's own words; it stands in the journal. */
  readonly why: string;
  readonly by: Caller;
}

export interface AnswerOrder {
  readonly answer: 'approved' | 'refused';
  /** What the agent is told beside a no; empty where nothing was said. */
  readonly why: string;
  readonly by: Caller;
}

export interface ToolControl {
  readonly list: () => Promise<readonly ToolView[]>;
  /** Of one tool, or of every tool that is quarantined. */
  readonly diff: (tool: string | undefined) => Promise<Done<readonly ToolDiffView[]>>;
  /** Pins exactly the definitions that were looked at: all of them, or none. */
  readonly accept: (
    tools: readonly { readonly tool: string; readonly pin: string }[],
    by: Caller,
  ) => Promise<Done<readonly ToolView[]>>;
}

export interface AgentControl {
  readonly list: () => Promise<readonly AgentView[]>;
  /** The token is shown once; only its hash is kept. */
  readonly issue: (agent: string, by: Caller) => Promise<Done<{ readonly id: string; readonly token: string }>>;
  /** One token by its name, or all of them. */
  readonly revoke: (agent: string, token: string | undefined, by: Caller) => Promise<Done<AgentView>>;
}

export interface Attempt {
  readonly agent: string;
  readonly tool: string;
  readonly input: JsonObject;
  /** As in this task; otherwise in the agent's ambient one, or in a new one that the other members describe. */
  readonly task: string | undefined;
  readonly purpose: string | undefined;
  /** Manifest of the new task. */
  readonly tools: readonly string[] | undefined;
  /** The new task has read untrusted content. */
  readonly untrusted: boolean;
}
