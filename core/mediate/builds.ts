import type { Action } from '../model/action.ts';
import type { Decision, Mode } from '../model/decision.ts';
import type { ApprovalId } from '../model/ids.ts';
import type { Refusal } from '../model/refusal.ts';
import type { Task } from '../model/task.ts';
import { toolKey } from '../model/tool.ts';
import { classesOfCall } from '../policy/classify/by-call.ts';
import { verdictOf } from '../policy/mode.ts';
import type { Looked } from '../provenance/memories.ts';
import type { Judged } from './decided.ts';
import type { BuiltOn, LinePorts } from './ports.ts';

/**
 * What would pass waits where it names what only an action can bring about that a person is still asked about (AARM R4). Where the answer
 * was no it is refused with it, unless it only reads: that needs nothing, and shows whether what it names came about otherwise.
 */
export function buildsOn(
  decision: Decision,
  mode: Mode,
  task: Task,
  action: Action,
  looked: Looked,
  { approvals }: Pick<LinePorts, 'approvals'>,
): Pick<Judged, 'decision' | 'verdict'> | undefined {
  if (mode !== 'enforce' || verdictOf(decision, mode).kind !== 'pass') return undefined;
  const built = approvals.builtOn(task, action, looked);
  if (built === undefined) return undefined;
  if (built.kind === 'waits') return { decision, verdict: { kind: 'defer', awaits: built.approval, what: built.tool } };
  if (built.kind !== 'too-many' && onlyReads(action)) return undefined;
  const denied = built.kind === 'too-many' ? tooManyWait : turnedDown(built);
  return { decision: denied, verdict: verdictOf(denied, mode) };
}

function onlyReads({ tool, input }: Action): boolean {
  return classesOfCall(tool, input).classes.every(name => name === 'read');
}

const tooManyWait: Decision = {
  answer: 'deny',
  fault: false,
  reasons: [
    { rule: 'too-many-wait', text: 'too many actions wait for the same answer already', fix: 'wait for that answer' },
  ],
};

function turnedDown({ kind, approval, tool }: BuiltOn): Decision {
  const text = `it builds on ${tool}, ${kind === 'refused' ? 'to which a person said no' : 'to which nobody said yes in time'} (${approval})`;
  const fix =
    kind === 'refused' ? 'do without it, or talk to the person you work for' : `send the call to ${tool} again first`;
  return { answer: 'deny', fault: false, reasons: [{ rule: 'builds-on-a-refusal', text, fix }] };
}

/** Nobody is asked about it: what it waits for is named, so that the same call later goes through. */
export function buildsRefusal({ id, action }: Judged, waitsFor: string, question: ApprovalId): Refusal {
  const what = toolKey(action.server, action.tool.name);
  const why = `it builds on ${waitsFor}, which a person has not answered yet`;
  const fix = `once ${question} is answered, send the very same call again`;
  return { code: 'needs-approval', what, decision: id, rule: 'builds-on-a-question', why, fix };
}
