import type { Mode } from '../model/decision.ts';
import type { KillScope } from '../model/entry.ts';
import type { AgentId, ApprovalId, DecisionId, Instant, PrincipalId, TaskId } from '../model/ids.ts';
import type { Label, LabelSource } from '../model/label.ts';
import type { Task } from '../model/task.ts';
import type { Approval } from './approval.ts';
import type { Stores } from './stores.ts';

/**
 * All that is known of tasks, kills, modes and approvals: a fold over the journal's entries (`applyEntry`), and nothing
 * else. The gateway keeps one such value in memory and moves it by the same functions as the fold, so that what a
 * restart rebuilds is what was true before it.
 */
export interface State {
  readonly tasks: Map<TaskId, TaskRecord>;
  /** Hash of a task token → the task it names. */
  readonly tokens: Map<string, TaskId>;
  /** The newest ambient task of an agent and its principal, open or ended: whom a successor inherits from. */
  readonly ambient: Map<string, TaskId>;
  /** The open tasks that somebody opened for an agent, by whom it works for in them and without them: whom its ambient task raises. */
  readonly given: Map<string, Set<TaskId>>;
  /** What was read in given tasks that are not kept any more, by the same. */
  readonly forgotten: Map<string, readonly LabelSource[]>;
  /** Passed decisions whose outcome is not recorded yet. */
  readonly pending: Map<DecisionId, PendingAction>;
  readonly kills: Map<string, Kill>;
  readonly modes: Map<string, ModeSetting>;
  readonly approvals: Map<ApprovalId, Approval>;
  readonly stores: Stores;
}

export interface TaskRecord {
  readonly task: Task;
  readonly tokenHash: string | undefined;
  /** By a kill: it names the task and opens nothing, until the task is renewed. */
  readonly tokenRevoked: boolean;
  /** Open tasks that it delegated to. */
  readonly children: readonly TaskId[];
  /** Its newest decision: an idle limit counts from here. */
  readonly touchedAt: Instant;
}

export interface PendingAction {
  readonly task: TaskId;
  readonly server: string;
  readonly tool: string;
  readonly bytes: number;
  readonly spendCents: number;
  /** Sensitivities with which its result may be labelled. */
  readonly yields: readonly Label[];
}

export interface Kill {
  readonly scope: KillScope;
  readonly at: Instant;
  readonly by: string;
  readonly why: string;
}

/** What an operator set; it goes before the configuration. */
export interface ModeSetting {
  readonly mode: Mode;
  readonly at: Instant;
  readonly by: string;
}

export function emptyState(): State {
  return {
    tasks: new Map(),
    tokens: new Map(),
    ambient: new Map(),
    given: new Map(),
    forgotten: new Map(),
    pending: new Map(),
    kills: new Map(),
    modes: new Map(),
    approvals: new Map(),
    stores: new Map(),
  };
}

/** Those whose ambient task and this one tell each other what they have read. */
export function pairsOf({
  agent,
  principal,
  ownPrincipal,
}: Pick<Task, 'agent' | 'principal' | 'ownPrincipal'>): string[] {
  const pair = pairKey(agent, principal);
  return ownPrincipal === undefined ? [pair] : [pair, pairKey(agent, ownPrincipal)];
}

/** Of `ambient`, `given` and `forgotten`. Neither an agent's id nor a principal's may hold a line feed. */
export function pairKey(agent: AgentId, principal: PrincipalId): string {
  return `${agent}\n${principal}`;
}
