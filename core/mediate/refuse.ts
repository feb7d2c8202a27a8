import type { Agent } from '../model/agent.ts';
import type { Call } from '../model/call.ts';
import type { Verdict } from '../model/decision.ts';
import type { Faulted, Refused } from '../model/entry.ts';
import type { ApprovalId, TaskId } from '../model/ids.ts';
import type { Refusal } from '../model/refusal.ts';
import { toolKey } from '../model/tool.ts';
import { buildsRefusal } from './builds.ts';
import type { Judged } from './decided.ts';
import { withFix } from './fixes.ts';
import type { LinePorts } from './ports.ts';
import { quietly } from './quietly.ts';
import { askedOf, refusalOf, unasked } from './refusal-of.ts';
import type { Reply, Waits } from './reply.ts';

/**
 * The ways in which a call ends before anything is sent: each is a refusal for its agent, and a line in the record. That the line
 * could not be written changes nothing: nothing was done and nothing will be.
 */

/** Before there was a decision. */
export function reject(
  call: Call,
  refusal: Refusal,
  { journal, newId }: LinePorts,
  agent?: Agent,
  task?: TaskId,
): Reply {
  quietly(() =>
    journal.append({
      kind: 'rejected',
      id: newId('e'),
      door: call.door,
      code: refusal.code,
      what: refusal.what,
      ...(refusal.proof === undefined ? {} : { proof: refusal.proof }),
      ...(agent === undefined ? {} : { agent: agent.id }),
      ...(task === undefined ? {} : { task }),
    }),
  );
  return { kind: 'refusal', refusal };
}

/** Step 8: a no is answered, and what a person has to say first is put to one. */
export async function turnedAway(
  judged: Judged,
  verdict: Exclude<Verdict, { kind: 'pass' }>,
  ports: LinePorts,
): Promise<Reply> {
  const { id, task, action, world, looked, decision } = judged;
  if (verdict.kind === 'refuse') {
    const by = decision.answer === 'deny' ? decision.suspendedBy : undefined;
    if (by !== undefined) await ports.tasks.suspend(task.id, by);
    return refuse(judged, refusalOf(judged, verdict.code, ports), ports);
  }
  if ('awaits' in verdict) {
    const { awaits, what } = verdict;
    return refuse(judged, buildsRefusal(judged, what, awaits), ports, awaits, 'builds');
  }
  const question = { decision: id, task, action, world, terms: verdict.approval, coined: looked.coined };
  const asked = await ports.approvals.ask(question);
  if (!asked.ok) return refuse(judged, unasked(judged, asked.refusal, ports), ports);
  return refuse(judged, askedOf(judged, asked.value, ports), ports, asked.value, 'asked');
}

function refuse(judged: Judged, refusal: Refusal, ports: LinePorts, approval?: ApprovalId, waits?: Waits): Reply {
  const { id: decision, task } = judged;
  note(judged, { kind: 'refused', id: ports.newId('e'), decision, task: task.id, code: refusal.code }, ports);
  return { kind: 'refusal', refusal, ...(approval === undefined || waits === undefined ? {} : { approval, waits }) };
}

/** It was permitted, and could not be done: nothing was sent. */
export function fault(judged: Judged, refusal: Refusal, ports: LinePorts): Reply {
  const { id: decision, task } = judged;
  const { code, why } = refusal;
  note(judged, { kind: 'faulted', id: ports.newId('e'), decision, task: task.id, code, why }, ports);
  return { kind: 'refusal', refusal: withFix({ ...refusal, decision: judged.id }) };
}

/** A yes that it rested on was used for nothing, and is there again: once the record says so, as after a start. */
function note({ id, approval }: Judged, draft: Refused | Faulted, { journal, approvals }: LinePorts): void {
  quietly(() => {
    journal.append(approval === undefined ? draft : { ...draft, givesBack: approval });
    if (approval !== undefined) approvals.giveBack(approval, id);
  });
}

/** It could not be recorded, so nothing of it was begun: the yes that it rested on is as the record has it. */
export function unused({ id, approval }: Judged, { approvals }: LinePorts): void {
  if (approval !== undefined) quietly(() => approvals.giveBack(approval, id));
}

export function unexpected(call: Call): Refusal {
  return {
    code: 'fault',
    what: toolKey(call.server, call.name),
    why: 'the gateway could not decide or record this',
    fix: 'try again; if it stays, an operator can run `sallyport status`',
  };
}
