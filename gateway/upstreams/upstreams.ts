import type { Ready, Soon, Upstreams } from '@sallyport/core/mediate/ports.ts';
import type { Action, Sha256 } from '@sallyport/core/model/action.ts';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { CallSignal } from '@sallyport/core/model/call-signal.ts';
import type { Instant, ServerId } from '@sallyport/core/model/ids.ts';
import { type Checked, passed, type Refusal, refused } from '@sallyport/core/model/refusal.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { toolKey } from '@sallyport/core/model/tool.ts';
import { credentialsIn, type ServerConfig, serverFaults } from './config.ts';
import type { Connection } from './connection.ts';
import { Connections } from './connections.ts';
import { type Credentials, noCredentials, type SecretWanted, wantedFor } from './credentials.ts';
import type { ListenAddress } from './http/dial.ts';
import { type OwnHeaders, readOwnHeaders } from './http/secrets.ts';
import { type ConnectionKey, keyFor } from './key.ts';
import { type UpstreamLimits, upstreamLimits } from './limits.ts';
import type { Listing } from './mcp/list.ts';
import { type ConnectionStatus, statusOf } from './status.ts';
import { endOrphans } from './stdio/orphans.ts';

export interface UpstreamsOptions {
  readonly servers: readonly ServerConfig[];
  readonly stateDir: string;
  readonly sha256: Sha256;
  /** For operators; nothing in a line comes from an agent, and no line holds a secret. */
  readonly log: (line: string) => void;
  /** Whose connections the gateway itself uses to look at servers: where there is one agent, it saves a process. */
  readonly lookAs?: { readonly agent: string; readonly principal: string } | undefined;
  /** Our own listeners: no server's address may lead there. */
  readonly listening?: (() => readonly ListenAddress[]) | undefined;
  readonly limits?: Partial<UpstreamLimits>;
  /** Issues the secrets that servers are given. Without it there are none to be given. */
  readonly credentials?: Credentials | undefined;
  readonly now?: () => Instant;
  /** The pin that stands accepted for a prompt or template (by item key); undefined if it is quarantined or unknown. */
  readonly acceptedPin: (server: ServerId, key: string) => string | undefined;
  readonly on: UpstreamEvents;
}

export interface UpstreamEvents {
  /** A connection has told what its server offers; `whole` unless it is one agent's own. Called before it is used. */
  readonly listed: (server: ServerId, listing: Listing, whole: boolean) => void;
  /** The list of resources has changed, for whoever shares this connection. */
  readonly resourcesChanged?: (key: ConnectionKey) => void;
  /** A resource that was subscribed to over this connection has changed. */
  readonly resourceUpdated?: (key: ConnectionKey, uri: string) => void;
  /** Whether anybody listens for that: a connection that brings news for nobody may be given up. */
  readonly isAwaited?: (key: ConnectionKey, uri: string) => boolean;
  /** Whether anybody listens for that or waits to: otherwise the server is told that it may stop. */
  readonly isWanted?: (key: ConnectionKey, uri: string) => Promise<boolean>;
}

/** The servers, as the line needs them, and as those who watch over them do. */
export interface RunningUpstreams extends Upstreams {
  /** Connects to `server` and reads what it offers. */
  readonly look: (server: ServerId) => Promise<Checked<void>>;
  /** Ends the processes and sessions whose key `matches`; calls that are under way in them are lost. */
  readonly endWhere: (matches: (key: ConnectionKey) => boolean) => void;
  /** Of resources that `isTheirs` finds somebody less wants to hear. */
  readonly left: (isTheirs: (key: ConnectionKey, uri: string) => boolean) => void;
  readonly status: () => readonly ConnectionStatus[];
  /** Ends every process, session and socket. Resolves when none is left. */
  readonly close: () => Promise<void>;
}

/** Nothing is connected before it is needed. Throws a `TypeError` that names every wrong field of the configuration. */
export function createUpstreams(options: UpstreamsOptions): RunningUpstreams {
  const faults = serverFaults(options.servers);
  if (faults.length > 0) throw new TypeError(faults.join('\n'));
  const orphans = endOrphans(options.stateDir);
  if (orphans > 0) options.log(`server processes of an earlier gateway were ended: ${orphans}`);
  const servers = new Map(options.servers.map(server => [server.id, { server, lent: credentialsIn(server.launch) }]));
  const credentials = options.credentials ?? noCredentials;
  const connections = new Connections({
    credentials,
    now: options.now ?? Date.now,
    stateDir: options.stateDir,
    limits: { ...upstreamLimits, ...options.limits },
    sha256: options.sha256,
    listening: options.listening ?? (() => []),
    acceptedPin: options.acceptedPin,
    events: key => ({
      listed: listing => options.on.listed(key.server, listing, isOurs(key, options)),
      resourcesChanged: () => options.on.resourcesChanged?.(key),
      resourceUpdated: uri => options.on.resourceUpdated?.(key, uri),
      isAwaited: uri => options.on.isAwaited?.(key, uri) ?? true,
      isWanted: async uri => (await options.on.isWanted?.(key, uri)) ?? true,
      closed: why => options.log(`server ${key.server}: connection closed: ${why}`),
    }),
  });
  return {
    prepare: (action, agent, task, signal) =>
      prepare({ connections, credentials }, servers.get(action.server), action, agent, task, signal),
    look: async id => {
      const server = servers.get(id)?.server;
      if (server === undefined) return refused({ code: 'tool-unknown', what: id, why: 'no such server is configured' });
      const key = lookKey(id, options);
      const connection = await connections.get(key, server, wantedFor(key, undefined));
      return connection.ok ? { ok: true, value: undefined } : connection;
    },
    endWhere: matches => connections.endWhere(matches),
    left: isTheirs => connections.left(isTheirs),
    status: () => connections.all().map(statusOf),
    close: () => connections.close(),
  };
}

interface Rooms {
  readonly connections: Connections;
  readonly credentials: Credentials;
}

/** A server, and the credentials that it is lent. */
interface Served {
  readonly server: ServerConfig;
  readonly lent: readonly string[];
}

/** Mostly its connection is at hand and lent nothing: then there is nothing to wait for here. */
function prepare(
  rooms: Rooms,
  served: Served | undefined,
  action: Action,
  agent: Agent,
  task: Task,
  signal: CallSignal,
): Soon<Checked<Ready>> {
  if (served === undefined) return refused(notConfigured(action));
  const { server, lent } = served;
  const key = keyFor(server.id, agent, task, lent.length > 0 && lent.some(rooms.credentials.isPerTask));
  const atHand = lent.length > 0 || signal.aborted ? undefined : rooms.connections.atHand(key);
  return atHand === undefined
    ? prepareAnew(rooms, served, key, action, task, signal)
    : atHand.ready(action, signal, undefined);
}

async function prepareAnew(
  { connections, credentials }: Rooms,
  { server, lent }: Served,
  key: ConnectionKey,
  action: Action,
  task: Task,
  signal: CallSignal,
): Promise<Checked<Ready>> {
  const connection = await connected(connections, key, server, task, signal);
  if (connection === undefined) return refused(cancelledBefore(action));
  if (!connection.ok) return connection;
  if (lent.length === 0) return await connection.value.ready(action, signal, undefined);
  const own = await ownHeaders(server, credentials, wantedFor(key, task, action));
  return own.ok ? await connection.value.ready(action, signal, own.value) : own;
}

function notConfigured({ server }: Action): Refusal {
  return { code: 'upstream-unavailable', what: server, why: 'the server is not configured' };
}

function cancelledBefore({ server, tool }: Action): Refusal {
  return { code: 'cancelled', what: toolKey(server, tool.name), why: 'the agent cancelled it before it was sent' };
}

/** Undefined: whoever called gave up first. */
async function connected(
  connections: Connections,
  key: ConnectionKey,
  server: ServerConfig,
  task: Task,
  signal: CallSignal,
): Promise<Checked<Connection> | undefined> {
  if (signal.aborted) return undefined;
  const atHand = connections.atHand(key);
  if (atHand !== undefined) return passed(atHand);
  return await unlessAborted(connections.get(key, server, wantedFor(key, task)), signal);
}

/** The headers of one action: only where some of them are issued for it. */
async function ownHeaders(
  { launch }: ServerConfig,
  credentials: Credentials,
  wanted: SecretWanted,
): Promise<Checked<OwnHeaders | undefined>> {
  if (launch.kind !== 'http') return { ok: true, value: undefined };
  return await readOwnHeaders(launch.headers, credential => credentials.issue(credential, wanted));
}

function lookKey(server: ServerId, { lookAs }: UpstreamsOptions): ConnectionKey {
  return { server, agent: lookAs?.agent ?? '', principal: lookAs?.principal ?? '', task: undefined };
}

function isOurs(key: ConnectionKey, options: UpstreamsOptions): boolean {
  const own = lookKey(key.server, options);
  return key.agent === own.agent && key.principal === own.principal && key.task === undefined;
}

/** Whoever else waits for the same connection goes on waiting. */
async function unlessAborted<T>(promise: Promise<T>, signal: CallSignal): Promise<T | undefined> {
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const abort = (): void => resolve(undefined);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
