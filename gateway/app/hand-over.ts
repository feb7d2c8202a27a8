import type { TaskId } from '@sallyport/core/model/ids.ts';
import { type JsonNode, type JsonObject, member, stringMember } from '@sallyport/core/model/json.ts';
import { passed, refused } from '@sallyport/core/model/refusal.ts';
import { noManifest, type Task } from '@sallyport/core/model/task.ts';
import type { TaskOrder } from '../api/control.ts';
import type { Opening } from '../tasks/open.ts';
import type { TaskRoom } from '../tasks/tasks.ts';
import type { PeerConfig } from '../upstreams/a2a/config.ts';
import type { HandedOver, HandOver } from '../upstreams/a2a/hand-over.ts';

/** Tasks of other agents that are bound to one of ours; the oldest are forgotten, and end by idling. */
const boundTasksMax = 10_000;
/** It rests no longer than this, nor longer than the task that sends may. */
const boundIdleSecondsMax = 3_600;

/** States in which a task of an agent has ended (A2A 1.0 §4.1.3). */
const ended: ReadonlySet<string> = new Set([
  'TASK_STATE_COMPLETED',
  'TASK_STATE_FAILED',
  'TASK_STATE_CANCELED',
  'TASK_STATE_REJECTED',
]);

/**
 * A message to an agent of this installation opens a task for it below the one that sends: what it then does is decided with
 * both agents' authority and with all that the sender has read. A task of that agent is bound to it, and its end, however it
 * is heard of, ends ours; so does the sender's own end.
 */
export function createHandOver(opening: Opening, { end, reach }: Pick<TaskRoom, 'end' | 'reach'>): HandOver {
  /** Peer, whom it works for there, and A2A task → our task below. */
  const bound = new Map<string, HandedOver>();
  /** The task that theirs is bound to, told what the sender has read since the last message; undefined: there is none that is open. */
  const told = async (peer: PeerConfig, task: Task, a2aTask: string | undefined): Promise<HandedOver | undefined> => {
    const key = keyOf(peer, task, a2aTask ?? '');
    const known = a2aTask === undefined ? undefined : bound.get(key);
    if (known === undefined || (await reach(known.task as TaskId, task))) return known;
    if (bound.get(key) === known) bound.delete(key);
    return undefined;
  };
  const over = ({ id }: PeerConfig, handed: HandedOver, why: string): void => {
    for (const [key, one] of bound) if (one.task === handed.task) bound.delete(key);
    void end(handed.task as TaskId, { by: `agent:${id}` }, why).catch(() => undefined);
  };
  return {
    begin: async (peer, task, a2aTask) => {
      if (peer.agent === undefined) return passed(undefined);
      const known = await told(peer, task, a2aTask);
      if (known !== undefined) return passed(known);
      const opened = await opening(orderFor(peer.agent, task), {
        kind: 'holder',
        task: task.id,
        asks: { sources: task.sources },
      });
      if (opened.ok) return passed({ task: opened.value.task.id, token: opened.value.token });
      const { field = 'task', message } = opened.error;
      const why = `no task below this one can be opened for that agent: ${field} ${message}`;
      return refused({
        code: 'denied',
        what: peer.id,
        why,
        fix: 'let the task delegate (limits.depthMax), or send from another',
      });
    },
    tell: async (peer, task, a2aTask) => void (await told(peer, task, a2aTask)),
    heard: (peer, task, said, handed) => {
      for (const { id, state } of tasksIn(said)) {
        const key = keyOf(peer, task, id);
        if (handed !== undefined && !bound.has(key)) bind(bound, key, handed);
        const ours = bound.get(key);
        if (ours !== undefined && ended.has(state)) over(peer, ours, `its task there ended (${state})`);
      }
      // A plain answer is the whole work.
      const isAnswer = member(said, 'message')?.kind === 'object';
      if (isAnswer && handed !== undefined && !isBound(bound, handed)) over(peer, handed, 'it has answered');
    },
    over: (peer, handed) => {
      if (!isBound(bound, handed)) over(peer, handed, 'it was not sent, or not taken');
    },
  };
}

function bind(bound: Map<string, HandedOver>, key: string, handed: HandedOver): void {
  bound.set(key, handed);
  const oldest = bound.keys().next().value;
  if (bound.size > boundTasksMax && oldest !== undefined) bound.delete(oldest);
}

function isBound(bound: ReadonlyMap<string, HandedOver>, { task }: HandedOver): boolean {
  return [...bound.values()].some(one => one.task === task);
}

/** Two that it works for may have tasks of one name there. */
function keyOf({ id }: PeerConfig, { agent, principal }: Task, a2aTask: string): string {
  return JSON.stringify([id, agent, principal, a2aTask]);
}

/** The words of an agent are nobody's: its message is not the purpose of the task below. */
function orderFor(agent: string, { id: parent, agent: from, principal, limits }: Task): TaskOrder {
  const idleSecondsMax = Math.min(limits.idleSecondsMax ?? boundIdleSecondsMax, boundIdleSecondsMax);
  return {
    ...{ kind: 'opened', agent, principal, purpose: `what the agent ${from} asks for`, manifest: noManifest, parent },
    ...{ ceiling: undefined, segments: undefined, audience: undefined, limits: { idleSecondsMax } },
  };
}

/** The tasks that an answer or an event speaks of, with the state that it gives. */
function tasksIn(said: JsonObject): { readonly id: string; readonly state: string }[] {
  const whole = [said, member(said, 'task'), ...itemsOf(member(said, 'tasks'))];
  const found = whole.map(task => ({ id: stringMember(task, 'id'), state: stateOf(task) }));
  const update = member(said, 'statusUpdate');
  return [...found, { id: stringMember(update, 'taskId'), state: stateOf(update) }].flatMap(({ id, state }) =>
    id === undefined || state === undefined ? [] : [{ id, state }],
  );
}

function itemsOf(node: JsonNode | undefined): readonly JsonNode[] {
  return node?.kind === 'array' ? node.items : [];
}

function stateOf(node: JsonNode | undefined): string | undefined {
  return stringMember(member(node, 'status'), 'state');
}
