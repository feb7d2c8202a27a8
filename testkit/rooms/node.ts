import { mediate } from '@sallyport/core/mediate/line.ts';
import type { LinePorts, World } from '@sallyport/core/mediate/ports.ts';
import type { Reply } from '@sallyport/core/mediate/reply.ts';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { Call } from '@sallyport/core/model/call.ts';
import { passed } from '@sallyport/core/model/refusal.ts';
import { storesPort } from '@sallyport/core/task/stores.ts';
import type { Caller } from '@sallyport/gateway/api/caller.ts';
import { type ApprovalRoom, createApprovals, type Word } from '@sallyport/gateway/approvals/approvals.ts';
import { createEndorse } from '@sallyport/gateway/approvals/endorse.ts';
import type { ApprovalLimits } from '@sallyport/gateway/approvals/limits.ts';
import type { Who } from '@sallyport/gateway/approvals/who.ts';
import { allow, createFakeWorld, type FakeOptions, fakeCall, forbid } from '../fakes/ports.ts';
import { theOperator as operator } from '../fakes/the-operator.ts';
import { agentA, openRoom, type Room, restart, testId } from './tasks.ts';

/** The line over real tasks and real approvals; policy, journal and upstream are fakes. */
export interface TestNode extends Room {
  readonly approvals: ApprovalRoom;
  readonly endorse: ReturnType<typeof createEndorse>;
  readonly ports: Room['ports'];
  readonly line: LinePorts;
  /** Exactly what the upstream was sent. */
  readonly sent: string[];
  /** Change it, and the next call sees another world. */
  readonly world: { now: World };
  readonly call: (over?: Partial<Call>, agent?: Agent) => Promise<Reply>;
}

export interface NodeOptions extends FakeOptions {
  readonly room?: Room;
  readonly who?: Who;
  readonly approvalLimits?: Partial<ApprovalLimits>;
}

/** What the operator says to a question. */
export function said(answer: Word['answer'], why = '', by: Caller = operator): Word {
  return { answer, why, by };
}

/** Policy asks about everything, unless `evaluate` says otherwise. */
export function openNode(options: NodeOptions = {}): TestNode {
  const room = options.room ?? openRoom();
  const fake = createFakeWorld({
    evaluate: (_request, approved) => (approved ? allow : forbid),
    ...options,
  });
  const world = { now: fake.ports.world() };
  const approvals = createApprovals({
    state: room.state,
    journal: room.journal,
    newId: testId,
    now: () => room.clock.now,
    standing: room.room.tasks.standing,
    world: () => world.now.digest,
    ...(options.who === undefined ? {} : { who: options.who }),
    ...(options.approvalLimits === undefined ? {} : { limits: options.approvalLimits }),
  });
  const { state, journal } = room;
  const endorse = createEndorse({ state, journal, newId: testId, now: () => room.clock.now });
  const line: LinePorts = {
    ...fake.ports,
    newId: testId,
    now: () => room.clock.now,
    world: () => world.now,
    tasks: room.room.tasks,
    stores: storesPort(room.state.stores),
    approvals: approvals.approvals,
    journal: room.journal,
  };
  return {
    ...room,
    approvals,
    endorse,
    line,
    sent: fake.sent,
    world,
    call: (over = {}, agent = agentA) => mediate(fakeCall(over), { ...line, authenticate: async () => passed(agent) }),
  };
}

/** The same node after it was killed: only what the journal holds is left. */
export async function restartNode(before: TestNode, options: NodeOptions = {}): Promise<TestNode> {
  return openNode({ ...options, room: await restart(before) });
}
