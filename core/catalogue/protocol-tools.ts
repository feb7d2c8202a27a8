import type { ActingMethod } from '../model/call.ts';
import { type JsonObject, member, parseJson, resultJsonLimits } from '../model/json.ts';
import type { ActionClass } from '../model/tool.ts';

/**
 * The protocol's own acting methods as tools, so that the one line decides them like any other action. Which of them a
 * server has follows from its capabilities (MCP, Lifecycle, "Capability Negotiation"). All of them only read, listen or
 * answer.
 */
export interface ProtocolTool {
  readonly method: Exclude<ActingMethod, 'tools/call'>;
  readonly definition: JsonObject;
  readonly classes: readonly ActionClass[];
}

const text = '{"type":"string"}';
const uri = `{"type":"object","properties":{"uri":${text}},"required":["uri"],"additionalProperties":false}`;
const words = `{"type":"object","additionalProperties":${text}}`;
const reference = `{"type":"object","properties":{"type":${text},"name":${text},"title":${text},"uri":${text}},"required":["type"],"additionalProperties":false}`;
const argument = `{"type":"object","properties":{"name":${text},"value":${text}},"required":["name","value"],"additionalProperties":false}`;
const sofar = `{"type":"object","properties":{"arguments":${words}},"additionalProperties":false}`;

const task = `{"type":"object","properties":{"taskId":${text}},"required":["taskId"],"additionalProperties":false}`;
const answers = `{"type":"object","properties":{"taskId":${text},"inputResponses":{"type":"object","additionalProperties":true}},"required":["taskId"],"additionalProperties":false}`;
/** Answers are the client's own objects: what policy can see of them is named, and the rest may be there. */
const elicited = open(`"action":${text},"content":{"type":"object","additionalProperties":true}`);
const sampled = open(`"role":${text},"model":${text},"stopReason":${text}`);
const roots = open('"roots":{"type":"array"}');

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
  ['tasks/get', hasTasks, 'Asks how a task of this server is doing.', task],
  ['tasks/update', hasTasks, 'Answers what a task of this server asked.', answers],
  ['tasks/cancel', hasTasks, 'Cancels a task of this server.', task],
  ['elicitation/create', always, 'Answers what this server asked the person at the client.', elicited],
  ['sampling/createMessage', always, 'Answers what this server asked the model of the client.', sampled],
  ['roots/list', always, 'Tells this server where the client works.', roots],
];

export const tasksExtension = 'io.modelcontextprotocol/tasks';

/** Any server may ask, whatever it declares. */
function always(): boolean {
  return true;
}

function hasTasks(capabilities: JsonObject): boolean {
  return member(member(capabilities, 'extensions'), tasksExtension)?.kind === 'object';
}

/** An answer to a server's question leaves the house: it is egress to the server that asked. */
const changing: ReadonlyMap<ProtocolTool['method'], readonly ActionClass[]> = new Map([
  ['elicitation/create', ['egress']],
  ['sampling/createMessage', ['egress']],
  ['roots/list', ['egress']],
  ['tasks/update', ['write']],
  ['tasks/cancel', ['write']],
]);

/** The protocol tools of a server that declared `capabilities`, named `mcp:<method>`. */
export function protocolTools(capabilities: JsonObject): ProtocolTool[] {
  return all
    .filter(([, offered]) => offered(capabilities))
    .map(([method, , description, schema]) => ({
      method,
      definition: definitionOf(method, description, schema),
      classes: changing.get(method) ?? ['read'],
    }));
}

function closed(properties: string, ...required: string[]): string {
  return `{"type":"object","properties":{${properties}},"required":${JSON.stringify(required)},"additionalProperties":false}`;
}

function open(properties: string): string {
  return `{"type":"object","properties":{${properties}},"additionalProperties":true}`;
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
