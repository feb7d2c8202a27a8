import { agentIdPattern } from '@sallyport/core/model/ids.ts';
import type { ModeTable } from '@sallyport/core/policy/mode.ts';
import type { CredentialConfig } from '../../credentials/config.ts';
import type { AgentConfig, HookConfig } from '../../identity/config.ts';
import { workspace } from '../../transports/hook/tools.ts';
import type { PeerConfig } from '../../upstreams/a2a/config.ts';
import { credentialsIn, type ServerConfig } from '../../upstreams/config.ts';
import { type Fields, Mistakes, meant } from '../../yaml/fields.ts';
import { checkHooks } from './hooks.ts';

/** The sections that name each other. */
export interface Sections {
  readonly modes: ModeTable;
  readonly agents: readonly AgentConfig[];
  readonly servers: readonly ServerConfig[];
  readonly peers: readonly PeerConfig[];
  readonly credentials: readonly CredentialConfig[];
  readonly hooks: readonly HookConfig[];
}

/** Holds what each section says against the others. Throws `ConfigError` naming file, line and field. */
export function checkTogether(config: Sections, root: Fields): void {
  const agents = root.fields('agents');
  const servers = root.fields('servers');
  const mistakes = new Mistakes();
  mistakes.part(() => checkEntries(config, agents));
  mistakes.part(() => checkCredentials(config, servers));
  mistakes.part(() => checkCurrencies(config, servers));
  mistakes.part(() => checkClients(config, agents));
  mistakes.part(() => checkHooks(config, root));
  mistakes.part(() => checkModes(config, root));
  mistakes.part(() => checkPeers(config, root.fields('a2a')));
  mistakes.settle();
}

/** An agent behind the gateway has a name of its own among the servers, and is an agent that is configured if it is one of ours. */
function checkPeers({ peers, servers, agents, credentials }: Sections, section: Fields): void {
  for (const { id, agent, headers } of peers) {
    if (servers.some(server => server.id === id)) throw section.wrong(id, 'is the name of a server already');
    if (agent !== undefined && !agents.some(one => one.id === agent))
      throw section.wrong(id, `has the agent \`${agent}\`, and there is none`);
    for (const name of credentialsIn({ kind: 'http', url: '', headers }))
      if (!credentials.some(credential => credential.name === name))
        throw section.wrong(id, `is given the credential \`${name}\`, and there is none`);
  }
}

/** A mode for something that does not exist would have no effect, and would be taken for protection. */
function checkModes({ modes, agents, servers, hooks }: Sections, root: Fields): void {
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
    throw root.wrong(
      'modes',
      `names ${key}, and there is no such ${kind === 'tool' ? 'server' : kind}${meant(wanted, known[kind])}`,
    );
  }
}

/** An entry names one agent: which workload is acting must never be a matter of order. */
function checkEntries({ agents: all }: Sections, agents: Fields): void {
  const owners = new Map<string, string>();
  for (const agent of all) {
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
function checkClients({ agents: all }: Sections, agents: Fields): void {
  const owners = new Map<string, string>();
  for (const { id, proofs = [] } of all)
    for (const proof of proofs) {
      if (proof.kind !== 'vendor') continue;
      const other = owners.get(proof.clientId);
      if (other !== undefined) throw agents.wrong(id, `has a client that \`${other}\` has already`);
      owners.set(proof.clientId, id);
    }
}

/** Money is counted, not converted: what costs something in another currency than the rest cannot be added to it. */
function checkCurrencies({ servers: all }: Sections, servers: Fields): void {
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

/** A credential that is not configured would be found out only when it is needed. */
function checkCredentials({ credentials, servers: all }: Sections, servers: Fields): void {
  const names = credentials.map(({ name }) => name);
  for (const { id, launch } of all)
    for (const wanted of credentialsIn(launch)) {
      if (names.includes(wanted)) continue;
      throw servers.wrong(
        id,
        `wants the credential \`${wanted}\`, which is not under \`credentials\`${meant(wanted, names)}`,
      );
    }
}
