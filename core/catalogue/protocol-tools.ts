import type { ActingMethod } from '../model/call.ts';
import { type JsonObject, member, parseJson, resultJsonLimits } from '../model/json.ts';

/**
 * The protocol's own acting methods as tools, so that the one line decides them like any other action. Which of them a
 * server has follows from its capabilities (MCP, Lifecycle, "Capability Negotiation"). All of them only read or listen.
 */
export interface ProtocolTool {
  readonly method: Exclude<ActingMethod, 'tools/call'>;
  readonly definition: JsonObject;
}

const text = '{"type":"string"}';
const uri = `{"type":"object","properties":{"uri":${text}},"required":["uri"],"additionalProperties":false}`;
const words = `{"type":"object","additionalProperties":${text}}`;
const reference = `{"type":"object","properties":{"type":${text},"name":${text},"title":${text},"uri":${text}},"required":["type"],"additionalProperties":false}`;
const argument = `{"type":"object","properties":{"name":${text},"value":${text}},"required":["name","value"],"additionalProperties":false}`;
const sofar = `{"type":"object","properties":{"arguments":${words}},"additionalProperties":false}`;

const all: readonly (readonly [ProtocolTool['method'], (capabilities: JsonObject) => boolean, string, string])[] = [
  ['resources/list', has('resources'), 'Lists the resources of this server.', closed(`"cursor":${text}`)],
  ['resources/read', has('resources'), 'Reads one resource of this server.', uri],
  ['resources/subscribe', subscribes, 'Asks to be told when a resource changes.', uri],
  ['resources/unsubscribe', subscribes, 'Stops being told when a resource changes.', uri],
  [
    'prompts/get',
    has('prompts'),
    'Gets one prompt of this server.',
    closed(`"name":${text},"arguments":${words}`, 'name'),
  ],
  [
    'completion/complete',
    has('completions'),
    'Asks for completions of an argument.',
    closed(`"ref":${reference},"argument":${argument},"context":${sofar}`, 'ref', 'argument'),
  ],
  ['logging/setLevel', has('logging'), 'Sets how much this server logs.', closed(`"level":${text}`, 'level')],
];

/** The protocol tools of a server that declared `capabilities`, named `mcp:<method>`. */
export function protocolTools(capabilities: JsonObject): ProtocolTool[] {
  return all
    .filter(([, offered]) => offered(capabilities))
    .map(([method, , description, schema]) => ({ method, definition: definitionOf(method, description, schema) }));
}

function closed(properties: string, ...required: string[]): string {
  return `{"type":"object","properties":{${properties}},"required":${JSON.stringify(required)},"additionalProperties":false}`;
}

function has(name: string): (capabilities: JsonObject) => boolean {
  return capabilities => member(capabilities, name)?.kind === 'object';
}

function subscribes(capabilities: JsonObject): boolean {
  const subscribe = member(member(capabilities, 'resources'), 'subscribe');
  return subscribe?.kind === 'boolean' && subscribe.value;
}

function definitionOf(method: string, description: string, schema: string): JsonObject {
  const whole = `{"name":"mcp:${method}","description":${JSON.stringify(description)},"inputSchema":${schema}}`;
  const parsed = parseJson(whole, resultJsonLimits);
  if (!parsed.ok || parsed.node.kind !== 'object') throw new TypeError(`the definition of ${method} is not an object`);
  return parsed.node;
}
