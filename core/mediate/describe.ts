import { type Action, makeAction } from '../model/action.ts';
import type { Call } from '../model/call.ts';
import { type Checked, passed, type Refusal, refused } from '../model/refusal.ts';
import type { Task } from '../model/task.ts';
import { type Catalogue, findTool, toolKey } from '../model/tool.ts';
import { checkInput } from './check-input.ts';
import { withFix } from './fixes.ts';
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
  if (tool === undefined) return refused(toolUnknown(asked, catalogue));
  const whole = putBack(asked, task.id, handles);
  if (!whole.ok) return whole;
  const { call } = whole.value;
  const input = checkInput(tool, call.input);
  if (!input.ok) return input;
  const wrong = misplaced(whole.value, asked, tool);
  if (wrong !== undefined) return refused(wrong);
  return passed({ action: makeAction(call, tool, digest), whole: whole.value });
}

function toolUnknown({ server, name }: Call, { unmet }: Catalogue): Refusal {
  const what = toolKey(server, name);
  if (unmet?.has(server))
    return withFix({
      code: 'upstream-unavailable',
      what,
      why: 'the server has never answered, so what it offers is not known',
    });
  return withFix({ code: 'tool-unknown', what, why: 'there is no such tool for this agent' });
}
