import { riskAskScore } from '@sallyport/core/behaviour/signals.ts';
import type { LinePorts } from '@sallyport/core/mediate/ports.ts';
import type { EntriesQuery } from '@sallyport/core/model/entries-query.ts';
import type { ApprovalId, Instant, NewId } from '@sallyport/core/model/ids.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { isLive } from '@sallyport/core/task/approval.ts';
import { findByPrefix } from '@sallyport/core/task/find.ts';
import { killOf, killOfServer } from '@sallyport/core/task/kill.ts';
import { pairKey } from '@sallyport/core/task/state.ts';
import type { Control, CredentialControl } from '../../api/control.ts';
import type { KindView } from '../../api/view/kind.ts';
import type { RunsFrom, StatusView } from '../../api/view/status.ts';
import { createAgentControl } from '../../identity/control.ts';
import { createTaskControl, type TaskControlFacts } from '../../tasks/control.ts';
import { createKillControl } from '../../tasks/kill.ts';
import type { Learning } from '../../tasks/learning.ts';
import type { ModeControl } from '../../tasks/modes.ts';
import type { Opening, OpeningFacts } from '../../tasks/open.ts';
import type { TaskPorts, TaskRoom } from '../../tasks/tasks.ts';
import type { Config } from '../config/config.ts';
import type { Identity } from '../identity/identity.ts';
import type { GatewayRecord } from '../record/record.ts';
import { createAttempt, hypothetical, newTask } from '../rules/attempt.ts';
import type { PolicyRoom } from '../rules/policies.ts';
import type { Worlds } from '../rules/worlds.ts';
import type { Servers } from '../servers/servers.ts';
import type { People } from '../tasks/people.ts';
import type { Observed } from '../views/observed.ts';
import { createWhy } from '../views/why.ts';
import { exported } from './exported.ts';
import { findingViews } from './findings.ts';
import { taskAccess } from './openings.ts';
import { createReach } from './reach.ts';

export interface ControlRooms {
  readonly observed: Observed;
  readonly ports: Pick<LinePorts, 'flow' | 'stores' | 'behaviour' | 'wallClock'>;
  readonly config: Config;
  readonly version: string;
  readonly stateDir: string;
  readonly newId: NewId;
  readonly now: () => Instant;
  readonly identity: Identity;
  readonly record: GatewayRecord;
  readonly servers: Servers;
  readonly worlds: Worlds;
  readonly policies: PolicyRoom;
  readonly modes: ModeControl;
  readonly taskRoom: TaskRoom;
  readonly taskPorts: TaskPorts;
  readonly people: People;
  readonly opening: Opening;
  readonly openingFacts: OpeningFacts;
  readonly learning: Learning;
  readonly credentials: CredentialControl;
  readonly hold: TaskControlFacts['hold'];
  readonly runsFrom: RunsFrom | undefined;
  readonly isStopping: () => boolean;
  readonly url: () => string;
  readonly shutdown: () => void;
}

/** A task by its id, or by the beginning of it. */
type TaskOf = (id: string) => Task | undefined;

/** What the control API can ask of this gateway, out of its rooms. */
export function createControl(rooms: ControlRooms): Control {
  const { config, record, worlds, modes, taskPorts } = rooms;
  const { state } = taskPorts;
  const agentIds = (): string[] => config.agents.map(({ id }) => id);
  const taskOf: TaskOf = id => {
    const found = findByPrefix(state.tasks.keys(), id);
    return found.kind === 'found' ? state.tasks.get(found.id)?.task : undefined;
  };
  /** A task may be named by the beginning of its id, here as everywhere. */
  const inFull = (query: EntriesQuery): EntriesQuery =>
    query.task === undefined ? query : { ...query, task: taskOf(query.task)?.id ?? query.task };
  const kills = createKillControl(rooms.taskRoom, taskPorts, {
    agents: agentIds,
    servers: () => [...config.servers, ...config.peers].map(({ id }) => id),
  });
  const approvalOf = (id: ApprovalId) => state.approvals.get(id);
  const policies = () => worlds.active().policies;
  const why = createWhy({ ...record, taskOf, approvalOf, world: worlds.current, policies });
  return {
    operator: rooms.identity.operator.notice,
    status: async () => statusOf(rooms, kills.list()),
    entries: query => record.page(inFull(query)),
    follow: (query, signal) => record.follow(inFull(query), signal),
    entry: async id => {
      const found = await record.asked(() => record.find(id));
      if (found.kind === 'found') return { ok: true, value: found.entry };
      const [code, message] =
        found.kind === 'many'
          ? (['ambiguous', 'more than one entry begins like this'] as const)
          : (['not-found', 'there is no such entry'] as const);
      return { ok: false, error: { code, field: 'id', message } };
    },
    decision: id => record.asked(() => why(id)),
    tasks: createTaskControl(
      rooms.taskRoom,
      taskPorts,
      {
        ...rooms.openingFacts,
        purposeOf: record.purposeOf,
        exportTask: id => exported(rooms.stateDir, taskOf(id)?.id ?? id),
        digest: rooms.identity.digest,
        hold: rooms.hold,
        eraseBodies: task => record.log.eraseBodies(task),
        access: taskAccess(rooms.identity),
      },
      rooms.opening,
    ),
    approvals: rooms.people.control,
    kill: kills.kill,
    unkill: kills.unkill,
    credentials: rooms.credentials,
    modes: async () => modes.view(),
    setMode: async (scope, mode, by) => {
      const set = await modes.set(scope, mode, by);
      if (set.ok) worlds.setModes();
      return set;
    },
    tools: rooms.servers.control,
    policy: rooms.policies.view,
    policyTests: rooms.policies.tests,
    activate: rooms.policies.activate,
    attempt: attemptOf(rooms, taskOf),
    kinds: name => kindViews(rooms, name),
    findings: async task =>
      findingViews(record.behaviour.findings.values(), task === undefined ? undefined : (taskOf(task)?.id ?? task)),
    reach: reachOf(rooms, taskOf),
    agents: createAgentControl({
      agents: config.agents,
      tokens: rooms.identity.tokens,
      revokeFamily: rooms.identity.issuer.revoke,
      journal: record.journal,
      newId: rooms.newId,
      isKilled: id => kills.list().some(({ scope }) => scope === 'all' || scope === `agent:${id}`),
    }),
    session: rooms.people.signIn,
    shutdown: async () => rooms.shutdown(),
    audit: async () => {
      const { logDir, origin, vkey } = record.log;
      const { size, checkpoint } = record.log.newest();
      return { dir: logDir, origin, vkey, entries: size, checkpoint };
    },
  };
}

/** What would be decided of a call that nobody makes. */
function attemptOf(rooms: ControlRooms, taskOf: TaskOf): Control['attempt'] {
  const { config, worlds, now } = rooms;
  const { state } = rooms.taskPorts;
  return createAttempt({
    agents: config.agents,
    world: worlds.current,
    servers: rooms.servers.states,
    taskOf,
    ambientOf: ({ id, principal }) => taskOf(state.ambient.get(pairKey(id, principal)) ?? ''),
    actorsOf: rooms.taskRoom.tasks.actors,
    limits: config.taskLimits,
    flow: rooms.ports.flow,
    stores: rooms.ports.stores,
    behaviour: rooms.ports.behaviour,
    digest: rooms.identity.digest,
    now,
    wallClock: rooms.ports.wallClock,
  });
}

/** What somebody could reach who holds an agent, a server or a credential. */
function reachOf(rooms: ControlRooms, taskOf: TaskOf): Control['reach'] {
  const { config, worlds, now } = rooms;
  const { state } = rooms.taskPorts;
  return createReach({
    agents: config.agents.map(hypothetical),
    taskOf,
    standsIn: agent =>
      taskOf(state.ambient.get(pairKey(agent.id, agent.principal)) ?? '') ??
      newTask({ purpose: undefined, tools: undefined, untrusted: false }, agent, { limits: config.taskLimits, now }),
    world: worlds.current,
    servers: config.servers,
    actorsOf: rooms.taskRoom.tasks.actors,
    isStopped: (task, agent, server) =>
      killOf(state, agent.id, task.id) !== undefined ||
      killOfServer(state, server) !== undefined ||
      task.audience?.includes(server) === false,
    flow: rooms.ports.flow,
    stores: rooms.ports.stores,
    digest: rooms.identity.digest,
    now,
  });
}

/** As they are in force now; of a kind that does not learn, what it would. */
async function kindViews({ worlds, learning }: ControlRooms, name: string | undefined): Promise<KindView[]> {
  const kinds = [...worlds.active().taskKinds.values()].filter(kind => name === undefined || kind.name === name);
  return await Promise.all(
    kinds.map(async kind => ({
      name: kind.name,
      about: kind.about,
      ...(kind.manifest.tools === undefined ? {} : { tools: kind.manifest.tools }),
      learns: kind.learn !== undefined,
      ...(kind.learn?.since === undefined ? {} : { learnsSince: kind.learn.since }),
      learned: await learning.learned(kind),
    })),
  );
}

async function statusOf(rooms: ControlRooms, killed: StatusView['killed']): Promise<StatusView> {
  const { record, worlds, servers, taskPorts } = rooms;
  const candidate = rooms.policies.candidate();
  const observed = await rooms.observed.lastDay();
  const { size, checkpointAt } = record.log.newest();
  const filing = record.filing();
  const tokensLost = rooms.identity.tokensLost();
  const tools = [...worlds.current().catalogue.servers.values()].flatMap(server => [...server.tools.values()]);
  return {
    version: rooms.version,
    state: rooms.isStopping() ? 'stopping' : 'ready',
    startedAt: record.startedAt,
    ...(rooms.runsFrom === undefined ? {} : { runsFrom: rooms.runsFrom }),
    now: rooms.now(),
    listen: rooms.url().replace('http://', ''),
    stateDir: rooms.stateDir,
    world: worlds.current().digest,
    ...(candidate === undefined ? {} : { candidate }),
    policies: worlds.active().policies.length,
    servers: servers.states(),
    agents: rooms.config.agents.length,
    tasks: { open: [...taskPorts.state.tasks.values()].filter(({ task }) => task.state.kind === 'open').length },
    approvals: { pending: pendingOf(rooms) },
    findings: [...record.behaviour.findings.values()].filter(({ score }) => score >= riskAskScore).length,
    quarantined: tools.filter(({ status }) => status.kind === 'quarantined').length,
    killed,
    modes: rooms.modes.view(),
    channels: rooms.people.notifier.channels(),
    ...(observed === undefined ? {} : { observed }),
    ...(rooms.config.bodyDaysMax === undefined ? {} : { bodyDaysMax: rooms.config.bodyDaysMax }),
    ...(rooms.config.people === undefined ? {} : { signIn: rooms.config.people.issuer }),
    ...(tokensLost === undefined ? {} : { tokensLost }),
    credentials: (await rooms.credentials.list())
      .filter(({ state }) => state.state !== 'ready' || state.note !== undefined)
      .map(({ name, state }) => ({ name, state })),
    journal: {
      entries: size,
      state: record.unready() === undefined ? 'ok' : 'down',
      checkpointAt,
      ...(filing === undefined ? {} : { filing }),
    },
  };
}

/** Counted, not looked up: health may be asked by anybody, and must not read and decrypt what the questions are about. */
function pendingOf({ taskPorts, worlds, now }: ControlRooms): number {
  const { digest } = worlds.current();
  return [...taskPorts.state.approvals.values()].filter(
    approval => approval.state === 'pending' && isLive(approval, now()) && approval.world === digest,
  ).length;
}
