import type { Action } from '../model/action.ts';
import type { Decision, Mode } from '../model/decision.ts';
import type { ApprovalId } from '../model/ids.ts';
import type { Refusal } from '../model/refusal.ts';
import type { Task } from '../model/task.ts';
import { toolKey } from '../model/tool.ts';
import { verdictOf } from '../policy/mode.ts';
import type { Looked } from '../provenance/memories.ts';
import type { Judged } from './decided.ts';
import type { LinePorts } from './ports.ts';

/** What would pass waits where it names what only an action can bring about that a person is still asked about (AARM R4). */
export function buildsOn(
  decision: Decision,
  mode: Mode,
  task: Task,
  action: Action,
  looked: Looked,
  { approvals }: Pick<LinePorts, 'approvals'>,
): Pick<Judged, 'decision' | 'verdict'> | undefined {
  if (mode !== 'enforce' || verdictOf(decision, mode).kind !== 'pass') return undefined;
  const awaited = approvals.awaited(task, action, looked);
  if (awaited === undefined) return undefined;
  if (awaited.isFull) return { decision: tooManyWait, verdict: verdictOf(tooManyWait, mode) };
  return { decision, verdict: { kind: 'defer', awaits: awaited.approval, what: awaited.tool } };
}

const tooManyWait: Decision = {
  answer: 'deny',
  fault: false,
  reasons: [
    { rule: 'too-many-wait', text: 'too many actions wait for the same answer already', fix: 'wait for that answer' },
  ],
};

/** Nobody is asked about it: what it waits for is named, so that the same call later goes through. */
export function buildsRefusal({ id, action }: Judged, waitsFor: string, question: ApprovalId): Refusal {
  const what = toolKey(action.server, action.tool.name);
  const why = `it builds on ${waitsFor}, which a person has not answered yet`;
  const fix = `once ${question} is answered, send the very same call again`;
  return { code: 'needs-approval', what, decision: id, rule: 'builds-on-a-question', why, fix };
}
