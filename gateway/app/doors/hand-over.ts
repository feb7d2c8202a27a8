import type { TaskId } from '@sallyport/core/model/ids.ts';
import { type JsonNode, type JsonObject, member, stringMember } from '@sallyport/core/model/json.ts';
import { passed, refused } from '@sallyport/core/model/refusal.ts';
import { noManifest, type Task } from '@sallyport/core/model/task.ts';
import type { TaskOrder } from '../../api/control.ts';
import type { Opening } from '../../tasks/open.ts';
import type { TaskRoom } from '../../tasks/tasks.ts';
import type { PeerConfig } from '../../upstreams/a2a/config.ts';
import type { HandedOver, HandOver } from '../../upstreams/a2a/hand-over.ts';

/** Tasks of other agents that are bound to one of ours; the oldest are forgotten, and end by idling. */
const boundTasksMax = 10_000;
/** A message with a longer id is not found again. */
const messageIdCharsMax = 256;
/** It rests no longer than this, nor longer than the task that sends may. */
const boundIdleSecondsMax = 3_600;

/** States in which a task of an agent has ended (A2A 1.0 §4.1.3). */
const endStates: ReadonlySet<string> = new Set([
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
  const bound: Bound = new Map();
  /** Peer, our task that sent, and id of the message → our task below, where no answer told what became of the message. */
  const unanswered: Bound = new Map();
  const ended = new WeakSet<HandedOver>();
  /** What is found there, told what the sender has read since the last message; undefined: there is none that is open. */
  const told = async (found: Bound, key: string | undefined, task: Task): Promise<HandedOver | undefined> => {
    const known = key === undefined ? undefined : found.get(key);
    if (key === undefined || known === undefined || (await reach(known.task as TaskId, task))) return known;
    if (found.get(key) === known) found.delete(key);
    return undefined;
  };
  const over = ({ id }: PeerConfig, handed: HandedOver, why: string): void => {
    ended.add(handed);
    for (const found of [bound, unanswered])
      for (const [key, one] of found) if (one.task === handed.task) found.delete(key);
    void end(handed.task as TaskId, { by: `agent:${id}` }, why).catch(() => undefined);
  };
  return {
    begin: async (peer, task, a2aTask, messageId) => {
      if (peer.agent === undefined) return passed(undefined);
      const known =
        (await told(bound, a2aTask && keyOf(peer, task, a2aTask), task)) ??
        (await told(unanswered, messageId && messageKey(peer, task, messageId), task));
      if (known !== undefined) return passed(known);
      const opened = await opening(orderFor(peer.agent, task), {
        kind: 'holder',
        task: task.id,
        asks: { sources: task.sources },
      });
      if (opened.ok) {
        const { task: below, token } = opened.value;
        return passed({ task: below.id, token, idleSecondsMax: below.limits.idleSecondsMax ?? boundIdleSecondsMax });
      }
      const { field = 'task', message } = opened.error;
      const why = `no task below this one can be opened for that agent: ${field} ${message}`;
      return refused({
        code: 'denied',
        what: peer.id,
        why,
        fix: 'let the task delegate (limits.depthMax), or send from another',
      });
    },
    tell: async (peer, task, a2aTask) => void (await told(bound, keyOf(peer, task, a2aTask), task)),
    heard: (peer, task, said, handed) => {
      for (const { id, state, messages } of tasksIn(said)) {
        const key = keyOf(peer, task, id);
        const sent =
          handed ?? messages.map(one => unanswered.get(messageKey(peer, task, one))).find(known => known !== undefined);
        if (sent !== undefined && !bound.has(key)) bind(bound, key, sent);
        const ours = bound.get(key);
        if (ours !== undefined && endStates.has(state)) over(peer, ours, `its task there ended (${state})`);
      }
      // A plain answer is the whole work.
      const isAnswer = member(said, 'message')?.kind === 'object';
      if (isAnswer && handed !== undefined && !isBound(bound, handed)) over(peer, handed, 'it has answered');
    },
    lost: (peer, task, handed, messageId) => {
      if (ended.has(handed) || isBound(bound, handed)) return undefined;
      // The agent may be at work. Short: a refusal has no room for more.
      const left = `task ${handed.task} stays open until it has rested ${handed.idleSecondsMax} s`;
      if (messageId === undefined || messageId.length > messageIdCharsMax) return left;
      bind(unanswered, messageKey(peer, task, messageId), handed);
      return `${left}; the same messageId sent again goes on in it`;
    },
    over: (peer, handed) => {
      // Where it was sent before, that it was not taken again says nothing.
      if (!isBound(bound, handed) && !isBound(unanswered, handed)) over(peer, handed, 'it was not sent, or not taken');
    },
  };
}

type Bound = Map<string, HandedOver>;

function bind(bound: Bound, key: string, handed: HandedOver): void {
  bound.set(key, handed);
  const oldest = bound.keys().next().value;
  if (bound.size > boundTasksMax && oldest !== undefined) bound.delete(oldest);
}

function isBound(bound: Bound, { task }: HandedOver): boolean {
  return [...bound.values()].some(one => one.task === task);
}

/** Two that it works for may have tasks of one name there. */
function keyOf({ id }: PeerConfig, { agent, principal }: Task, a2aTask: string): string {
  return JSON.stringify([id, agent, principal, a2aTask]);
}

/** The same message sent in another task is another: what is done for it has that task's authority. */
function messageKey({ id }: PeerConfig, task: Task, messageId: string): string {
  return JSON.stringify([id, task.id, messageId]);
}

/** The words of an agent are nobody's: its message is not the purpose of the task below. */
function orderFor(agent: string, { id: parent, agent: from, principal, limits }: Task): TaskOrder {
  const idleSecondsMax = Math.min(limits.idleSecondsMax ?? boundIdleSecondsMax, boundIdleSecondsMax);
  return {
    ...{ kind: 'opened', agent, principal, purpose: `what the agent ${from} asks for`, manifest: noManifest, parent },
    ...{ ceiling: undefined, segments: undefined, audience: undefined, limits: { idleSecondsMax } },
  };
}

interface Theirs {
  readonly id: string;
  readonly state: string;
  /** Ids of those in its history. */
  readonly messages: readonly string[];
}

/** The tasks that an answer or an event speaks of, with the state that it gives. */
function tasksIn(said: JsonObject): Theirs[] {
  const whole = [said, member(said, 'task'), ...itemsOf(member(said, 'tasks'))];
  const found = whole.map(task => ({
    id: stringMember(task, 'id'),
    state: stateOf(task),
    messages: itemsOf(member(task, 'history')).flatMap(message => stringMember(message, 'messageId') ?? []),
  }));
  const update = member(said, 'statusUpdate');
  const updated = { id: stringMember(update, 'taskId'), state: stateOf(update), messages: [] };
  return [...found, updated].flatMap(({ id, state, messages }) =>
    id === undefined || state === undefined ? [] : [{ id, state, messages }],
  );
}

function itemsOf(node: JsonNode | undefined): readonly JsonNode[] {
  return node?.kind === 'array' ? node.items : [];
}

function stateOf(node: JsonNode | undefined): string | undefined {
  return stringMember(member(node, 'status'), 'state');
}
