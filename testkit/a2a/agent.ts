import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import {
  AgentCard,
  type AgentCardSignatureGenerator,
  formatSSEEvent,
  Message,
  Task,
  TaskState,
  TaskStatusUpdateEvent,
} from '@a2a-js/sdk';
import {
  AgentEvent,
  type AgentExecutor,
  DefaultRequestHandler,
  type ExecutionEventBus,
  InMemoryPushNotificationStore,
  InMemoryTaskStore,
  JsonRpcTransportHandler,
  type RequestContext,
  ServerCallContext,
} from '@a2a-js/sdk/server';
import { restHandler, UserBuilder } from '@a2a-js/sdk/server/express';

/** What the agent was sent, as it stood on the wire. */
export interface Heard {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface TestAgent {
  readonly url: string;
  readonly heard: Heard[];
  /** Changed, it is another card from the next reading on. */
  card: object;
  /** Changed, it does over JSON-RPC what it is asked, and hangs up instead of answering. */
  isMute: boolean;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export interface TestAgentOptions {
  readonly sign?: AgentCardSignatureGenerator;
  /** How it is spoken to; JSON-RPC where nothing is said. */
  readonly binding?: 'JSONRPC' | 'HTTP+JSON';
  /** Called while it works on a message, before it answers. */
  readonly working?: (heard: Heard) => Promise<void>;
}

const rpcPath = '/rpc';
const restPath = '/rest';

type Listener = (req: IncomingMessage, res: ServerResponse) => void;
/** It brings no types; the SDK's handler is a router of it. */
const express = createRequire(import.meta.url)('express') as () => { use: (path: string, router: unknown) => Listener };

/**
 * An agent made with the official JavaScript SDK. To a message that says `answer …` it answers with a message; `work` is a task
 * that is done at once, `wait` one that goes on until it is cancelled, `later` one that goes on and is done on the next message.
 */
export async function openTestAgent({ sign, working, binding = 'JSONRPC' }: TestAgentOptions = {}): Promise<TestAgent> {
  const heard: Heard[] = [];
  const server = createServer((req, res) => void serve(req, res).catch(() => res.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const card = cardAt(`${url}${binding === 'JSONRPC' ? rpcPath : restPath}`, binding);
  const handler = new DefaultRequestHandler(
    card,
    new InMemoryTaskStore(),
    executor(async () => working?.(heard.at(-1) as Heard)),
    undefined,
    new InMemoryPushNotificationStore(),
    undefined,
    async () => ({ ...card, description: 'An agent that says more to who it knows.' }),
    sign,
  );
  const rpc = new JsonRpcTransportHandler(handler);
  const rest = express().use(
    restPath,
    restHandler({ requestHandler: handler, userBuilder: UserBuilder.noAuthentication }),
  );
  const agent = {
    url,
    heard,
    isMute: false,
    card: AgentCard.toJSON(sign === undefined ? card : await sign(card)) as object,
  };

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (binding === 'HTTP+JSON' && req.url?.startsWith(restPath) === true) {
      heard.push({ path: `${req.method} ${req.url}`, headers: req.headers, body: '' });
      return rest(req, res);
    }
    const body = await bodyOf(req);
    heard.push({ path: req.url ?? '', headers: req.headers, body });
    if (req.url === '/.well-known/agent-card.json') return json(res, agent.card);
    if (req.url !== rpcPath) return void res.writeHead(404).end();
    const version = req.headers['a2a-version'];
    const context = new ServerCallContext(typeof version === 'string' ? { requestedVersion: version } : {});
    const answer = await rpc.handle(JSON.parse(body) as Record<string, unknown>, context);
    if (agent.isMute) return void req.socket.destroy();
    if (!(Symbol.asyncIterator in answer)) return json(res, answer);
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    for await (const event of answer) res.write(formatSSEEvent(event));
    res.end();
  }

  return {
    ...agent,
    get card() {
      return agent.card;
    },
    set card(other: object) {
      agent.card = other;
    },
    get isMute() {
      return agent.isMute;
    },
    set isMute(isMute: boolean) {
      agent.isMute = isMute;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function cardAt(endpoint: string, protocolBinding: string): AgentCard {
  return AgentCard.fromJSON({
    name: 'Booking',
    description: 'Books rooms.',
    version: '1.0.0',
    supportedInterfaces: [{ url: endpoint, protocolBinding, protocolVersion: '1.0' }],
    capabilities: { streaming: true, pushNotifications: true, extendedAgentCard: true },
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
    skills: [{ id: 'book', name: 'Book', description: 'Books a room.', tags: ['rooms'] }],
  });
}

function executor(working: () => Promise<void>): AgentExecutor {
  return {
    execute: async (context, bus) => {
      await working();
      const [part] = context.userMessage.parts;
      const words = part?.content?.$case === 'text' ? part.content.value : '';
      if (words.startsWith('answer')) bus.publish(AgentEvent.message(message(context, `you said: ${words}`)));
      else work(words, context, bus);
      if (words !== 'wait') bus.finished();
    },
    cancelTask: async (taskId, bus) => {
      bus.publish(AgentEvent.statusUpdate(update(taskId, '', TaskState.TASK_STATE_CANCELED)));
      bus.finished();
    },
  };
}

function work(words: string, context: RequestContext, bus: ExecutionEventBus): void {
  const { taskId, contextId, task } = context;
  const status = { state: 'TASK_STATE_WORKING', timestamp: '2026-01-01T00:00:00Z' };
  bus.publish(AgentEvent.task(task ?? Task.fromJSON({ id: taskId, contextId, status, history: [], artifacts: [] })));
  const state = words === 'later' ? TaskState.TASK_STATE_INPUT_REQUIRED : TaskState.TASK_STATE_COMPLETED;
  if (words !== 'wait') bus.publish(AgentEvent.statusUpdate(update(taskId, contextId, state)));
}

function update(taskId: string, contextId: string, state: TaskState): TaskStatusUpdateEvent {
  const said = { taskId, contextId, status: { timestamp: '2026-01-01T00:00:01Z' } };
  const made = TaskStatusUpdateEvent.fromJSON(said);
  if (made.status !== undefined) made.status.state = state;
  return made;
}

function message({ contextId }: RequestContext, text: string): Message {
  return Message.fromJSON({ messageId: `m-${text.length}`, contextId, role: 'ROLE_AGENT', parts: [{ text }] });
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of req.setEncoding('utf8')) body += String(chunk);
  return body;
}

function json(res: ServerResponse, value: unknown): void {
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
