import type { Actor, Agent } from '../model/agent.ts';
import type { Instant } from '../model/ids.ts';
import type { JsonObject } from '../model/json.ts';
import type { Label, Origin } from '../model/label.ts';
import type { SignalName } from '../model/risk.ts';
import type { Tool } from '../model/tool.ts';
import type { Way } from '../model/way.ts';

/** Everything that policy may look at for one action. The engine adapter maps it onto its own language. */
export interface PolicyRequest {
  readonly agent: Agent;
  /** Who delegated to it or asked it, nearest first; absent: nobody. They grant nothing, and can only take away. */
  readonly actors?: readonly Actor[];
  readonly tool: Tool;
  /** Becomes `context.input`, typed by the tool's pinned schema. */
  readonly input: JsonObject;
  readonly task: TaskFacts;
  readonly flow: FlowFacts;
  readonly env: EnvironmentFacts;
  readonly risk: RiskFacts;
}

/** `context.task` */
export interface TaskFacts {
  /** `ambient`, `opened`, or the name of a kind that stands beside the policies. */
  readonly kind: string;
  /** `operator`, `principal`, `workload`, `gateway` or `claimed`; a claimed manifest never sets `inManifest`. */
  readonly openerProof: string;
  readonly hasManifest: boolean;
  readonly inManifest: boolean;
  /** Delegations between the task and what somebody opened; 0: none. */
  readonly depth: number;
  /** Rank of the most sensitive data it may read, 0 `public` to 3 `secret`. */
  readonly ceiling: number;
  /** Where it works; empty for a task that has not acted and whose opener named none. */
  readonly segments: readonly string[];
  /** This action lies in none of them. */
  readonly crossesSegment: boolean;
  /** The principal's words are known: what was said when the task was opened, by somebody other than the agent. */
  readonly hasPurpose: boolean;
  /** The principal's words, or the manifest, ask for this kind of act on this kind of thing. */
  readonly asked: boolean;
  /** They speak of the act, or of the thing. True where `asked` is. */
  readonly related: boolean;
  /** A source asks for it that the principal told the agent to follow. */
  readonly delegated: boolean;
  readonly principal: string;
  readonly ageSeconds: number;
  readonly calls: number;
  /** With what calls may spend that are under way and came before: at once they spend no more than one after the other. */
  readonly spendCents: number;
  /** What this call sets aside of the task's money; 0 where nobody said that it costs anything. */
  readonly costCents: number;
}

/** `context.flow` */
export interface FlowFacts {
  readonly labels: readonly Label[];
  /** `context.flow.untrusted`: the task has read content that the catalogue does not vouch for. */
  readonly untrusted: boolean;
  /** 0 first party, 1 organisation, 2 external. */
  readonly integrity: number;
  /** Of what somebody labelled, 0 `public` to 3 `secret`. */
  readonly sensitivity: number;
  /** False once the task holds anything whose sensitivity nobody stated. */
  readonly sensitivityKnown: boolean;
  /** Rank of the most sensitive that its result is labelled with, whatever comes back; 0 where nobody labelled it. */
  readonly yields: number;
  /** Rank of the most sensitive labelled thing that the arguments hold, of what the task has read: 2 or 3; 0 for nothing. */
  readonly leaving: number;
  /** Whose data the task has read, by the names that the catalogue gives; `*`: of somebody who is not known. */
  readonly tenants: readonly string[];
  /** Data of more than one, or of one who is not known. */
  readonly mixesTenants: boolean;
  /** 0 nobody gets to see what they may not; 1 the task has read something that whom this goes to may not see; 2 the arguments hold some of it. */
  readonly outsiders: number;
  /** What it would make unreachable for the rest of the task: `message:ask`, `money:deny`. */
  readonly cost: readonly string[];
  /** Rank in `originsBestFirst` of the worst origin of a value that matters; 0 where there is none. */
  readonly worstOrigin: number;
  readonly sinkOrigins: readonly Origin[];
  /** Ranks in `backingsBestFirst` of the worst value with this role; 0 where there is none. */
  readonly destinations: number;
  readonly objects: number;
  readonly amounts: number;
  readonly commands: number;
  readonly contents: number;
  /** A text that somebody else wrote names this very tool. */
  readonly told: boolean;
  /** Something of it was handed to this task as a secret: whole, encoded, or a piece. */
  readonly secret: boolean;
  /** Something goes where neither the principal, nor anybody who is vouched for, nor an earlier action of the task sent it. */
  readonly destinationIsNew: boolean;
  /**
   * Into what values were put back that the agent has not seen: roles (`content`, `destination`, `command`, …), and `egress` and
   * `code` for what the call does. Empty where none were.
   */
  readonly handles: readonly string[];
  /** It names a place (a repository, a project, a folder) that the principal did not, and they named another of its kind. */
  readonly elsewhere: boolean;
  /** The task has been in such a place, and this call is not there. */
  readonly strayed: boolean;
  /** The worst origin of each argument, by its name; arguments without a value that matters are left out. */
  readonly arg: Readonly<Record<string, Origin>>;
  /** The way of every value that matters: for people, not for policy. */
  readonly ways: readonly Way[];
}

/** `context.env` */
export interface EnvironmentFacts {
  readonly now: Instant;
  /** What the clock on the wall shows, in the configured time zone, as the instant at which a clock of UTC shows the same. */
  readonly local: Instant;
  /** `monday` to `sunday`, on that clock. */
  readonly weekday: string;
}

/** `context.risk`: how the action looks beside what its agent usually does in such tasks. */
export interface RiskFacts {
  /** 0 to 100 */
  readonly score: number;
  readonly signals: readonly SignalName[];
}

export const noRisk: RiskFacts = { score: 0, signals: [] };

/** One evaluation by a two-valued engine. */
export interface Evaluation {
  readonly allowed: boolean;
  /** Ids of the policies that made the difference, sorted. */
  readonly determining: readonly string[];
  /** What could not be evaluated. Not empty means deny. */
  readonly errors: readonly PolicyError[];
  /** False only if no policy that was asked looks at the approval: a yes would give this very evaluation again. */
  readonly approvalMatters?: boolean;
}

export interface PolicyError {
  /** Empty where the question itself could not be put, whatever the policies say. */
  readonly policy: string;
  /** The engine's words about a policy, which may hold values; about the question: facts, safe to show to the agent. */
  readonly message: string;
}

/** What a policy says about itself, from its annotations and its place. */
export interface PolicyInfo {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  readonly file: string;
  readonly line: number;
  /** False if it does not look at the approval: it never asks. */
  readonly asks?: boolean;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * An engine holding one validated policy set. Synchronous, and pure: the same request gives the same evaluation.
 * It may throw; whoever calls it turns a throw into a deny.
 */
export interface PolicyEngine {
  /** `without`: what the same request got without approval, if that was asked: the answer is the same, and may cost less. */
  readonly evaluate: (request: PolicyRequest, approved: boolean, without?: Evaluation) => Evaluation;
  /** Whether some permit could apply to this agent and tool, whatever task and arguments: what `tools/list` shows. */
  readonly couldPermit: (agent: Agent, tool: Tool) => boolean;
  readonly policy: (id: string) => PolicyInfo | undefined;
  /** What it told policies about this request beyond the request's own facts, by name: it is recorded with them. */
  readonly told?: (request: PolicyRequest) => Readonly<Record<string, unknown>>;
}
