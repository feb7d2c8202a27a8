import { asks } from './asks.ts';
import { changingPrompt, changingTool, image, prompts, resources, resourceTemplates, tools } from './catalogue.ts';
import { Jobs } from './jobs.ts';
import { plainTools } from './plain-tools.ts';
import { answered, elicit, inputRequired, rounds } from './rounds.ts';
import { object, RpcError, tasksExtension, type Visit } from './visit.ts';

/** Every method of both eras that answers with a result; transports and handshakes are not in here. */
export class Requests {
  readonly #jobs = new Jobs();
  #changes = 0;

  async answer(method: string, visit: Visit): Promise<object> {
    const handler = this.#handlers[method];
    if (handler === undefined || !handler.eras.includes(visit.era))
      throw new RpcError(-32601, 'Method not found', undefined, 404);
    return await handler.answer(visit);
  }

  readonly #handlers: Readonly<Record<string, { eras: readonly Visit['era'][]; answer: Answerer }>> = {
    ping: { eras: ['legacy'], answer: () => ({}) },
    'logging/setLevel': { eras: ['legacy'], answer: () => ({}) },
    'resources/subscribe': { eras: ['legacy'], answer: () => ({}) },
    'resources/unsubscribe': { eras: ['legacy'], answer: () => ({}) },
    'server/discover': { eras: ['modern'], answer: () => fresh(discovered) },
    'tools/list': { eras: both, answer: () => fresh({ tools: this.#changing(tools, changingTool) }) },
    'prompts/list': { eras: both, answer: () => fresh({ prompts: this.#changing(prompts, changingPrompt) }) },
    'resources/list': { eras: both, answer: () => fresh({ resources }) },
    'resources/templates/list': { eras: both, answer: () => fresh({ resourceTemplates }) },
    'resources/read': { eras: both, answer: visit => fresh(read(String(visit.params.uri))) },
    'prompts/get': { eras: both, answer: prompt },
    'completion/complete': { eras: both, answer: complete },
    'tools/call': { eras: both, answer: visit => this.#call(visit) },
    'tasks/get': { eras: ['modern'], answer: visit => this.#jobs.get(visit) },
    'tasks/update': { eras: ['modern'], answer: visit => this.#jobs.update(visit) },
    'tasks/cancel': { eras: ['modern'], answer: visit => this.#jobs.cancel(visit) },
  };

  /** One item comes and goes with every change. */
  #changing<T>(items: readonly T[], item: T): readonly T[] {
    return this.#changes % 2 === 0 ? items : [...items, item];
  }

  async #call(visit: Visit): Promise<object> {
    const name = String(visit.params.name);
    const tool = tools.find(one => one.name === name);
    if (tool === undefined) throw new RpcError(-32602, 'There is no such tool');
    const job = await this.#jobs.call(tool, visit);
    if (name.startsWith('test_trigger_')) this.#changes++;
    const handler = plainTools[name] ?? (visit.era === 'legacy' ? asks[name] : rounds[name]);
    if (job !== undefined) return job;
    if (handler === undefined) throw new RpcError(-32602, 'This tool does not work in this protocol version');
    return await handler(visit);
  }
}

type Answerer = (visit: Visit) => object | Promise<object>;

const both: readonly Visit['era'][] = ['legacy', 'modern'];

const serverCapabilities = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  completions: {},
};

/** The result of `initialize`, but for the version. */
export const greeting = {
  capabilities: { ...serverCapabilities, logging: {} },
  serverInfo: { name: 'full-server', version: '1.0.0' },
  instructions: 'A server for tests: it does everything that the protocol allows.',
};

const discovered = {
  supportedVersions: ['2026-07-28'],
  capabilities: { ...serverCapabilities, extensions: { [tasksExtension]: {} } },
  instructions: greeting.instructions,
  _meta: { 'io.modelcontextprotocol/serverInfo': greeting.serverInfo },
};

function fresh(result: object): object {
  return { ...result, ttlMs: 1_000, cacheScope: 'private' };
}

function read(uri: string): object {
  const one = (content: object): object => ({ contents: [{ uri, ...content }] });
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id !== undefined) {
    const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
    return one({ mimeType: 'application/json', text });
  }
  switch (uri) {
    case 'test://static-text':
      return one({ mimeType: 'text/plain', text: 'This is the content of the static text resource.' });
    case 'test://static-binary':
      return one({ mimeType: 'image/png', blob: image });
    case 'test://watched-resource':
      return one({ mimeType: 'text/plain', text: 'Watched.' });
    default:
      throw new RpcError(-32602, 'Resource not found', { uri });
  }
}

function prompt({ params }: Visit): object {
  const { arg1, arg2, resourceUri } = object(params.arguments);
  const saying = (content: object): object => ({ role: 'user', content });
  const words = (text: string): object => saying({ type: 'text', text });
  switch (params.name) {
    case 'test_simple_prompt':
      return { messages: [words('This is a simple prompt for testing.')] };
    case 'test_prompt_with_arguments':
      return { messages: [words(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)] };
    case 'test_prompt_with_embedded_resource': {
      const resource = { uri: resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' };
      return {
        messages: [saying({ type: 'resource', resource }), words('Please process the embedded resource above.')],
      };
    }
    case 'test_prompt_with_image':
      return {
        messages: [
          saying({ type: 'image', data: image, mimeType: 'image/png' }),
          words('Please analyze the image above.'),
        ],
      };
    case 'test_input_required_result_prompt': {
      const schema = { type: 'object', properties: { context: { type: 'string' } }, required: ['context'] };
      const content = object(answered(params, 'user_context', 'action')?.content);
      if (typeof content.context === 'string') return { messages: [words(`Context: ${content.context}`)] };
      return inputRequired({ user_context: elicit('What context should the prompt use?', schema) });
    }
    default:
      throw new RpcError(-32602, 'There is no such prompt');
  }
}

function complete({ params }: Visit): object {
  const start = String(object(params.argument).value ?? '');
  const values = ['paris', 'park', 'party'].filter(word => word.startsWith(start));
  return { completion: { values, total: values.length, hasMore: false } };
}
