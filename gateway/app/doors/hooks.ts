import type { LinePorts } from '@sallyport/core/mediate/ports.ts';
import type { NewId, TaskId } from '@sallyport/core/model/ids.ts';
import { refused } from '@sallyport/core/model/refusal.ts';
import { noManifest } from '@sallyport/core/model/task.ts';
import type { TaskMemories } from '@sallyport/core/provenance/memories.ts';
import type { Opening } from '../../tasks/open.ts';
import type { TaskPorts, TaskRoom } from '../../tasks/tasks.ts';
import { createDesk } from '../../transports/hook/desk.ts';
import { createHookDoor, type HookDoor } from '../../transports/hook/door.ts';
import type { Config } from '../config/config.ts';
import type { Identity } from '../identity/identity.ts';
import type { Observed } from '../views/observed.ts';

export interface HookRooms {
  readonly config: Config;
  readonly identity: Identity;
  readonly line: LinePorts;
  readonly memories: TaskMemories;
  readonly opening: Opening;
  readonly taskRoom: TaskRoom;
  readonly taskPorts: TaskPorts;
  readonly newId: NewId;
  readonly observed: Observed;
}

/** The door of clients' hooks, out of the gateway's rooms. */
export function openHooks({
  config,
  identity,
  line,
  memories,
  opening,
  taskRoom,
  taskPorts,
  newId,
  observed,
}: HookRooms): HookDoor {
  const principalOf = (id: string): string => config.agents.find(agent => agent.id === id)?.principal ?? '';
  const clients = config.hooks.map(hook => [hook.client, { ...hook, principal: principalOf(hook.agent) }] as const);
  return createHookDoor({
    line,
    newId,
    sayOnceADay: observed.onceADay,
    desk: createDesk(),
    journal: line.journal,
    clients: new Map(clients),
    isTool: (client, secret) => identity.hooks.agentsOf(client, secret) !== undefined,
    isPrompt: identity.hooks.isPrompt,
    hear: (task, words) => memories.hear(task, words),
    handOver: (from, to) => memories.handOver(from, to),
    end: (task, by, why) => taskRoom.end(task, { by }, why),
    isOpen: (task: TaskId) => taskPorts.state.tasks.get(task)?.task.state.kind === 'open',
    open: async (order, by) => {
      const nothing = { principal: undefined, ceiling: undefined, segments: undefined, audience: undefined };
      const opened = await opening({ kind: 'opened', manifest: noManifest, limits: {}, ...nothing, ...order }, by);
      if (opened.ok) return { ok: true, value: { task: opened.value.task.id, token: opened.value.token } };
      return refused({ code: 'task-unknown', what: 'task', why: `no task could be opened: ${opened.error.message}` });
    },
  });
}
