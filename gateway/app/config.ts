import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Mode } from '@sallyport/core/model/decision.ts';
import { agentIdPattern } from '@sallyport/core/model/ids.ts';
import { nearest } from '@sallyport/core/model/nearest.ts';
import type { TaskLimits } from '@sallyport/core/model/task.ts';
import { actionClasses } from '@sallyport/core/model/tool.ts';
import type { ModeTable } from '@sallyport/core/policy/mode.ts';
import { type ApprovalConfig, readApprovalConfig } from '../approvals/config.ts';
import { type CredentialConfig, credentialsOf } from '../credentials/config.ts';
import type { AgentConfig, HookConfig } from '../identity/config.ts';
import { readProofs, readTrusts, type TrustConfig } from '../identity/trust-config.ts';
import { type PeopleConfig, readPeople } from '../people/config.ts';
import { type SignalConfig, signalsOf } from '../signals/config.ts';
import { workspace } from '../transports/hook/tools.ts';
import type { TlsFiles } from '../transports/http/tls.ts';
import { type PeerConfig, peersOf } from '../upstreams/a2a/config.ts';
import { credentialsIn, type ServerConfig, serverFaults } from '../upstreams/config.ts';
import { serverOf } from '../upstreams/server-section.ts';
import { type WatchConfig, watchOf } from '../watch/config.ts';
import { ConfigError, type Fields, readYaml } from '../yaml/fields.ts';
import { isOutsideUrl, outsideUrlRule } from '../yaml/outside-url.ts';
import { checkHooks, hooksOf } from './hooks-config.ts';
import { placed, segmentsOf, workspaceSegment } from './segments.ts';

/** `sallyport.yaml`, read and checked. Relative paths have been resolved against the file's own folder. */
export interface Config {
  readonly file: string;
  readonly tenant: string;
  readonly host: string;
  readonly port: number;
  /** Further values of `Host` that the listener answers to, besides the loopback names. */
  readonly hosts: readonly string[];
  /** The address that clients know us by, without a slash at its end; undefined: the loopback address and port. */
  readonly url: string | undefined;
  /** A second listener, for clients elsewhere. */
  readonly tls: (TlsFiles & { readonly host: string; readonly port: number }) | undefined;
  /** Issuers that are believed about workloads. */
  readonly trusts: readonly TrustConfig[];
  /** Where people sign in, and who may be what; undefined: the operator alone, by one-time code. */
  readonly people: PeopleConfig | undefined;
  readonly approvals: ApprovalConfig;
  readonly policies: string;
  readonly modes: ModeTable;
  readonly servers: readonly ServerConfig[];
  /** Other agents behind the gateway, which speak A2A. */
  readonly peers: readonly PeerConfig[];
  readonly credentials: readonly CredentialConfig[];
  readonly watch: WatchConfig;
  readonly signals: readonly SignalConfig[];
  readonly agents: readonly AgentConfig[];
  /** Coding clients that ask here about their own tools. */
  readonly hooks: readonly HookConfig[];
  readonly workspaceSegment: string;
  /** Limits of ambient tasks, and the most that an opened task may get. */
  readonly taskLimits: TaskLimits;
  /** After this long without a call an ambient task ends; its successor inherits its labels. Undefined: never. */
  readonly ambientIdleSecondsMax: number | undefined;
  readonly replyBytesMax: number;
  /** Arguments, results and purposes are kept for so many days. Undefined: until they are erased. */
  readonly bodyDaysMax: number | undefined;
}

const modeNames: readonly Mode[] = ['observe', 'shadow', 'enforce'];
const day = 86_400;

/** Reads the config file; throws `ConfigError` naming file, line and field. */
export function readConfig(file: string): Config {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    const why = (thrown as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new ConfigError(`${file}: ${why}; name another with --config FILE`);
  }
  return parseConfig(file, text);
}

export function parseConfig(file: string, text: string): Config {
  const root = readYaml(file, text);
  const folder = dirname(resolve(file));
  const { host, port } = listenOf(root);
  const servers = root.fields('servers');
  const agents = root.fields('agents');
  const limits = root.fields('limits');
  const retention = root.fields('retention');
  const trusts = readTrusts(root, folder);
  const segments = root.fields('segments');
  const signals = root.fields('signals');
  const peers = root.fields('a2a');
  const configured = servers.names().map(id => serverOf(id, servers, folder));
  const credentials = credentialsOf(root.fields('credentials'), folder, name => addressesGiven(name, configured));
  const segmentList = segmentsOf(segments);
  const peerList = peersOf(peers, folder);
  const hooks = hooksOf(root.fields('hooks'));
  const config: Config = {
    file: resolve(file),
    tenant: nameOf(root, 'tenant') ?? 'local',
    host,
    port,
    hosts: hostsOf(root),
    url: publicUrl(root),
    tls: tlsOf(root, folder),
    trusts,
    people: readPeople(root, folder),
    approvals: readApprovalConfig(root, folder),
    policies: resolve(folder, root.string('policies') ?? 'policies'),
    modes: modesOf(root),
    servers: placed(segmentList, {
      servers: configured,
      peers: peerList,
      credentials: credentials.map(({ name }) => name),
      hooks: hooks.length > 0,
      section: segments,
    }),
    peers: peerList,
    hooks,
    workspaceSegment: workspaceSegment(segmentList),
    credentials,
    watch: watchOf(root, folder),
    signals: signalsOf(signals, folder),
    agents: agents.names().map(id => agentOf(id, agents, trusts, folder)),
    taskLimits: {
      callsMax: limits.integer('callsMax', 1, 1e9) ?? 1_000_000,
      secondsMax: limits.integer('secondsMax', 1, 366 * day) ?? 30 * day,
      bytesMax: limits.integer('bytesMax', 1, Number.MAX_SAFE_INTEGER) ?? 64 * 2 ** 30,
      spendCentsMax: limits.integer('spendCentsMax', 0, Number.MAX_SAFE_INTEGER) ?? 100_000,
      depthMax: limits.integer('depthMax', 0, 16) ?? 3,
    },
    ambientIdleSecondsMax: limits.integer('ambientIdleSecondsMax', 60, 366 * day),
    replyBytesMax: limits.integer('replyBytesMax', 1_024, 64 * 2 ** 20) ?? 16 * 2 ** 20,
    bodyDaysMax: retention.integer('bodyDaysMax', 1, 36_500),
  };
  limits.done();
  retention.done();
  root.done();
  checkEntries(config, agents);
  checkCredentials(config, servers);
  checkCurrencies(configured, servers);
  checkClients(config, agents);
  checkHooks(config, root);
  checkModes(config, root);
  checkPeers(config, peers);
  const [fault] = serverFaults(config.servers);
  if (fault !== undefined) throw new ConfigError(`${file}: ${fault}`);
  return config;
}

/** An agent behind the gateway has a name of its own among the servers, and is an agent that is configured if it is one of ours. */
function checkPeers({ peers, servers, agents, credentials }: Config, section: Fields): void {
  for (const { id, agent, headers } of peers) {
    if (servers.some(server => server.id === id)) throw section.wrong(id, 'is the name of a server already');
    if (agent !== undefined && !agents.some(one => one.id === agent))
      throw section.wrong(id, `has the agent \`${agent}\`, and there is none`);
    for (const name of credentialsIn({ kind: 'http', url: '', headers }))
      if (!credentials.some(credential => credential.name === name))
        throw section.wrong(id, `is given the credential \`${name}\`, and there is none`);
  }
}

/** It becomes part of the journal's name, so it is as plain as that. */
function nameOf(root: Fields, field: string): string | undefined {
  const name = root.string(field);
  if (name === undefined || /^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) return name;
  throw root.wrong(field, 'must be lower-case letters, digits and `-`, at most 63');
}

function hostsOf(root: Fields): readonly string[] {
  const hosts = root.strings('hosts') ?? [];
  const odd = hosts.find(host => !/^[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?$/.test(host));
  if (odd === undefined) return hosts;
  throw root.wrong('hosts', 'must hold host names, with a port where it is not the usual one');
}

/** Issuer and resources are named after it, so it has one spelling. */
function publicUrl(root: Fields): string | undefined {
  const url = root.string('url');
  if (url === undefined) return undefined;
  if (!isOutsideUrl(url)) throw root.wrong('url', outsideUrlRule);
  if (new URL(url).href !== `${url}/`)
    throw root.wrong('url', 'must be in lower case, without path and slash at its end');
  return url;
}

function tlsOf(root: Fields, folder: string): Config['tls'] {
  const fields = root.fields('tls');
  const listen = fields.string('listen');
  const files = { certificate: fields.string('certificate'), key: fields.string('key') };
  fields.done();
  if (!root.has('tls')) return undefined;
  const match = /^(\[[0-9a-f:]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})$/.exec(listen ?? '');
  if (match === null || Number(match[2]) > 65_535)
    throw fields.wrong('listen', 'must be an address and a port, such as 0.0.0.0:7443');
  const { certificate, key } = files;
  if (certificate === undefined || key === undefined)
    throw root.wrong('tls', 'needs `certificate` and `key`, files in PEM');
  const host = (match[1] ?? '').replace(/^\[|\]$/g, '');
  return { host, port: Number(match[2]), certificate: resolve(folder, certificate), key: resolve(folder, key) };
}

/** A mode for something that does not exist would have no effect, and would be taken for protection. */
function checkModes({ modes, agents, servers, hooks }: Config, root: Fields): void {
  const ids = [...servers.map(({ id }) => id), ...(hooks.length > 0 ? [workspace] : [])];
  const known = {
    agent: agents.map(({ id }) => id),
    server: ids,
    tool: ids,
  };
  for (const key of modes.scopes.keys()) {
    const [kind = '', name = ''] = key.split(/:(.*)/s, 2);
    if (kind !== 'agent' && kind !== 'server' && kind !== 'tool') continue;
    const wanted = kind === 'tool' ? (name.split('/', 1)[0] ?? '') : name;
    if (known[kind].includes(wanted)) continue;
    const near = nearest(wanted, known[kind]);
    throw root.wrong(
      'modes',
      `names ${key}, and there is no such ${kind === 'tool' ? 'server' : kind}${near === undefined ? '' : ` (did you mean \`${near}\`?)`}`,
    );
  }
}

/** Only loopback: nothing is encrypted here, and a token on the wire in the clear is everybody's. */
function listenOf(root: Fields): { host: string; port: number } {
  const text = root.string('listen') ?? '127.0.0.1:7420';
  const match = /^(127\.0\.0\.1|localhost|\[::1\]):([0-9]{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535)
    throw root.wrong(
      'listen',
      'must be a loopback address and a port, such as 127.0.0.1:7420; clients elsewhere come over `tls`',
    );
  return { host: match[1] === '[::1]' ? '::1' : '127.0.0.1', port };
}

function modesOf(root: Fields): ModeTable {
  const fallback = root.oneOf('mode', modeNames) ?? 'enforce';
  const table = root.fields('modes');
  const scopes = new Map<string, Mode>();
  for (const key of table.names()) {
    const mode = table.oneOf(key, modeNames);
    if (!/^(agent|server|tool|class):./.test(key))
      throw table.wrong(key, 'must begin with agent:, server:, tool: or class:');
    if (key.startsWith('class:') && !actionClasses.some(name => key === `class:${name}`))
      throw table.wrong(key, `names no action class; there are ${actionClasses.join(', ')}`);
    if (mode !== undefined) scopes.set(key, mode);
  }
  return { fallback, scopes };
}

function agentOf(id: string, agents: Fields, trusts: readonly TrustConfig[], folder: string): AgentConfig {
  if (!agentIdPattern.test(id))
    throw agents.wrong(id, 'is no agent id: lower-case letters, digits, `.`, `_`, `-`, at most 64');
  const fields = agents.fields(id);
  const team = fields.string('team');
  const owner = fields.string('owner');
  const agent: AgentConfig = {
    id,
    principal: fields.required('principal'),
    classes: fields.strings('classes') ?? [],
    ...(team === undefined ? {} : { team }),
    ...(owner === undefined ? {} : { owner }),
    shared: fields.boolean('shared') ?? false,
    vendor: fields.boolean('vendor') ?? false,
    entries: fields.strings('entries') ?? [],
    proofs: readProofs(fields, trusts, folder),
  };
  fields.done();
  // A proof that a vendor's client gives makes the agent the vendor's, whether or not the file says so.
  return agent.proofs?.some(({ kind }) => kind === 'vendor') ? { ...agent, vendor: true } : agent;
}

/** An entry names one agent: which workload is acting must never be a matter of order. */
function checkEntries(config: Config, agents: Fields): void {
  const owners = new Map<string, string>();
  for (const agent of config.agents) {
    for (const entry of agent.entries ?? []) {
      if (!agentIdPattern.test(entry))
        throw agents.wrong(agent.id, `has an entry whose id is not lower-case letters, digits, \`.\`, \`_\`, \`-\``);
      const other = owners.get(entry);
      if (other !== undefined)
        throw agents.wrong(agent.id, `has the entry \`${entry}\`, which \`${other}\` has already`);
      owners.set(entry, agent.id);
    }
  }
}

/** A client is one agent, for the same reason. */
function checkClients(config: Config, agents: Fields): void {
  const owners = new Map<string, string>();
  for (const { id, proofs = [] } of config.agents)
    for (const proof of proofs) {
      if (proof.kind !== 'vendor') continue;
      const other = owners.get(proof.clientId);
      if (other !== undefined) throw agents.wrong(id, `has a client that \`${other}\` has already`);
      owners.set(proof.clientId, id);
    }
}

/** Money is counted, not converted: what costs something in another currency than the rest cannot be added to it. */
function checkCurrencies(all: readonly ServerConfig[], servers: Fields): void {
  const named = all.flatMap(({ id, tools }) =>
    Object.values(tools ?? {}).flatMap(({ cost }) =>
      cost?.currency === undefined ? [] : [[id, cost.currency] as const],
    ),
  );
  const [first] = named;
  const other = named.find(([, currency]) => currency !== first?.[1]);
  if (other !== undefined)
    throw servers.wrong(
      other[0],
      `has a tool that costs ${other[1]}, and others cost ${first?.[1]}: tasks count in one currency`,
    );
}

function addressesGiven(credential: string, servers: readonly ServerConfig[]): string[] {
  return servers.flatMap(({ launch }) =>
    launch.kind === 'http' && credentialsIn(launch).includes(credential) ? [launch.url] : [],
  );
}

/** A credential that is not configured would be found out only when it is needed. */
function checkCredentials({ credentials, servers: all }: Config, servers: Fields): void {
  const names = credentials.map(({ name }) => name);
  for (const { id, launch } of all)
    for (const wanted of credentialsIn(launch)) {
      if (names.includes(wanted)) continue;
      const near = nearest(wanted, names);
      const meant = near === undefined ? '' : ` (did you mean \`${near}\`?)`;
      throw servers.wrong(id, `wants the credential \`${wanted}\`, which is not under \`credentials\`${meant}`);
    }
}
