import { emptyObject, normalText, parseJson, resultJsonLimits } from '@sallyport/core/model/json.ts';
import { noticeText } from '@sallyport/gateway/transports/mcp/notices.ts';
import { readMessage } from '@sallyport/gateway/transports/mcp/wire/message.ts';
import { notificationFault, requestRows } from '@sallyport/gateway/transports/mcp/wire/methods.ts';
import { checkParams } from '@sallyport/gateway/transports/mcp/wire/shape.ts';
import { readMessage as readFromServer } from '@sallyport/gateway/upstreams/mcp/message.ts';
import { jsonObject } from '../fakes/ports.ts';
import { errorDown, listed, sentDown, sentUp, taken } from './relay.ts';

type Json = Record<string, unknown>;

/** What went in and what came out; the two are to be the same. */
export interface Passage {
  readonly before: unknown;
  readonly after: unknown;
}

/** One way through the gateway, for the types of the schema that take it. */
export interface Way {
  readonly title: string;
  readonly types: RegExp;
  readonly pass: (value: Json, type: string) => Promise<Passage> | Passage;
}

const same = (before: unknown, after: unknown): Passage => ({ before, after });

function without(value: unknown, ...names: string[]): Json {
  return Object.fromEntries(Object.entries(value as Json).filter(([name]) => !names.includes(name)));
}

const methods: Readonly<Record<string, string>> = {
  CallTool: 'tools/call',
  GetPrompt: 'prompts/get',
  ReadResource: 'resources/read',
  Complete: 'completion/complete',
  ListResources: 'resources/list',
  Elicit: 'elicitation/create',
  CreateMessage: 'sampling/createMessage',
  ListRoots: 'roots/list',
};

const stems = Object.keys(methods).join('|');

function methodOf(type: string): string {
  return methods[new RegExp(`^(${stems})`).exec(type)?.[1] ?? ''] ?? '';
}

const anyParams: Readonly<Record<string, Json>> = {
  'tools/call': { name: 't' },
  'prompts/get': { name: 'p' },
  'resources/read': { uri: 'file:///a' },
  'completion/complete': { ref: { type: 'ref/prompt', name: 'p' }, argument: { name: 'a', value: '' } },
  'resources/list': {},
};

/** What the gateway says itself: how long something may be kept, and where a list goes on (docs/reference/mcp-doors.md). */
const ours = ['ttlMs', 'cacheScope', 'nextCursor'];

async function down(method: string, value: Json): Promise<Passage> {
  const after = await sentDown(method, anyParams[method] ?? {}, value);
  return same(without(value, ...ours), without(after, ...ours));
}

/** Whoever asks a person is named in front of what it asks, and is all that the gateway adds. */
function inItsOwnWords(result: unknown): Json {
  const named = JSON.stringify('Asked by the server "files", not by Sallyport:\n').slice(1, -1);
  return JSON.parse(JSON.stringify(result).replaceAll(named, '')) as Json;
}

async function asQuestion(method: string, params: Json): Promise<Passage> {
  const value = { resultType: 'input_required', inputRequests: { q: { method, params } } };
  return same(value, without(inItsOwnWords(await sentDown('tools/call', { name: 't' }, value)), 'requestState'));
}

async function asAnswer(answers: Json): Promise<Passage> {
  const sent = (await sentUp('tools/call', { name: 't', arguments: {}, inputResponses: answers })) as Json;
  return same(answers, sent.inputResponses);
}

const model = { model: 'm', stopReason: 'endTurn' };
const field = (schema: Json): Json => ({
  message: 'm',
  requestedSchema: { type: 'object', properties: { f: schema } },
});

export const ways: readonly Way[] = [
  {
    title: 'requests that a server is sent',
    types: /^(?:CallTool|GetPrompt|ReadResource|Complete|ListResources)Request(?:Params)?$/,
    pass: async (value, type) => {
      const params = (type.endsWith('Params') ? value : (value.params ?? {})) as Json;
      return same(without(params, '_meta'), await sentUp(methodOf(type), params));
    },
  },
  {
    title: 'requests that the gateway answers',
    types:
      /^(?:Discover|SubscriptionsListen|ListTools|ListPrompts|ListResourceTemplates)Request$|^PaginatedRequestParams$/,
    pass: (value, type) => {
      const message = type.endsWith('Params') ? { jsonrpc: '2.0', id: 1, method: 'tools/list', params: value } : value;
      const read = readMessage(Buffer.from(JSON.stringify(message)));
      if (!read.ok || read.value.kind !== 'request') return same('a request', read);
      const row = requestRows.get(read.value.method);
      const fault =
        row === undefined || row.way === 'refuse' ? 'no such method' : checkParams(read.value.params, row.params);
      return same(undefined, fault);
    },
  },
  {
    title: 'results of a server',
    types: /^(?:CallTool|GetPrompt|ReadResource|Complete|ListResources)Result(?:Response)?$/,
    pass: (value, type) => down(methodOf(type), (type.endsWith('Response') ? value.result : value) as Json),
  },
  {
    title: 'content in results',
    types: /^(?:Text|Image|Audio)Content$|^EmbeddedResource$|^ResourceLink$/,
    pass: value => down('tools/call', { resultType: 'complete', content: [value] }),
  },
  {
    title: 'contents of resources',
    types: /^(?:Text|Blob)ResourceContents$/,
    pass: value => down('resources/read', { resultType: 'complete', contents: [value] }),
  },
  {
    title: 'resources in lists',
    types: /^Resource$/,
    pass: value => down('resources/list', { resultType: 'complete', resources: [value] }),
  },
  {
    title: 'definitions of tools, prompts and templates',
    types: /^List(?:Tools|Prompts|ResourceTemplates)Result(?:Response)?$|^Tool$/,
    pass: async (value, type) => {
      const whole = (type === 'Tool' ? { tools: [value] } : type.endsWith('Response') ? value.result : value) as Json;
      const name = ['tools', 'prompts', 'resourceTemplates'].find(one => one in whole) ?? '';
      const method = name === 'resourceTemplates' ? 'resources/templates/list' : `${name}/list`;
      return same(whole[name], (await listed(method, { [name]: whole[name] as Json[] }))[name]);
    },
  },
  {
    title: 'a server that asks back',
    types: /^InputRequiredResult$|^InputRequests$/,
    pass: async (value, type) => {
      const whole = type === 'InputRequests' ? { resultType: 'input_required', inputRequests: value } : value;
      const after = await sentDown('tools/call', { name: 't' }, whole);
      return same(without(whole, 'requestState'), without(inItsOwnWords(after), 'requestState'));
    },
  },
  {
    title: 'what a server asks a client',
    types: /^(?:Elicit|CreateMessage|ListRoots)Request(?:(?:Form|URL)?Params)?$/,
    pass: (value, type) => asQuestion(methodOf(type), (type.endsWith('Params') ? value : (value.params ?? {})) as Json),
  },
  {
    title: 'parts of what a server asks a client',
    types: /^ModelPreferences$|^SamplingMessage$/,
    pass: (value, type) => {
      const part = type === 'SamplingMessage' ? { messages: [value] } : { messages: [], modelPreferences: value };
      return asQuestion('sampling/createMessage', { ...part, maxTokens: 1 });
    },
  },
  { title: 'fields of forms', types: /Schema$/, pass: value => asQuestion('elicitation/create', field(value)) },
  {
    title: 'what a client answers',
    types: /^(?:Elicit|CreateMessage|ListRoots)Result$/,
    pass: value => asAnswer({ q: value }),
  },
  { title: 'answers by their keys', types: /^InputResponses$/, pass: value => asAnswer(value) },
  { title: 'roots', types: /^Root$/, pass: value => asAnswer({ q: { roots: [value] } }) },
  {
    title: 'content of models',
    types: /^Tool(?:Use|Result)Content$/,
    pass: value => asAnswer({ q: { role: 'assistant', content: value, ...model } }),
  },
  {
    title: 'notices of a call',
    types: /^(?:Progress|LoggingMessage)Notification(?:Params)?$/,
    pass: (value, type) => {
      const params = (type.endsWith('Params') ? value : value.params) as Json;
      const method = type.startsWith('Progress') ? 'notifications/progress' : 'notifications/message';
      const progressToken = JSON.stringify(params.progressToken ?? 1);
      const request = {
        id: '1',
        method: 'tools/call',
        params: emptyObject,
        bytes: 1,
        progressToken,
        logLevel: 'debug',
      };
      const text = noticeText({ method, params: jsonObject(JSON.stringify(params)) }, request, 'modern') ?? '{}';
      return same(params, (JSON.parse(text) as Json).params);
    },
  },
  {
    title: 'notifications that the gateway takes from a server',
    types: /^(?:(?:Tool|Prompt|Resource)ListChanged|ResourceUpdated|SubscriptionsAcknowledged)Notification(?:Params)?$/,
    pass: (value, type) => {
      const message = type.endsWith('Params') ? { jsonrpc: '2.0', method: 'notifications/x', params: value } : value;
      const heard = readFromServer(Buffer.from(JSON.stringify(message)));
      return same(message.params ?? {}, heard.kind === 'notification' ? JSON.parse(normalText(heard.params)) : heard);
    },
  },
  {
    title: 'notifications of a client',
    types: /^CancelledNotification(?:Params)?$/,
    pass: (value, type) => {
      const params = jsonObject(JSON.stringify(type.endsWith('Params') ? value : value.params));
      return same(undefined, notificationFault('notifications/cancelled', params));
    },
  },
  {
    title: 'errors of a server',
    types: /Error$/,
    pass: async value => {
      const error = (value.error ?? value) as { code: number; message: string; data?: Json };
      const after = await errorDown(error);
      return same(without(error, 'code'), without(after, 'code'));
    },
  },
  {
    title: 'capabilities of a client',
    types: /^ClientCapabilities$/,
    pass: async value => same(true, await taken(value)),
  },
  {
    title: 'what a server says of itself',
    types: /^ServerCapabilities$|^DiscoverResult(?:Response)?$|^SubscriptionsListenResult(?:Response)?$/,
    pass: value => {
      const parsed = parseJson(JSON.stringify(value), resultJsonLimits);
      return same(value, parsed.ok ? JSON.parse(normalText(parsed.node)) : parsed.fault);
    },
  },
];
