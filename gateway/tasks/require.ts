import type { Tasks } from '@sallyport/core/mediate/ports.ts';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { AgentId, TaskId } from '@sallyport/core/model/ids.ts';
import { type Refusal, refused } from '@sallyport/core/model/refusal.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import type { Standing } from '@sallyport/core/task/standing.ts';
import { touchTask } from '@sallyport/core/task/task.ts';
import { secretHash } from '../secret/secret.ts';
import type { AmbientPorts, AmbientTasks } from './ambient.ts';

/** The task in which a call is, named by a token or by nobody, if its agent may act there. */
export function createRequire(
  { state, now }: Pick<AmbientPorts, 'state' | 'now'>,
  standing: (id: TaskId | undefined, agent: AgentId) => Standing,
  ambient: Pick<AmbientTasks, 'current' | 'open'>,
): Tasks['require'] {
  function standingIn(id: TaskId | undefined, agent: Agent, isNamed: boolean): Standing {
    // A token that was issued for one task is no use for another.
    const other = agent.task !== undefined && id !== agent.task;
    const unfit = other || isOfAnother(agent, id === undefined ? undefined : state.tasks.get(id)?.task);
    const found = standing(unfit ? undefined : id, agent.id);
    if (!found.ok) return found;
    if (isNamed && state.tasks.get(found.value.id)?.tokenRevoked === true)
      return { ...refused(tokenRevoked), task: found.value.id };
    touchTask(state, found.value.id, now());
    return found;
  }

  /** The ambient task has to be opened first. Stopped agents open nothing. */
  async function standingInNew(agent: Agent): Promise<Standing> {
    const stopped = standing(undefined, agent.id);
    if (!stopped.ok && stopped.refusal.code === 'agent-killed') return stopped;
    return standingIn(await ambient.open(agent), agent, false);
  }

  return (agent, token) => {
    if (token !== undefined) return standingIn(state.tokens.get(secretHash(token)), agent, true);
    // The task that the agent's own token was issued for, or else the ambient one.
    if (agent.task !== undefined) return standingIn(agent.task, agent, true);
    const task = ambient.current(agent);
    return task === undefined ? standingInNew(agent) : standingIn(task.id, agent, false);
  };
}

/**
 * A shared agent whose proof says for whom it acts may not act in the task of somebody else: whoever talks to it must not
 * reach another's data through a token that it holds as well.
 */
function isOfAnother(agent: Agent, task: Task | undefined): boolean {
  const saysForWhom = agent.shared && agent.chain?.some(({ kind }) => kind === 'access-token') === true;
  return saysForWhom && task !== undefined && task.principal !== agent.principal;
}

const tokenRevoked: Refusal = {
  code: 'task-unknown',
  what: 'task',
  why: 'this task token was revoked when the task was stopped',
  fix: 'ask whoever opened the task to renew it',
};
