import type { Approvals, PlacingJournal, Tasks } from '@sallyport/core/mediate/ports.ts';
import type { Action } from '@sallyport/core/model/action.ts';
import type { ApprovalTerms, Quorum } from '@sallyport/core/model/decision.ts';
import type { Answered, Asked, Seconded } from '@sallyport/core/model/entry.ts';
import type { AskedQuorum } from '@sallyport/core/model/entry-approval.ts';
import type { ApprovalId, Instant, NewId } from '@sallyport/core/model/ids.ts';
import { type Checked, passed, type Refusal, refused } from '@sallyport/core/model/refusal.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { toolKey } from '@sallyport/core/model/tool.ts';
import {
  type Approval,
  type ApprovalBond,
  coinedMax,
  isBoundTo,
  isLive,
  isMet,
} from '@sallyport/core/task/approval.ts';
import {
  applyAnswered,
  applyAsked,
  applySeconded,
  giveApprovalBack,
  useApproval,
} from '@sallyport/core/task/approve.ts';
import type { State } from '@sallyport/core/task/state.ts';
import { actedBy, type Caller } from '../api/caller.ts';
import { noApprovalConfig } from './config.ts';
import { createDependents } from './dependents.ts';
import { isEnough } from './enough.ts';
import { type ApprovalLimits, approvalLimitsDefault, overBudget, tooManyAsked } from './limits.ts';
import { afterwards, lapsedYes, settledBefore } from './settled.ts';
import { lapsedIn, stillSaid } from './still-said.ts';
import { type Counting, createWho, type Who } from './who.ts';

export interface ApprovalPorts {
  /** The same value that the tasks move. */
  readonly state: State;
  /** Entries become durable in the order in which they were handed over. */
  readonly journal: Pick<PlacingJournal, 'place'>;
  readonly newId: NewId;
  readonly now: () => Instant;
  readonly standing: Tasks['standing'];
  /** Digest of the world in force. */
  readonly world: () => string;
  readonly limits?: Partial<ApprovalLimits>;
  /** Absent: whoever the control API let in, as policy names them. */
  readonly who?: Who;
  /** After a question is durable; must not throw. */
  readonly onAsked?: (approval: Approval) => void;
}

/** The line's port, and the operator's answer. */
export interface ApprovalRoom {
  readonly approvals: Approvals;
  /**
   * The first answer counts. A yes is in force only once it is durable, and only where it could still be used; a no at
   * once. `conflict` is the reason in words.
   */
  readonly answer: (id: ApprovalId, word: Word) => Promise<Answer>;
  /** Whether policy lets whoever sits at the agent's own client answer it. */
  readonly isForClient: (id: ApprovalId) => boolean;
  /** What was answered there. It does nothing where policy does not let it. */
  readonly answeredByClient: (id: ApprovalId, word: Answered['answer']) => Promise<void>;
  /** Why this person may not say yes to this question now, or undefined. */
  readonly obstacle: (approval: Approval, by: Caller) => string | undefined;
  /** Of a question that was approved, those who said yes and no longer may, where it counts for nothing without them. */
  readonly lapsed: (approval: Approval) => readonly string[];
  /** A question with the yeses that still count. */
  readonly stillSaid: (approval: Approval) => Approval;
  /** Resolves once the question is answered, or can be no longer, or `signal` is aborted. */
  readonly settled: (id: ApprovalId, signal: AbortSignal) => Promise<void>;
}

/** What somebody said to a question. */
export interface Word {
  readonly answer: Answered['answer'];
  /** What the agent is told beside a no. */
  readonly why: string;
  readonly by: Caller;
}

export type Answer =
  | { readonly ok: true; readonly approval: Approval }
  | { readonly ok: false; readonly conflict: string; readonly fix?: string };

const voidLookMillis = 200;

type Question = Parameters<Approvals['ask']>[0];
/** Whose word it is, and of several quorums those that it counts for. */
type Said = ReturnType<typeof actedBy> & Pick<Answered, 'quorums'>;

/**
 * Questions to people and their answers (K-2, E-1 to E-5). This room collects answers and decides nothing: a yes is
 * a fact, bound to one exact action of one task in one world, with which the action is decided again, once.
 */
export function createApprovals(ports: ApprovalPorts): ApprovalRoom {
  const { state, now } = ports;
  const who = ports.who ?? createWho(noApprovalConfig);
  const waiting = new Map<ApprovalId, Set<() => void>>();
  const limits = { ...approvalLimitsDefault, ...ports.limits };
  const recording = new Map<ApprovalId, Promise<void>>();
  const answering = new Set<ApprovalId>();
  const dependents = createDependents(state, ports.world);

  function find(task: Task, action: Action, world: string, terms: ApprovalTerms): ApprovalId | undefined {
    if (state.approvals.size === 0 || task.state.kind !== 'open') return undefined;
    const bond = bondOf(task, action, world);
    const at = now();
    for (const approval of state.approvals.values())
      if (approval.state === 'approved' && isBoundTo(approval, bond) && isLive(approval, at))
        if (counts(approval) && isEnough(approval, terms, at)) return approval.id;
    return undefined;
  }

  function lapsed(approval: Approval): readonly string[] {
    return lapsedIn(approval, who);
  }

  function counts(approval: Approval): boolean {
    return lapsed(approval).length === 0;
  }

  async function ask(question: Question): Promise<Checked<ApprovalId>> {
    const { task, action, world, terms } = question;
    const what = toolKey(action.server, action.tool.name);
    const same = liveOf(bondOf(task, action, world), terms);
    if (same?.state === 'refused') return refused(refusedBefore(what, same.answered?.why));
    if (same !== undefined) {
      await recording.get(same.id);
      return passed(same.id);
    }
    const over = overBudget(limits, { agent: task.agent, task: task.id }, state.approvals.values(), now());
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
  async function begin({ decision, task, action, world, terms, coined }: Question): Promise<ApprovalId> {
    const { method, server, tool, digest } = action;
    const draft: Asked = {
      kind: 'asked',
      id: ports.newId('ap'),
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

  async function answer(id: ApprovalId, said: Word): Promise<Answer> {
    const approval = state.approvals.get(id);
    if (approval === undefined || answering.has(id)) return conflict('somebody is answering it');
    const { answer, why, by } = said;
    const obstacle = obstacleTo(approval, answer) ?? (answer === 'refused' ? obstacleToNo(approval, by) : undefined);
    if (obstacle !== undefined) return conflict(obstacle, counts(approval) ? afterwards(approval, now()) : undefined);
    if (answer === 'refused') await alone(id, () => settle(approval, answer, why, actedBy(by)));
    else {
      const counting = yesOf(approval, by);
      if (!counting.ok) return conflict(counting.why, afterwards(approval, now()));
      const { quorums } = counting;
      const acted = { ...actedBy(by), ...(approval.quorums.length === 1 ? {} : { quorums }) };
      const before = stillSaid(approval, who);
      const isLast = approval.quorums.every((_, at) => isMet(before, at, quorums));
      await alone(id, () => (isLast ? settle(approval, answer, why, acted) : second(approval, acted)));
    }
    return { ok: true, approval: state.approvals.get(id) ?? approval };
  }

  /** Of several answers at once the first is taken. */
  async function alone(id: ApprovalId, act: () => Promise<void>): Promise<void> {
    answering.add(id);
    try {
      await act();
    } finally {
      answering.delete(id);
    }
  }

  async function answeredByClient(id: ApprovalId, word: Answered['answer']): Promise<void> {
    const approval = state.approvals.get(id);
    if (approval?.answer !== 'client' || answering.has(id) || obstacleTo(approval, word) !== undefined) return;
    await alone(id, () => settle(approval, word, '', { by: `client:${approval.agent}`, proof: 'client' }));
  }

  function obstacleToNo(approval: Approval, by: Caller): string | undefined {
    return who.obstacleToNo(by, approval, now());
  }

  function yesOf(approval: Approval, by: Caller): Counting {
    const principal = state.tasks.get(approval.task)?.task.principal ?? '';
    return who.yesOf(by, stillSaid(approval, who), principal, now());
  }

  async function settle(
    { id, task, expiresAt, askedAt }: Approval,
    word: Answered['answer'],
    why: string,
    acted: Said,
  ): Promise<void> {
    const draft: Answered = {
      kind: 'answered',
      id: ports.newId('e'),
      approval: id,
      task,
      answer: word,
      // As long as the question stood open: a late answer leaves as much time to use it as an early one.
      expiresAt: now() + (expiresAt - askedAt),
      ...acted,
      ...(why === '' ? {} : { why }),
    };
    const { at, durable } = ports.journal.place(draft);
    if (word === 'refused') applyAnswered(state, draft, at);
    await durable;
    if (word === 'approved') applyAnswered(state, draft, at);
    for (const wake of waiting.get(id) ?? []) wake();
  }

  /** A yes that is not enough by itself. */
  async function second({ id, task }: Approval, acted: Said): Promise<void> {
    const draft: Seconded = {
      kind: 'seconded',
      id: ports.newId('e'),
      approval: id,
      task,
      ...acted,
    };
    const { at, durable } = ports.journal.place(draft);
    await durable;
    applySeconded(state, draft, at);
  }

  function settled(id: ApprovalId, signal: AbortSignal): Promise<void> {
    const approval = state.approvals.get(id);
    if (approval?.state !== 'pending' || signal.aborted) return Promise.resolve();
    return new Promise(resolve => {
      const all = waiting.get(id) ?? new Set();
      waiting.set(id, all);
      const end = (): void => {
        clearInterval(timer);
        signal.removeEventListener('abort', end);
        all.delete(end);
        if (all.size === 0) waiting.delete(id);
        resolve();
      };
      // A stop, the end of its task or other policies void a question without anybody answering it.
      const timer = setInterval(() => {
        const known = state.approvals.get(id);
        if (known?.state !== 'pending' || !isLive(known, now()) || known.world !== ports.world()) end();
      }, voidLookMillis).unref();
      all.add(end);
      signal.addEventListener('abort', end, { once: true });
    });
  }

  function obstacle(approval: Approval, by: Caller): string | undefined {
    const counting = yesOf(approval, by);
    return obstacleTo(approval, 'approved') ?? (counting.ok ? undefined : counting.why);
  }

  function obstacleTo(approval: Approval, word: Answered['answer']): string | undefined {
    if (approval.state === 'void') return voidBecause(ports.standing(approval.task, approval.agent));
    if (isLive(approval, now()) && !counts(approval)) return lapsedYes(lapsed(approval));
    if (approval.state !== 'pending') return settledBefore(approval, now());
    if (!isLive(approval, now())) return 'it has expired; if the agent tries again, it asks again';
    if (word === 'refused') return undefined;
    const standing = ports.standing(approval.task, approval.agent);
    if (!standing.ok) return standing.refusal.why;
    if (approval.world !== ports.world())
      return 'policies or tools have changed since it was asked; if the agent tries again, it is decided anew';
    return undefined;
  }

  return {
    approvals: {
      find,
      use: (id, decision) => useApproval(state, id, decision),
      giveBack: (id, decision) => giveApprovalBack(state, id, decision),
      builtOn: (task, { digest, server, tool }, looked) =>
        state.approvals.size === 0
          ? undefined
          : dependents({ task: task.id, action: digest, tool: toolKey(server, tool.name), looked }, now()),
      ask,
    },
    answer,
    isForClient: id => state.approvals.get(id)?.answer === 'client',
    answeredByClient,
    obstacle,
    lapsed,
    stillSaid: approval => stillSaid(approval, who),
    settled,
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

function voidBecause(standing: Checked<Task>): string {
  return standing.ok ? 'it was cancelled when its task was stopped' : standing.refusal.why;
}

function conflict(text: string, fix?: string): Answer {
  return { ok: false, conflict: text, ...(fix === undefined ? {} : { fix }) };
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
