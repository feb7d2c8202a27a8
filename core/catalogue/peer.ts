import type { A2aOperation } from '../model/a2a.ts';
import type { Sha256 } from '../model/action.ts';
import { emptyObject, type JsonObject, parseJson, resultJsonLimits } from '../model/json.ts';
import type { ActionClass, CatalogueServer, Tool } from '../model/tool.ts';
import { placedTool, type ServerTerms } from './build.ts';
import { pinOf } from './pin.ts';

/**
 * Another agent behind the gateway, as the catalogue holds it: each operation of A2A 1.0 is a tool `a2a:<operation>`, so that
 * the one line decides a message as it decides any other action. The definitions are ours and the same for every agent: what
 * an agent says about itself stands in its card, which is read like anything else it says.
 */
export function peerServer(terms: ServerTerms, sha256: Sha256): CatalogueServer {
  const tools = operations.map(([operation, description, classes, schema]): Tool => {
    const name = `a2a:${operation}`;
    const definition = definitionOf(name, `${description} The agent is ${terms.id}.`, schema);
    return {
      ...placedTool(terms, name),
      definition,
      pin: pinOf(definition, sha256),
      status: { kind: 'pinned' },
      classes: terms.tools?.[name]?.classes ?? classes,
    };
  });
  return {
    ...{ id: terms.id, segment: terms.segment, tools: new Map(tools.map(tool => [tool.name, tool])) },
    ...{ prompts: [], resourceTemplates: [], instructions: undefined, capabilities: emptyObject },
  };
}

const text = '{"type":"string"}';
const whole = '{"type":"integer"}';
const texts = `{"type":"array","items":${text}}`;
const free = '{"type":"object","additionalProperties":true}';
const part = object(
  `"text":${text},"raw":${text},"url":${text},"data":{},"metadata":${free},"filename":${text},"mediaType":${text}`,
);
const message = object(
  `"messageId":${text},"contextId":${text},"taskId":${text},"role":${text},"parts":{"type":"array","items":${part}},"metadata":${free},"extensions":${texts},"referenceTaskIds":${texts}`,
  'messageId',
  'role',
  'parts',
);
const authentication = object(`"scheme":${text},"credentials":${text}`);
const push = `"tenant":${text},"id":${text},"taskId":${text},"url":${text},"token":${text},"authentication":${authentication}`;
const configuration = object(
  `"acceptedOutputModes":${texts},"taskPushNotificationConfig":${object(push)},"historyLength":${whole},"returnImmediately":{"type":"boolean"}`,
);
const sending = object(
  `"tenant":${text},"message":${message},"configuration":${configuration},"metadata":${free}`,
  'message',
);
const oneTask = `"tenant":${text},"id":${text}`;
const oneConfig = object(`"tenant":${text},"taskId":${text},"id":${text}`, 'taskId', 'id');

/** Sending is egress: what is said leaves for somebody else's machine. */
const operations: readonly (readonly [A2aOperation, string, readonly ActionClass[], string])[] = [
  [
    'SendMessage',
    'Sends a message to another agent and waits for its answer.',
    ['write', 'egress', 'message'],
    sending,
  ],
  [
    'SendStreamingMessage',
    'Sends a message to another agent and hears its answer as it comes.',
    ['write', 'egress', 'message'],
    sending,
  ],
  [
    'GetTask',
    'Asks how a task of another agent is doing.',
    ['read'],
    object(`${oneTask},"historyLength":${whole}`, 'id'),
  ],
  [
    'ListTasks',
    "Lists one's own tasks at another agent.",
    ['read'],
    object(
      `"tenant":${text},"contextId":${text},"status":${text},"pageSize":${whole},"pageToken":${text},"historyLength":${whole},"statusTimestampAfter":${text},"includeArtifacts":{"type":"boolean"}`,
    ),
  ],
  ['CancelTask', 'Cancels a task of another agent.', ['write'], object(`${oneTask},"metadata":${free}`, 'id')],
  ['SubscribeToTask', 'Hears of a task of another agent as it goes on.', ['read'], object(oneTask, 'id')],
  [
    'CreateTaskPushNotificationConfig',
    'Has another agent report a task to an address.',
    ['write', 'egress'],
    object(push, 'taskId', 'url'),
  ],
  ['GetTaskPushNotificationConfig', 'Reads where another agent reports a task to.', ['read'], oneConfig],
  [
    'ListTaskPushNotificationConfigs',
    'Lists where another agent reports a task to.',
    ['read'],
    object(`"tenant":${text},"taskId":${text},"pageSize":${whole},"pageToken":${text}`, 'taskId'),
  ],
  ['DeleteTaskPushNotificationConfig', 'Ends reports of another agent about a task.', ['write'], oneConfig],
  ['GetExtendedAgentCard', 'Reads what another agent says it can do for us.', ['read'], object(`"tenant":${text}`)],
  ['GetAgentCard', 'Reads what another agent says it can do.', ['read'], object('')],
];

function object(properties: string, ...required: string[]): string {
  return `{"type":"object","properties":{${properties}},"required":${JSON.stringify(required)},"additionalProperties":false}`;
}

function definitionOf(name: string, description: string, schema: string): JsonObject {
  const written = `{"name":${JSON.stringify(name)},"description":${JSON.stringify(description)},"inputSchema":${schema}}`;
  const parsed = parseJson(written, resultJsonLimits);
  if (!parsed.ok || parsed.node.kind !== 'object') throw new TypeError(`the definition of ${name} is not an object`);
  return parsed.node;
}
