import type { Agent } from '@sallyport/core/model/agent.ts';
import type { Entry } from '@sallyport/core/model/entry.ts';
import type { Id, IdPrefix } from '@sallyport/core/model/ids.ts';
import type { TaskLimits } from '@sallyport/core/model/task.ts';
import type { TaskKindRule } from '@sallyport/core/task/kind.ts';
import { emptyState, type State } from '@sallyport/core/task/state.ts';
import type { TaskControl } from '@sallyport/gateway/api/control.ts';
import { createTaskControl } from '@sallyport/gateway/tasks/control.ts';
import { createKillControl, type KillControl } from '@sallyport/gateway/tasks/kill.ts';
import { createModeControl, type ModeControl } from '@sallyport/gateway/tasks/modes.ts';
import { createOpening, type Opening, type OpeningFacts } from '@sallyport/gateway/tasks/open.ts';
import type { TaskAccess } from '@sallyport/gateway/tasks/pause.ts';
import { rebuildState } from '@sallyport/gateway/tasks/rebuild.ts';
import { createTasks, type TaskPorts, type TaskRoom } from '@sallyport/gateway/tasks/tasks.ts';
import { createFakeJournal, type FakeJournal } from '../fakes/journal.ts';
import { fakeAgent } from '../fakes/ports.ts';
import { fakeLimits } from '../fakes/task.ts';

/** A node's task room over a journal in memory, as the tests of this room need it. */
export interface Room {
  readonly room: TaskRoom;
  readonly ports: TaskPorts;
  readonly state: State;
  readonly journal: FakeJournal;
  readonly opening: Opening;
  readonly control: TaskControl;
  readonly kills: KillControl;
  readonly modes: ModeControl;
  readonly clock: { now: number };
}

export const agentA: Agent = fakeAgent;
export const agentB: Agent = { ...agentA, id: 'other', principal: 'user:paul' };

export const roomLimits: TaskLimits = fakeLimits({ callsMax: 1_000, secondsMax: 86_400 });

let ids = 0;
export const testId = <P extends IdPrefix>(prefix: P): Id<P> => `${prefix}_${String(++ids).padStart(26, '0')}`;

export interface RoomOptions {
  readonly state?: State;
  readonly clock?: { now: number };
  readonly idle?: number;
  readonly kinds?: ReadonlyMap<string, TaskKindRule>;
  readonly access?: TaskAccess;
}

export function openRoom(options: RoomOptions = {}): Room {
  const clock = options.clock ?? { now: 1_000_000 };
  const now = (): number => clock.now;
  const state = options.state ?? emptyState();
  const journal = createFakeJournal(now);
  const ports: TaskPorts = {
    state,
    journal,
    newId: testId,
    now,
    agentOf: id => [agentA, agentB].find(agent => agent.id === id),
    limits: roomLimits,
    ambientIdleSecondsMax: options.idle,
  };
  const room = createTasks(ports);
  const principals = new Map([agentA, agentB].map(agent => [agent.id, agent.principal]));
  const agents = (): Iterable<string> => principals.keys();
  const toolKeys = (): Iterable<string> => ['files/read_file', 'files/write_file'];
  const facts: OpeningFacts = {
    ...{ agents, toolKeys, limits: roomLimits },
    servers: () => ['files', 'mail'],
    segments: () => ['office', 'bank'],
    principalOf: id => principals.get(id),
    kinds: () => options.kinds ?? new Map(),
    unwatchable: ({ kind }) => (kind === 'run' ? '`watch.github` is not configured' : undefined),
  };
  const opening = createOpening(room, ports, facts);
  return {
    room,
    ports,
    state,
    journal,
    clock,
    opening,
    control: createTaskControl(
      room,
      ports,
      {
        ...facts,
        exportTask: async () => ({ ok: false, error: { code: 'unavailable', message: 'nothing is signed here' } }),
        hold: () => undefined,
        digest: text => text,
        eraseBodies: () => 0,
        purposeOf: purposeIn(journal),
        ...(options.access === undefined ? {} : { access: options.access }),
      },
      opening,
    ),
    kills: createKillControl(room, ports, { agents, servers: () => ['files'] }),
    modes: createModeControl(ports, {
      configured: { fallback: 'enforce', scopes: new Map([['server:files', 'shadow']]) },
      agents,
      servers: () => ['files'],
      toolKeys,
    }),
  };
}

/** The same node after it was killed: only what the journal holds is left. */
export async function restart(before: Room): Promise<Room> {
  const entries: readonly Entry[] = before.journal.entries;
  const { state } = await rebuildState([entries], before.clock.now, purposeIn(before.journal));
  const room = openRoom({ state, clock: before.clock });
  for (const [id, bodies] of before.journal.bodies) room.journal.bodies.set(id, bodies);
  return room;
}

function purposeIn(journal: FakeJournal): (task: string) => Promise<string | undefined> {
  return async task => {
    const text = journal.bodies.get(task)?.purpose;
    return text === undefined ? undefined : (JSON.parse(text) as string);
  };
}
