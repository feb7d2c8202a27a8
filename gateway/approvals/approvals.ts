import type { Approvals } from '@sallyport/core/mediate/ports.ts';
import type { Answered } from '@sallyport/core/model/entry.ts';
import type { ApprovalId } from '@sallyport/core/model/ids.ts';
import { toolKey } from '@sallyport/core/model/tool.ts';
import { type Approval, isMet } from '@sallyport/core/task/approval.ts';
import { giveApprovalBack, useApproval } from '@sallyport/core/task/approve.ts';
import { actedBy, type Caller } from '../api/caller.ts';
import { createAnswers } from './answers.ts';
import { type AskingPorts, createAsking } from './asking.ts';
import { noApprovalConfig } from './config.ts';
import { createDependents } from './dependents.ts';
import { createObstacles, type ObstaclePorts } from './obstacles.ts';
import { afterwards } from './settled.ts';
import { lapsedIn, stillSaid } from './still-said.ts';
import { createWaiting, type Waiting } from './waiting.ts';
import { createWho, type Who } from './who.ts';

export interface ApprovalPorts extends AskingPorts, ObstaclePorts {
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

/**
 * Questions to people and their answers (K-2, E-1 to E-5). This room collects answers and decides nothing: a yes is
 * a fact, bound to one exact action of one task in one world, with which the action is decided again, once.
 */
export function createApprovals(ports: ApprovalPorts): ApprovalRoom {
  const { state, now } = ports;
  const who = ports.who ?? createWho(noApprovalConfig);
  const waiting = createWaiting(state, now, ports.world);
  const lapsed = (approval: Approval): readonly string[] => lapsedIn(approval, who);
  const counts = (approval: Approval): boolean => lapsed(approval).length === 0;
  const asking = createAsking(ports, counts);
  const obstacles = createObstacles(ports, who);
  const answers = createAnswers(ports, waiting.wake);
  const answering = new Set<ApprovalId>();
  const dependents = createDependents(state, ports.world);

  async function answer(id: ApprovalId, said: Word): Promise<Answer> {
    const approval = state.approvals.get(id);
    if (approval === undefined || answering.has(id)) return conflict('somebody is answering it');
    const { answer, why, by } = said;
    const obstacle =
      obstacles.toWord(approval, answer) ?? (answer === 'refused' ? obstacles.toNo(approval, by) : undefined);
    if (obstacle !== undefined) return conflict(obstacle, counts(approval) ? afterwards(approval, now()) : undefined);
    if (answer === 'refused') await alone(id, () => answers.settle(approval, answer, why, actedBy(by)));
    else {
      const counting = obstacles.yesOf(approval, by);
      if (!counting.ok) return conflict(counting.why, afterwards(approval, now()));
      const { quorums } = counting;
      const acted = { ...actedBy(by), ...(approval.quorums.length === 1 ? {} : { quorums }) };
      const before = stillSaid(approval, who);
      const isLast = approval.quorums.every((_, at) => isMet(before, at, quorums));
      await alone(id, () => (isLast ? answers.settle(approval, answer, why, acted) : answers.second(approval, acted)));
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
    if (approval?.answer !== 'client' || answering.has(id) || obstacles.toWord(approval, word) !== undefined) return;
    await alone(id, () => answers.settle(approval, word, '', { by: `client:${approval.agent}`, proof: 'client' }));
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
    obstacle: obstacles.toYes,
    lapsed,
    stillSaid: approval => stillSaid(approval, who),
    settled: waiting.settled,
  };
}

function conflict(text: string, fix?: string): Answer {
  return { ok: false, conflict: text, ...(fix === undefined ? {} : { fix }) };
}
