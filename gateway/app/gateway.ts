import { join } from 'node:path';
import type { LinePorts } from '@sallyport/core/mediate/ports.ts';
import { type JsonNode, member } from '@sallyport/core/model/json.ts';
import { type Catalogue, findTool } from '@sallyport/core/model/tool.ts';
import { createApi } from '../api/api.ts';
import { serveApi } from '../api/serve.ts';
import { createApprovals } from '../approvals/approvals.ts';
import { loadPolicies } from '../engines/cedar/load.ts';
import { showProblem } from '../engines/cedar/problem.ts';
import { createAuthenticate } from '../identity/authenticate.ts';
import { openEntrySecrets } from '../identity/entry-secrets.ts';
import { openAgentTokens } from '../identity/tokens.ts';
import { openOperatorKey } from '../operator/key.ts';
import { loadActive, readPolicyDir, saveActive } from '../policies/policy-files.ts';
import { openSecretFile } from '../secret/secret-file.ts';
import { createModeControl } from '../tasks/modes.ts';
import { createTasks } from '../tasks/tasks.ts';
import { listen } from '../transports/http/listener.ts';
import { createMcpCore } from '../transports/mcp/core.ts';
import { createMcpDoor } from '../transports/mcp/http-door.ts';
import { listenSocket } from '../transports/stdio/socket.ts';
import { hypothetical } from './attempt.ts';
import type { Config } from './config.ts';
import { createControl } from './control.ts';
import type { Log } from './log.ts';
import { metricsText } from './metrics.ts';
import { createNewId } from './new-id.ts';
import { createPolicyRoom } from './policies.ts';
import { keyedDigest, micros, now, sha256 } from './ports.ts';
import { openRecord } from './record.ts';
import { createRoutes } from './routes.ts';
import { openServers } from './servers.ts';
import { openBelow, openStateDir } from './state-dir.ts';
import { createWorlds, type Worlds } from './worlds.ts';

export interface GatewayOptions {
  readonly config: Config;
  readonly stateDir: string;
  readonly version: string;
  readonly log: Log;
  /** Called once if the gateway can no longer keep its promises: the process has to end, and not with 0. */
  readonly onFailure: (why: string) => void;
  /** Called once when an operator asks it to stop. */
  readonly onShutdown: () => void;
}

export interface Gateway {
  /** `http://127.0.0.1:7420` */
  readonly url: string;
  /** Lets calls under way finish for a moment, ends every child process, writes the last checkpoint. */
  readonly close: () => Promise<void>;
}

/** The gateway could not be started; the message says why and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

const policyLookMillis = 1_000;

/**
 * The composition root: configuration → rooms → listeners, and back again in the opposite order. Whatever was opened is
 * closed if a later step fails. Nothing is decided in here.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  await using opened = new AsyncDisposableStack();
  const { config, log, version } = options;
  const stateDir = openStateDir(options.stateDir);
  const newId = createNewId();
  let stopping = false;
  let catalogue: () => Catalogue | undefined = () => undefined;
  let listening: { readonly host: string; readonly port: number } | undefined;

  const record = opened.adopt(
    await openRecord({ stateDir, tenant: config.tenant, version, now, newId, schemaOf, onFailure: options.onFailure }),
    room => room.close(),
  );
  const { journal, state } = record;
  const digest = keyedDigest(openSecretFile(join(stateDir, 'digest.key'), 'spd'));
  const operator = openOperatorKey(stateDir, process.getuid?.());
  const tokens = openAgentTokens(join(stateDir, 'agent-tokens.json'), now);
  const entries = config.agents.flatMap(agent => agent.entries ?? []);
  const authenticate = createAuthenticate({
    agents: config.agents,
    tokens,
    entrySecrets: openEntrySecrets(openBelow(stateDir, 'entries'), entries),
  });

  const { taskLimits: limits, ambientIdleSecondsMax } = config;
  const taskPorts = { state, journal, newId, now, limits, ambientIdleSecondsMax };
  const taskRoom = createTasks(taskPorts);
  const servers = opened.adopt(
    await openServers({ config, stateDir, sha256, now, newId, log, journal, listening: () => listening }),
    room => room.close(),
  );
  catalogue = servers.catalogue;
  const modes = createModeControl(taskPorts, {
    configured: config.modes,
    agents: () => config.agents.map(agent => agent.id),
    servers: () => config.servers.map(server => server.id),
    toolKeys: () => servers.toolKeys(),
  });

  const worlds = await firstWorld();
  const approvalPorts = {
    state,
    journal,
    newId,
    now,
    standing: taskRoom.tasks.standing,
    world: () => worlds.current().digest,
    proof: operator.proof,
  };
  const approvalRoom = createApprovals(approvalPorts);
  const ports: LinePorts = {
    now,
    micros,
    newId,
    digest,
    authenticate,
    journal,
    world: worlds.current,
    tasks: taskRoom.tasks,
    approvals: approvalRoom.approvals,
    upstreams: servers.upstreams,
    limits: { replyBytesMax: config.replyBytesMax },
  };
  const core = createMcpCore({ ports, version });
  servers.onChange(catalogue => void worlds.setCatalogue(catalogue));
  // What changed while the first world was made.
  if (servers.catalogue() !== worlds.current().catalogue) void worlds.setCatalogue(servers.catalogue());
  servers.onResource((agent, server, uri) => void core.audience.resourceUpdated(agent, server, uri));

  const policies = createPolicyRoom({ dir: config.policies, worlds, enforcing: () => enforces(modes), log });
  const looking = setInterval(() => void policies.look().catch(() => undefined), policyLookMillis);
  opened.defer(() => clearInterval(looking));

  const control = createControl({
    config,
    version,
    stateDir,
    newId,
    now,
    digest,
    operator,
    tokens,
    record,
    servers,
    worlds,
    policies,
    modes,
    taskRoom,
    taskPorts,
    approvalRoom,
    approvalPorts,
    isStopping: () => stopping,
    url: () => listener.origin,
    shutdown: options.onShutdown,
  });
  const door = createMcpDoor(core);
  opened.defer(() => door.close());
  opened.adopt(await listenSocket({ path: join(stateDir, 'mcp.sock'), core }), room => room.close());
  const router = createRoutes({
    mcp: door,
    api: serveApi(createApi(control, operator.proves)),
    unready: () => (stopping ? 'the gateway is stopping' : record.unready()),
    metrics: async () => metricsText(await control.status(), record.log.health().rejectedDropped),
  });
  const listener = opened.adopt(
    await listen({ address: config.host, port: config.port, hosts: config.hosts, origins: [], router }),
    room => room.close(),
  );
  listening = { host: config.host, port: listener.port };
  opened.defer(() => core.audience.endAll());

  const running = opened.move();
  return {
    url: listener.origin,
    close: async () => {
      stopping = true;
      await running.disposeAsync();
    },
  };

  function schemaOf(server: string, tool: string): JsonNode | undefined {
    const known = catalogue();
    return known === undefined ? undefined : member(findTool(known, server, tool)?.definition, 'inputSchema');
  }

  /** What was activated last; on the very first start, the files as they are. */
  async function firstWorld(): Promise<Worlds> {
    const file = join(stateDir, 'active-policies.json');
    const known = loadActive(file);
    const active = known ?? { ...readPolicyDir(config.policies), activatedAt: now(), by: 'first start' };
    const made = await createWorlds(active, servers.catalogue(), {
      load: (sources, offered) =>
        loadPolicies({ sources, catalogue: offered, agents: config.agents.map(hypothetical) }),
      journal,
      newId,
      now,
      modes: modes.table,
      save: text => saveActive(file, text),
      onChange: () => void core.audience.listsChanged(['tools', 'prompts', 'resources']),
    });
    if ('problems' in made && 'ok' in made)
      throw new StartError(['the policies cannot be used:', ...made.problems.map(showProblem)].join('\n  '));
    if (known === undefined) saveActive(file, active);
    return made;
  }
}

function enforces(modes: { table: () => { fallback: string; scopes: ReadonlyMap<string, string> } }): boolean {
  const { fallback, scopes } = modes.table();
  return fallback === 'enforce' || [...scopes.values()].includes('enforce');
}
