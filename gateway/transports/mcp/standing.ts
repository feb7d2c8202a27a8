import type { Agent, Proof } from '@sallyport/core/model/agent.ts';
import { type Checked, refused } from '@sallyport/core/model/refusal.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import type { McpCore } from './core.ts';
import type { Caller } from './incoming.ts';

/** As the ports answer, with any fault a refusal. */
export async function requireTask(caller: Pick<Caller, 'agent' | 'taskToken'>, core: McpCore): Promise<Checked<Task>> {
  try {
    return await core.ports.tasks.require(caller.agent, caller.taskToken);
  } catch {
    return refused({ code: 'fault', what: 'the task', why: 'the gateway could not check the task' });
  }
}

export function authenticate(proof: Proof, core: McpCore): Checked<Agent> | Promise<Checked<Agent>> {
  if (proof.kind === 'none') return unproven;
  try {
    const proven = core.ports.authenticate(proof);
    return proven instanceof Promise ? proven.catch(() => unchecked) : proven;
  } catch {
    return unchecked;
  }
}

const unproven = refused({
  code: 'unauthenticated',
  what: 'the request',
  why: 'it carries no proof of an agent',
  fix: 'send `Authorization: Bearer` with a token that an operator or a trusted issuer gave to this agent',
});
const unchecked = refused({ code: 'fault', what: 'the request', why: 'the gateway could not check the proof' });
