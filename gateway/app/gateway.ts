import { join } from 'node:path';
import { riskOf } from '@sallyport/core/behaviour/behaviour.ts';
import type { LinePorts } from '@sallyport/core/mediate/ports.ts';
import { member } from '@sallyport/core/model/json.ts';
import { findTool } from '@sallyport/core/model/tool.ts';
import { HeldValues } from '@sallyport/core/provenance/handles/held-values.ts';
import { portOf, TaskMemories } from '@sallyport/core/provenance/memories.ts';
import { storesPort } from '@sallyport/core/task/stores.ts';
import { createApi } from '../api/api.ts';
import { serveApi } from '../api/serve.ts';
import type { RunsFrom } from '../api/view/status.ts';
import { createPages } from '../console/pages.ts';
import { openCredentials } from '../credentials/open.ts';
import { personalReader } from '../facts/readers.ts';
import { keepPolling } from '../signals/poll.ts';
import { createPush } from '../signals/push.ts';
import { createReceiver } from '../signals/receiver.ts';
import { createLearning } from '../tasks/learning.ts';
import { createModeControl, type ModeControl } from '../tasks/modes.ts';
import { createNarrowing } from '../tasks/narrow.ts';
import { createTasks } from '../tasks/tasks.ts';
import { createConnectPages } from '../tokens/connect-pages.ts';
import { SignIns } from '../tokens/sign-ins.ts';
import type { Handler } from '../transports/http/router.ts';
import { createMcpCore, type McpCore } from '../transports/mcp/core.ts';
import type { HandOver } from '../upstreams/a2a/hand-over.ts';
import { leadsHere, type OwnPages } from './addresses.ts';
import { hypothetical } from './attempt.ts';
import { challengeOf } from './challenge.ts';
import type { Config } from './config.ts';
import { createControl } from './control.ts';
import { credentialControl, lending } from './credentials.ts';
import { openDoors } from './doors.ts';
import { createEndings } from './endings.ts';
import { afterMeeting, createFirstContact } from './first-contact.ts';
import { openWorlds } from './first-world.ts';
import { createHandOver } from './hand-over.ts';
import { homeDir } from './home-dir.ts';
import { openHooks } from './hooks.ts';
import { type Identity, openIdentity } from './identity.ts';
import type { Log } from './log.ts';
import { metricsText } from './metrics.ts';
import { createNewId } from './new-id.ts';
import { openOAuth } from './oauth.ts';
import { createObserved } from './observed.ts';
import { createOpenings, taskTokens } from './openings.ts';
import { createOwnPlaces } from './own-places.ts';
import { openPeople } from './people.ts';
import { createPolicyRoom } from './policies.ts';
import { micros, now, sha256 } from './ports.ts';
import { createRecall } from './recall.ts';
import { openRecord } from './record.ts';
import { keepRetention } from './retention.ts';
import { meetMillisMax, openServers, type Servers } from './servers.ts';
import { openStateDir } from './state-dir.ts';
import { holding, openWatch } from './watch.ts';
import type { Worlds } from './worlds.ts';

export interface GatewayOptions {
  readonly config: Config;
  readonly stateDir: string;
  readonly version: string;
  readonly log: Log;
  /** The built console; undefined where there is none. */
  readonly consoleDir?: string | undefined;
  /** The user id that agents run under; undefined: the gateway's own. */
  readonly agentsUid?: number | undefined;
  /** Called once if the gateway can no longer keep its promises: the process has to end, and not with 0. */
  readonly onFailure: (why: string) => void;
  /** What its process loaded its code from; for people. */
  readonly runsFrom?: RunsFrom;
  /** What a long start is at, for people. */
  readonly onProgress?: (text: string) => void;
  /** Called once when an operator asks it to stop. */
  readonly onShutdown: () => void;
  /** How long what there is waits for servers that nobody knows, from the start on; who is slower is told of when it comes. */
  readonly meetMillisMax?: number;
}

export interface Gateway {
  /** `http://127.0.0.1:7420` */
  readonly url: string;
  /** Servers that have neither answered nor failed since the start, or of which what they offer is not known to the policies yet. */
  readonly starting: () => readonly string[];
  /** Resolves when every server that nobody knew has answered or failed, or is late. */
  readonly met: Promise<void>;
  /** Lets calls under way finish for a moment, ends every child process, writes the last checkpoint. */
  readonly close: () => Promise<void>;
}

const policyLookMillis = 1_000;
const endingLookMillis = 1_000;

/**
 * The composition root: configuration → rooms → doors, and back again in the opposite order. Whatever was opened is
 * closed if a later step fails. Nothing is decided in here.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  await using opened = new AsyncDisposableStack();
  const { config, log, version } = options;
  const stateDir = openStateDir(options.stateDir);
  const newId = createNewId();
  const late: Late = { stopping: false, servers: undefined, handOver: undefined, listening: undefined };
  const schemaOf = (server: string, tool: string) =>
    late.servers && member(findTool(late.servers.catalogue(), server, tool)?.definition, 'inputSchema');

  const notice = (line: string): void => log('info', line);
  const recordPorts = {
    stateDir,
    tenant: config.tenant,
    version,
    now,
    newId,
    schemaOf,
    onFailure: options.onFailure,
    notice,
    onProgress: options.onProgress ?? (() => {}),
  };
  const record = opened.adopt(await openRecord(recordPorts), room => room.close());
  const { length } = config.servers;
  options.onProgress?.(length === 0 ? 'Loading the policies' : `Starting ${length} server${length === 1 ? '' : 's'}`);
  const { journal, state } = record;
  const port = (): number => late.listening?.port ?? config.port;
  const identity = opened.adopt(
    await openIdentity({ config, stateDir, journal, newId, port, agentsUid: options.agentsUid }),
    room => room.close(),
  );

  const lendPorts = {
    configs: config.credentials,
    stateDir,
    tenant: config.tenant,
    journal,
    newId,
    now,
    log: (line: string) => log('info', line),
    issuer: identity.addresses.issuer,
    onSignedIn: (credential: string) => late.servers?.hurry(credential),
  };
  const lent = opened.adopt(await openCredentials(lendPorts), room => room.broker.close());

  const { taskLimits: limits, ambientIdleSecondsMax } = config;
  const agents = new Map(config.agents.map(agent => [agent.id, hypothetical(agent)]));
  const taskPorts = {
    state,
    journal,
    newId,
    now,
    agentOf: (id: string) => agents.get(id),
    limits,
    ambientIdleSecondsMax,
    ...createEndings({
      ...{ broker: lent.broker, state, issuer: identity.issuer },
      endWhere: matches => late.servers?.upstreams.endWhere(matches),
      log,
    }),
  };
  const taskRoom = createTasks(taskPorts);
  const narrowing = createNarrowing(taskRoom, taskPorts);
  const credentials = lending(lent.broker);
  const listening = (): Late['listening'] => late.listening;
  const serverPorts = {
    config,
    stateDir,
    sha256,
    now,
    newId,
    log,
    journal,
    credentials,
    listening,
    handOver: () => ready(late.handOver),
  };
  const servers = opened.adopt(openServers(serverPorts), room => room.close());
  late.servers = servers;
  const modes = createModeControl(taskPorts, {
    configured: config.modes,
    agents: () => config.agents.map(agent => agent.id),
    servers: () => config.servers.map(server => server.id),
    toolKeys: servers.toolKeys,
  });
  const made = Promise.withResolvers<Worlds>();
  const firstContact = createFirstContact({
    strangers: servers.strangers,
    caughtUp: async () => (await made.promise).settled(),
    millisMax: options.meetMillisMax ?? meetMillisMax,
  });
  const worlds = await openWorlds({
    met: firstContact.looked,
    ...{ config, stateDir, catalogue: servers.catalogue, journal, newId, now, modes: modes.table },
    onChange: () => {
      narrowing.toKinds(worlds.active().taskKinds);
      void core.audience.listsChanged(['tools', 'prompts', 'resources']);
    },
  });
  const starting = (): readonly string[] => [...new Set([...servers.starting(), ...firstContact.ahead()])];
  const { standing } = taskRoom.tasks;
  const world = worlds.current;
  const url = (): string => config.url ?? listener.origin;
  const people = openPeople({ config: config.approvals, record, newId, now, standing, world, url, log }, opened);

  const flow = new TaskMemories(identity.digest);
  const handles = new HeldValues();
  const recall = createRecall({
    record,
    memories: flow,
    handles,
    catalogue: servers.catalogue,
    digest: identity.digest,
  });
  const ports: LinePorts = {
    flow: { ...portOf(flow, work => void setImmediate(work)), recall },
    handles,
    stores: storesPort(state.stores),
    behaviour: { look: step => riskOf(record.behaviour, step) },
    ...{ now, micros, newId, journal, world: worlds.current, tasks: taskRoom.tasks, approvals: people.room.approvals },
    ...{ authenticate: identity.authenticate, digest: identity.digest, upstreams: servers.upstreams },
    limits: { replyBytesMax: config.replyBytesMax },
    readPersonal: personalReader,
    leadsToOurs: createOwnPlaces({
      stateDir,
      open: [join(stateDir, 'example'), join(stateDir, 'servers')],
      written: [config.file, config.policies],
      // As programs do that are started without one.
      home: homeDir() ?? '/',
      cwdOf: server => cwdOf(config, server),
    }),
  };
  const challenge = (exchange: Parameters<typeof challengeOf>[0]) => challengeOf(exchange, identity);
  const watchPorts = { config: config.watch, openTasks: taskRoom.openTasks, end: taskRoom.end, now };
  const watchLog = (why: string, about: object): void =>
    log('error', 'what a task hangs on could not be seen', { why, ...about });
  const watch = openWatch({ ...watchPorts, log: watchLog }, opened);
  const { hold, holdDoor } = holding(watch, ports);
  const core = createMcpCore({
    ...{ ports, version, challenge, people: people.door, meeting: firstContact, onTaskEnded: watch.mcpTaskEnded },
    leadsHere: url => leadsHere(url, ownPages(config, identity, port())),
  });
  servers.onChange(catalogue => void worlds.setCatalogue(catalogue));
  // What changed while the first world was made.
  if (servers.catalogue() !== worlds.current().catalogue) void worlds.setCatalogue(servers.catalogue());
  made.resolve(worlds);
  servers.onResource((agent, server, uri) => void core.audience.resourceUpdated(agent, server, uri));
  const policies = createPolicyRoom({ dir: config.policies, worlds, enforcing: () => enforces(modes), log });
  const looking = setInterval(() => void policies.look().catch(() => undefined), policyLookMillis);
  opened.defer(() => clearInterval(looking));
  opened.defer(keepRetention({ log: record.log, journal, newId, now, bodyDaysMax: config.bodyDaysMax, warn: log }));
  const ending = setInterval(() => void taskRoom.endOverdue().catch(() => undefined), endingLookMillis);
  opened.defer(() => clearInterval(ending));

  const signIns = new SignIns(now);
  const connect = createConnectPages({ ...lent.authorizing, signIns, issuer: identity.addresses.issuer, now });
  const learning = createLearning(record.page);
  const openings = createOpenings({ config, servers, worlds, taskRoom, taskPorts, watch, learning });
  late.handOver = createHandOver(openings.opening, taskRoom);
  const observed = createObserved({
    ...{ page: record.page, now, stateDir },
    // Counting looks entries up: it is left out while that waits.
    isObserving: () => modes.view().fallback !== 'enforce' && record.filing() === undefined,
  });
  const control = createControl({
    observed,
    ...{ config, version, stateDir, newId, now, identity, record, servers, worlds, policies, modes },
    ...openings,
    learning,
    ...{ taskRoom, taskPorts, people, flow: ports.flow, hold, stores: ports.stores, behaviour: ports.behaviour },
    credentials: credentialControl(lent, connect.invite),
    runsFrom: options.runsFrom,
    isStopping: () => late.stopping,
    url: () => listener.origin,
    shutdown: options.onShutdown,
  });
  const receive = createReceiver({
    signals: config.signals,
    audience: () => `${identity.addresses.base()}/ssf/events`,
    openTasks: taskRoom.openTasks,
    end: taskRoom.end,
    useOnce: identity.store.useOnce,
    isUsed: identity.store.isUsed,
    now,
  });
  const warn = (name: string, why: string): void =>
    log('error', 'security events could not be asked for', { name, why });
  opened.defer(keepPolling(config.signals, receive, warn));
  const hooks = opened.adopt(
    openHooks({
      config,
      identity,
      line: ports,
      memories: flow,
      opening: openings.opening,
      taskRoom,
      taskPorts,
      newId,
      observed,
    }),
    door => door.close(),
  );
  const listener = await openDoors(
    {
      hooks: hooks.handle,
      ...{ config, stateDir, core },
      oauth: await openOAuth({
        config,
        identity,
        journal,
        newId,
        taskTokens: taskTokens(openings.opening, watch.binds),
        signIn: people.signIn,
        ...{ signIns, connect },
      }),
      api: serveApi(
        createApi(
          afterMeeting(control, firstContact),
          held => identity.operator.callerOf(held) ?? people.signIn.callerOf(held),
        ),
        config.url,
      ),
      hold: holdDoor,
      events: createPush(receive),
      a2a: await peerDoor(config, core, identity),
      pages: createPages(options.consoleDir),
      starting: () => starting().length,
      unready: () => (late.stopping ? 'the gateway is stopping' : record.unready()),
      metrics: async () => metricsText(await control.status(), record.log.health().rejectedDropped),
    },
    opened,
  );
  late.listening = { host: config.host, port: listener.port };
  servers.lookAtKnown();

  const running = opened.move();
  return {
    url: listener.origin,
    starting,
    met: firstContact.forList(undefined) ?? Promise.resolve(),
    close: async () => {
      late.stopping = true;
      await running.disposeAsync();
    },
  };
}

function ownPages({ hosts, tls }: Config, { addresses }: Identity, port: number): OwnPages {
  return { bases: addresses.bases(), hosts, ports: [port, ...(tls === undefined ? [] : [tls.port])] };
}

async function peerDoor({ peers }: Config, core: McpCore, { addresses }: Identity): Promise<Handler | undefined> {
  if (peers.length === 0) return undefined;
  const { createPeerDoor } = await import('./peer-door.ts');
  return createPeerDoor(peers, core, addresses.base);
}

/** What earlier rooms ask for and later ones bring. */
interface Late {
  stopping: boolean;
  servers: Servers | undefined;
  handOver: HandOver | undefined;
  listening: { readonly host: string; readonly port: number } | undefined;
}

/** No call comes in before every room is there. */
function ready<T>(room: T | undefined): T {
  if (room === undefined) throw new Error('a call came before the gateway was ready');
  return room;
}

function enforces(modes: ModeControl): boolean {
  const { fallback, scopes } = modes.table();
  return fallback === 'enforce' || [...scopes.values()].includes('enforce');
}

/** Where the paths of a server's calls begin, if it is a process of ours. */
function cwdOf({ servers }: Config, id: string): string | undefined {
  const launch = servers.find(server => server.id === id)?.launch;
  return launch === undefined || launch.kind === 'http' ? undefined : launch.cwd;
}
