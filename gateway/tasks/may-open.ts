import type { Acted } from '@sallyport/core/model/acted.ts';
import type { AgentId, PrincipalId, TaskId } from '@sallyport/core/model/ids.ts';
import type { LabelSource } from '@sallyport/core/model/label.ts';
import { didYouMean } from '@sallyport/core/model/nearest.ts';
import type { Opener, Task } from '@sallyport/core/model/task.ts';
import { type EndsWith, endsWithRule, parseEndsWith } from '@sallyport/core/task/ends-with.ts';
import type { TaskKindRule } from '@sallyport/core/task/kind.ts';
import type { ApiError, TaskOrder } from '../api/control.ts';
import type { CheckedOrder } from './order.ts';

/** Who asks for a task, and what proves it. What an agent says about a task of its own is recorded and grants nothing. */
export type OpenedBy =
  /** A person with the operator's proof. */
  | { readonly kind: 'operator'; readonly acted: Acted }
  /** The principal itself, signed in at the authorization server. */
  | { readonly kind: 'principal'; readonly principal: PrincipalId }
  /** A proven workload: for itself, for another agent where the kind of task lists it, or below a task of its own. */
  | { readonly kind: 'workload'; readonly agent: AgentId; readonly principal: PrincipalId }
  /** A client's prompt hook, with what its user typed. `fresh`: its agent begins with this, and has read nothing. */
  | { readonly kind: 'prompt-hook'; readonly principal: PrincipalId; readonly fresh: boolean }
  /**
   * Whoever showed the token of this task, which the agent that works on it handed out: below that task only. `asks`: the agent
   * sends a message to another one, which may be marked with more than its task.
   */
  | { readonly kind: 'holder'; readonly task: TaskId; readonly asks?: { readonly sources: readonly LabelSource[] } };

export interface MayOpenFacts {
  /** Those in force. */
  readonly kinds: () => ReadonlyMap<string, TaskKindRule>;
  /** Why nobody here could notice the end of what a task would hang on; undefined: somebody can. */
  readonly unwatchable: (endsWith: EndsWith) => string | undefined;
}

/** What stands in the task about whoever asked for it. */
export function openerOf(by: OpenedBy, agent: AgentId): Opener {
  if (by.kind === 'operator' || by.kind === 'principal' || by.kind === 'prompt-hook') return by.kind;
  return by.kind === 'workload' && by.agent !== agent ? 'workload' : 'claimed';
}

/** Whether whoever asks may delegate from this task, whatever became of it. */
export function mayDelegateFrom(parent: Task, by: OpenedBy): boolean {
  if (by.kind === 'workload') return parent.agent === by.agent;
  return by.kind === 'operator' || (by.kind === 'holder' && parent.id === by.task);
}

/** Why whoever asks may not have it, below `parent` where that is given; undefined: nothing speaks against it. */
export function whyNotOpen(
  order: TaskOrder,
  checked: CheckedOrder,
  by: OpenedBy,
  parent: Task | undefined,
  facts: MayOpenFacts,
): ApiError | undefined {
  return notTheirs(order, checked, by, parent, facts) ?? hangsOnNothing(order.endsWith, facts);
}

function notTheirs(
  order: TaskOrder,
  { agent, principal }: CheckedOrder,
  by: OpenedBy,
  parent: Task | undefined,
  facts: MayOpenFacts,
): ApiError | undefined {
  const kind = facts.kinds().get(order.kind);
  if (kind === undefined && order.kind !== 'opened') return unknownKind(order.kind, facts);
  if (parent !== undefined && parent.principal !== principal)
    return {
      code: 'malformed',
      field: 'principal',
      message: `must be that of the task that delegates, ${parent.principal}`,
    };
  const asks = by.kind === 'holder' ? `agent:${parent?.agent}` : by.kind === 'workload' ? `agent:${by.agent}` : by.kind;
  if (kind !== undefined && !kind.openers.includes(asks)) return mayNotOpen('kind');
  if (by.kind === 'operator') return undefined;
  if (by.kind === 'holder') return parent === undefined ? mayNotOpen('parent') : undefined;
  if (principal !== by.principal) return mayNotOpen('principal');
  const forOther = by.kind === 'workload' && agent !== by.agent && parent === undefined;
  return forOther && kind === undefined ? mayNotOpen('agent') : undefined;
}

/** What nobody watches would never end the task, and whoever opens it counts on it. */
function hangsOnNothing(text: string | undefined, { unwatchable }: MayOpenFacts): ApiError | undefined {
  if (text === undefined) return undefined;
  const endsWith = parseEndsWith(text);
  if (endsWith === undefined) return { code: 'malformed', field: 'endsWith', message: endsWithRule };
  const why = unwatchable(endsWith);
  return why === undefined
    ? undefined
    : { code: 'conflict', field: 'endsWith', message: `cannot be noticed: ${why}`, fix: 'see the section `watch`' };
}

function unknownKind(kind: string, { kinds }: MayOpenFacts): ApiError {
  const message = `is no kind of task${didYouMean(kind, ['opened', 'ambient', ...kinds().keys()])}`;
  return { code: 'not-found', field: 'kind', message, fix: 'kinds stand beside the policies, as NAME.kind.yaml' };
}

function mayNotOpen(field: string): ApiError {
  return { code: 'malformed', field, message: 'may not be opened by whoever asks for it' };
}
