import { protocolTools } from '@sallyport/core/catalogue/protocol-tools.ts';
import type { PerformOptions, UpstreamReply, World } from '@sallyport/core/mediate/ports.ts';
import type { Action } from '@sallyport/core/model/action.ts';
import type { Agent, Proof } from '@sallyport/core/model/agent.ts';
import { normalText } from '@sallyport/core/model/json.ts';
import { passed, type Refusal, refused } from '@sallyport/core/model/refusal.ts';
import type { CatalogueServer, Tool } from '@sallyport/core/model/tool.ts';
import type { PolicyRequest } from '@sallyport/core/policy/engine.ts';
import { allow, createFakeWorld, type FakeWorld, fakeAgent, fakeTool, forbid, jsonObject } from '../fakes/ports.ts';
import { fakeTask } from '../fakes/task.ts';

/**
 * For tests of doors: two servers behind fake ports, whose upstream keeps every byte it is sent. Agents: `assistant`
 * (token `token-a`), `auditor` (`token-b`), `gone` (`token-killed`, killed); over stdio the entry `editor` with the
 * secret `s3cret`.
 */
export interface DoorWorld extends FakeWorld {
  /** One text for each upstream call, `server method params`. */
  readonly reached: string[];
  /** Replaced by tests that change what is in force. */
  current: World;
  /** The clock of the ports. */
  readonly clock: { now: number };
}

/** What an upstream does with one action; undefined falls back to an echo. */
export type Upstream = (action: Action, options: PerformOptions) => Promise<UpstreamReply> | undefined;

/** What policy permits; by default all but the tool `forbidden`. */
export type Permits = (request: PolicyRequest) => boolean;

export function createDoorWorld(
  upstream: Upstream = () => undefined,
  permits: Permits = request => request.tool.name !== 'forbidden',
): DoorWorld {
  const clock = { now: 1_000 };
  const reached: string[] = [];
  let base: () => World = () => world.current;
  const fake = createFakeWorld({
    evaluate: request => (permits(request) ? allow : forbid),
    annotations: { reason: 'nobody may do that', fix: 'ask somebody else' },
    override: ports => {
      base = ports.world;
      return {
        ...ports,
        now: () => clock.now,
        authenticate: prove,
        world: () => world.current,
        tasks: { ...ports.tasks, require: async agent => (agent.id === 'gone' ? refused(killed) : passed(fakeTask)) },
        upstreams: {
          prepare: async action =>
            passed({
              perform: options => {
                reached.push(`${action.server} ${action.method} ${action.params}`);
                return upstream(action, options) ?? echo(action);
              },
              abandon: () => {},
            }),
        },
      };
    },
  });
  const world: DoorWorld = { ...fake, reached, clock, current: doorCatalogue(base()) };
  return world;
}

/** Puts a world in force in which every tool is quarantined. */
export function quarantineAll(world: DoorWorld): void {
  const { servers } = world.current.catalogue;
  const status = { kind: 'quarantined', why: 'its definition changed' } as const;
  const changed = [...servers.values()].map(one => {
    const tools = [...one.tools].map(([name, tool]) => [name, { ...tool, status }] as const);
    return [one.id, { ...one, tools: new Map(tools) }] as const;
  });
  world.current = { ...world.current, catalogue: { servers: new Map(changed) } };
}

function prove(proof: Proof): ReturnType<typeof passed<Agent>> | ReturnType<typeof refused> {
  const id =
    proof.kind === 'bearer'
      ? { 'token-a': 'assistant', 'token-b': 'auditor', 'token-killed': 'gone' }[proof.token]
      : proof.kind === 'local-entry' && proof.entry === 'editor' && proof.secret === 's3cret'
        ? 'assistant'
        : undefined;
  if (id === undefined) return refused(unproven);
  return passed({ ...fakeAgent, id, proof: proof.kind === 'local-entry' ? 'local-entry' : 'bearer' });
}

const unproven: Refusal = { code: 'unauthenticated', what: 'agent', why: 'nothing proves a configured agent' };
const killed: Refusal = { code: 'agent-killed', what: 'the agent', why: 'an operator stopped it' };

function echo(action: Action): Promise<UpstreamReply> {
  const result = jsonObject(echoed(action));
  return Promise.resolve({ kind: 'result', result, bytes: normalText(result).length });
}

function echoed({ method, server, params }: Action): string {
  switch (method) {
    case 'tools/call':
      return JSON.stringify({ content: [{ type: 'text', text: `${server} got ${params}` }] });
    case 'resources/list':
      return JSON.stringify({ resources: [{ uri: `file:///${server}.txt`, name: server }] });
    case 'resources/read':
      return JSON.stringify({ contents: [{ uri: JSON.parse(params).uri, text: `content from ${server}` }] });
    case 'prompts/get':
      return JSON.stringify({ messages: [{ role: 'user', content: { type: 'text', text: params } }] });
    case 'completion/complete':
      return JSON.stringify({ completion: { values: ['one', 'two'], total: 2, hasMore: false } });
    default:
      return '{}';
  }
}

function doorCatalogue(world: World): World {
  const servers = [files(), web()].map(server => [server.id, server] as const);
  return {
    ...world,
    engine: { ...world.engine, couldPermit: (_agent, tool) => tool.name !== 'hidden' },
    catalogue: { servers: new Map(servers) },
  };
}

function files(): CatalogueServer {
  const path = '"path":{"type":"string"}';
  return server('files', '{"tools":{},"resources":{"subscribe":true},"prompts":{},"completions":{},"logging":{}}', {
    prompts: [jsonObject('{"name":"summarise","description":"Summarise a file","arguments":[{"name":"path"}]}')],
    resourceTemplates: [jsonObject('{"uriTemplate":"file:///{path}","name":"file"}')],
    instructions: 'Paths are relative.',
    tools: [
      tool('files', 'read_file', path),
      tool('files', 'forbidden', path),
      tool('files', 'hidden', path),
      tool('files', 'pay', '"amount":{"type":"number"},"note":{"type":"string"}'),
      tool('files', '_odd__name', path),
      tool(
        'files',
        'regional',
        '"region":{"type":"string","x-mcp-header":"Region"},"size":{"type":"integer","x-mcp-header":"Size"}',
      ),
      tool('files', 'open', '"anything":{"type":"object","additionalProperties":true}'),
    ],
  });
}

function web(): CatalogueServer {
  return server('web', '{"tools":{},"resources":{}}', { tools: [tool('web', 'fetch', '"url":{"type":"string"}')] });
}

function tool(id: string, name: string, properties: string): Tool {
  const schema = `{"type":"object","properties":{${properties}}}`;
  return fakeTool({
    server: id,
    segment: id,
    name,
    definition: jsonObject(`{"name":"${name}","inputSchema":${schema}}`),
  });
}

function server(
  id: string,
  capabilities: string,
  parts: Partial<Omit<CatalogueServer, 'tools'>> & { readonly tools: readonly Tool[] },
): CatalogueServer {
  const declared = jsonObject(capabilities);
  const methods = protocolTools(declared).map(({ method, definition }) =>
    fakeTool({ server: id, segment: id, name: `mcp:${method}`, definition }),
  );
  return {
    id,
    segment: id,
    prompts: [],
    resourceTemplates: [],
    instructions: undefined,
    capabilities: declared,
    ...parts,
    tools: new Map([...parts.tools, ...methods].map(one => [one.name, one])),
  };
}

/** Puts a world in force in which every server runs protocol tasks. */
export function withTasks(world: DoorWorld): void {
  const capabilities = jsonObject('{"extensions":{"io.modelcontextprotocol/tasks":{}}}');
  const servers = [...world.current.catalogue.servers.values()].map(one => {
    const added = server(one.id, normalText(capabilities), { tools: [] });
    return [one.id, { ...one, tools: new Map([...one.tools, ...added.tools]) }] as const;
  });
  world.current = { ...world.current, catalogue: { servers: new Map(servers) } };
}
