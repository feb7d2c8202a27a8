import type { Approvals, PlacingJournal } from '@sallyport/core/mediate/ports.ts';
import type { Action } from '@sallyport/core/model/action.ts';
import type { ApprovalTerms, Quorum } from '@sallyport/core/model/decision.ts';
import type { Asked } from '@sallyport/core/model/entry.ts';
import type { AskedQuorum } from '@sallyport/core/model/entry-approval.ts';
import type { ApprovalId, Instant, NewId } from '@sallyport/core/model/ids.ts';
import { type Checked, passed, type Refusal, refused } from '@sallyport/core/model/refusal.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { toolKey } from '@sallyport/core/model/tool.ts';
import { type Approval, type ApprovalBond, coinedMax, isBoundTo, isLive } from '@sallyport/core/task/approval.ts';
import { applyAsked } from '@sallyport/core/task/approve.ts';
import type { State } from '@sallyport/core/task/state.ts';
import { isEnough } from './enough.ts';
import { type ApprovalLimits, approvalLimitsDefault, overBudget, tooManyAsked } from './limits.ts';

export interface AskingPorts {
  /** The same value that the tasks move. */
  readonly state: State;
  /** Entries become durable in the order in which they were handed over. */
  readonly journal: Pick<PlacingJournal, 'place'>;
  readonly newId: NewId;
  readonly now: () => Instant;
  readonly limits?: Partial<ApprovalLimits>;
  /** After a question is durable; must not throw. */
  readonly onAsked?: (approval: Approval) => void;
}

type Question = Parameters<Approvals['ask']>[0];

/** How an action comes by its question, and by the yes to it. `counts`: whether those who answered still may. */
export function createAsking(
  ports: AskingPorts,
  counts: (approval: Approval) => boolean,
): Pick<Approvals, 'find' | 'ask'> {
  const { state, now } = ports;
  const limits = { ...approvalLimitsDefault, ...ports.limits };
  const recording = new Map<ApprovalId, Promise<void>>();

  function find(task: Task, action: Action, world: string, terms: ApprovalTerms): ApprovalId | undefined {
    if (state.approvals.size === 0 || task.state.kind !== 'open') return undefined;
    const bond = bondOf(task, action, world);
    const at = now();
    for (const approval of state.approvals.values())
      if (approval.state === 'approved' && isBoundTo(approval, bond) && isLive(approval, at))
        if (counts(approval) && isEnough(approval, terms, at)) return approval.id;
    return undefined;
  }

  async function ask(question: Question): Promise<Checked<ApprovalId>> {
    const { task, action, world, terms } = question;
    const what = toolKey(action.server, action.tool.name);
    const bond = bondOf(task, action, world);
    const same = liveOf(bond, terms);
    if (same?.state === 'refused') return refused(refusedBefore(what, same.answered?.why));
    if (same !== undefined) {
      await recording.get(same.id);
      return passed(same.id);
    }
    const over = overBudget(limits, bond, state.approvals.values(), now());
    if (over !== undefined) return refused(tooManyAsked(what, over));
    return passed(await begin(question));
  }

  /** A no stands whoever is asked by now; an answer to less than what is asked now is none to it. */
  function liveOf(bond: ApprovalBond, terms: ApprovalTerms): Approval | undefined {
    const at = now();
    const same = [...state.approvals.values()].filter(
      approval => isLive(approval, at) && isBoundTo(approval, bond) && counts(approval),
    );
    return same.find(one => one.state === 'refused') ?? same.find(one => isEnough(one, terms, at));
  }

  /** In memory first, so that the same question is asked once however often it comes meanwhile. */
  async function begin(question: Question): Promise<ApprovalId> {
    const draft = draftOf(question, ports.newId('ap'), now);
    const { at, durable } = ports.journal.place(draft);
    applyAsked(state, draft, at);
    const recorded = durable.finally(() => recording.delete(draft.id));
    recording.set(draft.id, recorded);
    try {
      await recorded;
    } catch (thrown) {
      // Nobody was asked: a yes would stand in the record behind no question.
      state.approvals.delete(draft.id);
      throw thrown;
    }
    const approval = state.approvals.get(draft.id);
    if (approval !== undefined) ports.onAsked?.(approval);
    return draft.id;
  }

  return { find, ask };
}

function draftOf(
  { decision, task, action, world, terms, coined }: Question,
  id: ApprovalId,
  now: () => Instant,
): Asked {
  const { method, server, tool, digest } = action;
  return {
    kind: 'asked',
    id,
    decision,
    task: task.id,
    agent: task.agent,
    method,
    server,
    tool: tool.name,
    digest,
    pin: tool.pin,
    world,
    ...askedOf(terms, now()),
    ...(terms.and === undefined ? {} : { and: terms.and.map(quorum => askedOf(quorum, now())) }),
    ...(terms.answer === undefined ? {} : { answer: terms.answer }),
    ...(coined.length === 0 ? {} : { coined: coined.slice(0, coinedMax) }),
    expiresAt: now() + terms.expiresSeconds * 1000,
  };
}

function askedOf({ approvers, people, escalation }: Quorum, now: Instant): AskedQuorum {
  const later = escalation && { at: now + escalation.afterSeconds * 1_000, approvers: escalation.approvers };
  return {
    approvers,
    ...(people === undefined ? {} : { people }),
    ...(later === undefined ? {} : { escalation: later }),
  };
}

function bondOf(task: Task, action: Action, world: string): ApprovalBond {
  return { task: task.id, agent: task.agent, digest: action.digest, pin: action.tool.pin, world };
}

/** Asking again at once would be a way to wear people down. */
function refusedBefore(what: string, said: string | undefined): Refusal {
  return {
    code: 'denied',
    what,
    rule: 'approval-refused',
    why: `a person was asked about exactly this and said no${said === undefined ? '' : `: ${said}`}`,
    fix: 'do something else, or talk to the person you work for',
  };
}
