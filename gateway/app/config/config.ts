import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Mode } from '@sallyport/core/model/decision.ts';
import { agentIdPattern } from '@sallyport/core/model/ids.ts';
import type { TaskLimits } from '@sallyport/core/model/task.ts';
import { actionClasses } from '@sallyport/core/model/tool.ts';
import type { ModeTable } from '@sallyport/core/policy/mode.ts';
import { wallClockOf } from '@sallyport/core/policy/wall-clock.ts';
import { type ApprovalConfig, readApprovalConfig } from '../../approvals/config.ts';
import { type CredentialConfig, credentialsOf } from '../../credentials/config.ts';
import type { AgentConfig, HookConfig } from '../../identity/config.ts';
import { readProofs, readTrusts, type TrustConfig } from '../../identity/trust-config.ts';
import { type PeopleConfig, readPeople } from '../../people/config.ts';
import { type SignalConfig, signalsOf } from '../../signals/config.ts';
import { type PeerConfig, peersOf } from '../../upstreams/a2a/config.ts';
import { credentialsIn, type ServerConfig, serverFaults } from '../../upstreams/config.ts';
import { serverOf } from '../../upstreams/server-section.ts';
import { type WatchConfig, watchOf } from '../../watch/config.ts';
import { ConfigError, type Fields, Mistakes, readYaml } from '../../yaml/fields.ts';
import { checkTogether } from './cross-checks.ts';
import { hooksOf } from './hooks.ts';
import { hostsOf, listenOf, publicUrl, type TlsListener, tlsOf } from './listen.ts';
import { placed, segmentsOf, workspaceSegment } from './segments.ts';

/** `sallyport.yaml`, read and checked. Relative paths have been resolved against the file's own folder. */
export interface Config {
  readonly file: string;
  readonly tenant: string;
  /** What the clock on the wall shows, by which rules go that speak of days and hours. */
  readonly timeZone: string;
  readonly host: string;
  readonly port: number;
  /** Further values of `Host` that the listener answers to, besides the loopback names. */
  readonly hosts: readonly string[];
  /** The address that clients know us by, without a slash at its end; undefined: the loopback address and port. */
  readonly url: string | undefined;
  /** A second listener, for clients elsewhere. */
  readonly tls: TlsListener | undefined;
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

/** errno(3), of a file that was named. */
const unread: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'does not exist'],
  ['EISDIR', 'is a folder'],
  ['EACCES', 'may not be read by this user'],
]);

/** Reads the config file; throws `ConfigError` naming file, line and field. */
export function readConfig(file: string): Config {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    const why = unread.get((thrown as NodeJS.ErrnoException).code ?? '');
    throw new ConfigError(`${file}: ${why ?? 'cannot be read'}; name another with --config FILE`);
  }
  return parseConfig(file, text);
}

/** Throws one `ConfigError` with the mistakes of all sections. How they fit together is looked at once each of them is right. */
export function parseConfig(file: string, text: string): Config {
  const root = readYaml(file, text);
  const folder = dirname(resolve(file));
  const mistakes = new Mistakes();
  const part = <T>(read: () => T): (() => T) => mistakes.part(read);
  const address = part(() => listenOf(root));
  const configured = part(() => serversOf(root.fields('servers'), folder));
  const trusts = part(() => readTrusts(root, folder));
  const segments = part(() => segmentsOf(root.fields('segments')));
  const limits = part(() => limitsOf(root.fields('limits')));
  const sections = {
    tenant: part(() => nameOf(root, 'tenant') ?? 'local'),
    timeZone: part(() => timeZoneOf(root)),
    hosts: part(() => hostsOf(root)),
    url: part(() => publicUrl(root)),
    tls: part(() => tlsOf(root, folder)),
    people: part(() => readPeople(root, folder)),
    approvals: part(() => readApprovalConfig(root, folder)),
    policies: part(() => resolve(folder, root.string('policies') ?? 'policies')),
    modes: part(() => modesOf(root)),
    peers: part(() => peersOf(root.fields('a2a'), folder)),
    hooks: part(() => hooksOf(root.fields('hooks'))),
    credentials: part(() =>
      credentialsOf(root.fields('credentials'), folder, name => addressesGiven(name, configured())),
    ),
    watch: part(() => watchOf(root, folder)),
    signals: part(() => signalsOf(root.fields('signals'), folder)),
    agents: part(() => agentsOf(root.fields('agents'), trusts(), folder)),
    bodyDaysMax: part(() => bodyDaysOf(root.fields('retention'))),
  };
  part(() => root.done());
  mistakes.settle();
  const [peers, hooks, credentials] = [sections.peers(), sections.hooks(), sections.credentials()];
  const config: Config = {
    file: resolve(file),
    ...address(),
    ...limits(),
    tenant: sections.tenant(),
    timeZone: sections.timeZone(),
    hosts: sections.hosts(),
    url: sections.url(),
    tls: sections.tls(),
    trusts: trusts(),
    people: sections.people(),
    approvals: sections.approvals(),
    policies: sections.policies(),
    modes: sections.modes(),
    servers: placed(segments(), {
      servers: configured(),
      peers,
      credentials: credentials.map(({ name }) => name),
      hooks: hooks.length > 0,
      section: root.fields('segments'),
    }),
    peers,
    hooks,
    workspaceSegment: workspaceSegment(segments()),
    credentials,
    watch: sections.watch(),
    signals: sections.signals(),
    agents: sections.agents(),
    bodyDaysMax: sections.bodyDaysMax(),
  };
  checkTogether(config, root);
  const faults = serverFaults(config.servers);
  if (faults.length > 0) throw new ConfigError(...faults.map(fault => `${file}: ${fault}`));
  return config;
}

function serversOf(section: Fields, folder: string): ServerConfig[] {
  return section.each(id => serverOf(id, section, folder));
}

function agentsOf(section: Fields, trusts: readonly TrustConfig[], folder: string): AgentConfig[] {
  return section.each(id => agentOf(id, section, trusts, folder));
}

function limitsOf(limits: Fields): Pick<Config, 'taskLimits' | 'ambientIdleSecondsMax' | 'replyBytesMax'> {
  const read = {
    taskLimits: {
      callsMax: limits.integer('callsMax', 1, 1e9) ?? 1_000_000,
      secondsMax: limits.integer('secondsMax', 1, 366 * day) ?? 30 * day,
      bytesMax: limits.integer('bytesMax', 1, Number.MAX_SAFE_INTEGER) ?? 64 * 2 ** 30,
      spendCentsMax: limits.integer('spendCentsMax', 0, Number.MAX_SAFE_INTEGER) ?? 100_000,
      depthMax: limits.integer('depthMax', 0, 16) ?? 3,
    },
    ambientIdleSecondsMax: limits.integer('ambientIdleSecondsMax', 60, 366 * day),
    replyBytesMax: limits.integer('replyBytesMax', 1_024, 64 * 2 ** 20) ?? 16 * 2 ** 20,
  };
  limits.done();
  return read;
}

function bodyDaysOf(retention: Fields): number | undefined {
  const days = retention.integer('bodyDaysMax', 1, 36_500);
  retention.done();
  return days;
}

/** It becomes part of the journal's name, so it is as plain as that. */
function nameOf(root: Fields, field: string): string | undefined {
  const name = root.string(field);
  if (name === undefined || /^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) return name;
  throw root.wrong(field, 'must be lower-case letters, digits and `-`, at most 63');
}

function timeZoneOf(root: Fields): string {
  const zone = root.string('timeZone') ?? 'UTC';
  if (wallClockOf(zone) !== undefined) return zone;
  throw root.wrong('timeZone', 'is no time zone: write it as IANA names it, such as Europe/Berlin');
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

function addressesGiven(credential: string, servers: readonly ServerConfig[]): string[] {
  return servers.flatMap(({ launch }) =>
    launch.kind === 'http' && credentialsIn(launch).includes(credential) ? [launch.url] : [],
  );
}
