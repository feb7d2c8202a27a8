import { tasksExtension } from '@sallyport/core/catalogue/protocol-tools.ts';
import type { UpstreamReply } from '@sallyport/core/mediate/ports.ts';
import { type AskOptions, askModern, type Wire } from '../door/ask.ts';
import { type OpenDoor, openDoor } from '../door/open-door.ts';
import { fakeTool, jsonObject } from '../fakes/ports.ts';

/** Values of the protocol on their way through both MCP doors of 2026-07-28, on the path of one server. */

type Json = Record<string, unknown>;

const all: AskOptions = {
  path: '/mcp/files',
  capabilities: {
    elicitation: { form: {}, url: {} },
    sampling: { tools: {}, context: {} },
    roots: {},
    extensions: { [tasksExtension]: {} },
  },
};

/** A door to a server that answers everything with `reply`, and whose definitions are these. */
async function behind(reply: UpstreamReply, definitions: Definitions = {}): Promise<OpenDoor> {
  const door = await openDoor({ upstream: () => Promise.resolve(reply) });
  const { current } = door.world;
  const files = current.catalogue.servers.get('files');
  if (files === undefined) throw new Error('the server of the fakes is missing');
  const tools = (definitions.tools ?? []).map(definition => {
    const name = String(definition.name);
    return [name, fakeTool({ name, definition: jsonObject(JSON.stringify(definition)) })] as const;
  });
  const nodes = (items: readonly Json[] = []) => items.map(item => jsonObject(JSON.stringify(item)));
  const server = {
    ...files,
    tools: new Map([...[...files.tools].filter(([name]) => name.startsWith('mcp:')), ...tools]),
    prompts: nodes(definitions.prompts),
    resourceTemplates: nodes(definitions.resourceTemplates),
  };
  const servers = new Map([...current.catalogue.servers, ['files', server]]);
  door.world.current = { ...current, catalogue: { servers } };
  return door;
}

interface Definitions {
  readonly tools?: readonly Json[];
  readonly prompts?: readonly Json[];
  readonly resourceTemplates?: readonly Json[];
}

function result(value: Json): UpstreamReply {
  return { kind: 'result', result: jsonObject(JSON.stringify(value)), bytes: 1 };
}

const anyTool = (name: string): Json => ({ name, inputSchema: { type: 'object', additionalProperties: true } });

/** What a server is sent of these params, or whatever stood in the way. */
export async function sentUp(method: string, params: Json): Promise<unknown> {
  await using door = await behind(result({ resultType: 'complete' }), { tools: [anyTool(String(params.name))] });
  const { body } = await askModern(door, method, params, all);
  const [, sent] = /^files \S+ (.*)$/s.exec(door.world.reached.at(-1) ?? '') ?? [];
  return sent === undefined ? body : JSON.parse(sent);
}

/** What a client gets of this result of its server. */
export async function sentDown(method: string, params: Json, value: Json): Promise<unknown> {
  await using door = await behind(result(value), { tools: [anyTool('t')] });
  const { body } = await askModern(door, method, params, all);
  return body.result ?? body;
}

export async function errorDown(error: { code: number; message: string; data?: Json }): Promise<Wire['error']> {
  const data = error.data && jsonObject(JSON.stringify(error.data));
  await using door = await behind({ kind: 'error', error: { ...error, data }, bytes: 1 }, { tools: [anyTool('t')] });
  return (await askModern(door, 'tools/call', { name: 't' }, all)).body.error;
}

/** The definitions that a client is shown, when a server has exactly these. */
export async function listed(method: string, definitions: Definitions): Promise<Json> {
  await using door = await behind(result({}), definitions);
  return (await askModern(door, method, {}, all)).body.result ?? {};
}

/** Whether a request with such capabilities is taken. */
export async function taken(capabilities: Json): Promise<boolean> {
  await using door = await behind(result({ resultType: 'complete', content: [] }), { tools: [anyTool('t')] });
  return (await askModern(door, 'tools/call', { name: 't' }, { ...all, capabilities })).status === 200;
}
