import { type Action, makeAction } from '../model/action.ts';
import type { Call } from '../model/call.ts';
import { type Checked, passed, type Refusal, refused } from '../model/refusal.ts';
import type { Task } from '../model/task.ts';
import { findTool, toolKey } from '../model/tool.ts';
import { checkInput } from './check-input.ts';
import type { LinePorts, World } from './ports.ts';
import { misplaced, putBack, type WholeCall } from './put-back.ts';

export interface Described {
  readonly action: Action;
  readonly whole: WholeCall;
}

/**
 * Step 3: what the call would do. What is described is what will be sent: values that the agent was given handles for stand in
 * it from here on.
 */
export function describe(
  asked: Call,
  task: Task,
  { catalogue }: World,
  { handles, digest }: Pick<LinePorts, 'handles' | 'digest'>,
): Checked<Described> {
  const tool = findTool(catalogue, asked.server, asked.name);
  if (tool === undefined) return refused(toolUnknown(asked));
  const whole = putBack(asked, task.id, handles);
  if (!whole.ok) return whole;
  const { call } = whole.value;
  const input = checkInput(tool, call.input);
  if (!input.ok) return input;
  const wrong = misplaced(whole.value, asked, tool);
  if (wrong !== undefined) return refused(wrong);
  return passed({ action: makeAction(call, tool, digest), whole: whole.value });
}

function toolUnknown({ server, name }: Call): Refusal {
  return { code: 'tool-unknown', what: toolKey(server, name), why: 'there is no such tool for this agent' };
}
