import type { Approvals, Tasks } from '@sallyport/core/mediate/ports.ts';
import type { Answered, Seconded } from '@sallyport/core/model/entry.ts';
import type { ApprovalId } from '@sallyport/core/model/ids.ts';
import type { Checked } from '@sallyport/core/model/refusal.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { toolKey } from '@sallyport/core/model/tool.ts';
import { type Approval, isBoundTo, isLive, isMet } from '@sallyport/core/task/approval.ts';
import { applyAnswered, applySeconded, giveApprovalBack, useApproval } from '@sallyport/core/task/approve.ts';
import { actedBy, type Caller } from '../api/caller.ts';
import { type AskingPorts, createAsking } from './asking.ts';
import { noApprovalConfig } from './config.ts';
import { createDependents } from './dependents.ts';
import { afterwards, lapsedYes, settledBefore } from './settled.ts';
import { lapsedIn, stillSaid } from './still-said.ts';
import { createWaiting, type Waiting } from './waiting.ts';
import { type Counting, createWho, type Who } from './who.ts';

export interface ApprovalPorts extends AskingPorts {
  readonly standing: Tasks['standing'];
  /** Digest of the world in force. */
  readonly world: () => string;
  /** Absent: whoever the control API let in, as policy names them. */
  readonly who?: Who;
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
  readonly settled: Waiting['settled'];
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

/** Whose word it is, and of several quorums those that it counts for. */
type Said = ReturnType<typeof actedBy> & Pick<Answered, 'quorums'>;

/**
 * Questions to people and their answers (K-2, E-1 to E-5). This room collects answers and decides nothing: a yes is
 * a fact, bound to one exact action of one task in one world, with which the action is decided again, once.
 */
export function createApprovals(ports: ApprovalPorts): ApprovalRoom {
  const { state, now } = ports;
  const who = ports.who ?? createWho(noApprovalConfig);
  const waiting = createWaiting(state, now, ports.world);
  const asking = createAsking(ports, counts);
  const answering = new Set<ApprovalId>();
  const dependents = createDependents(state, ports.world);

  function lapsed(approval: Approval): readonly string[] {
    return lapsedIn(approval, who);
  }

  function counts(approval: Approval): boolean {
    return lapsed(approval).length === 0;
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
    waiting.wake(id);
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

  function obstacle(approval: Approval, by: Caller): string | undefined {
    const counting = yesOf(approval, by);
    return obstacleTo(approval, 'approved') ?? (counting.ok ? undefined : counting.why);
  }

  function obstacleTo(approval: Approval, word: Answered['answer']): string | undefined {
    if (approval.state === 'void')
      return askedAnew(approval) ?? voidBecause(ports.standing(approval.task, approval.agent));
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

  function askedAnew(approval: Approval): string | undefined {
    const anew = [...state.approvals.values()].findLast(one => one.state !== 'void' && isBoundTo(one, approval));
    return anew && `it counts no more: the same was asked anew (${anew.id})`;
  }

  return {
    approvals: {
      ...asking,
      use: (id, decision) => useApproval(state, id, decision),
      giveBack: (id, decision) => giveApprovalBack(state, id, decision),
      builtOn: (task, { digest, server, tool }, looked) =>
        state.approvals.size === 0
          ? undefined
          : dependents({ task: task.id, action: digest, tool: toolKey(server, tool.name), looked }, now()),
    },
    answer,
    isForClient: id => state.approvals.get(id)?.answer === 'client',
    answeredByClient,
    obstacle,
    lapsed,
    stillSaid: approval => stillSaid(approval, who),
    settled: waiting.settled,
  };
}

function voidBecause(standing: Checked<Task>): string {
  return standing.ok ? 'it was cancelled when its task was stopped' : standing.refusal.why;
}

function conflict(text: string, fix?: string): Answer {
  return { ok: false, conflict: text, ...(fix === undefined ? {} : { fix }) };
}
