import { type JsonNode, type JsonObject, member } from '@sallyport/core/model/json.ts';
import type { Refusal } from '@sallyport/core/model/refusal.ts';
import { type Listener, subscriptionMeta } from './audience.ts';
import type { McpCore } from './core.ts';
import { requestFault } from './dispatch.ts';
import type { Caller, Incoming } from './incoming.ts';
import { type Routed, routeUri, subscriptionKey } from './names.ts';
import { perform } from './perform.ts';
import type { Answer } from './render.ts';
import { authenticate, requireTask } from './standing.ts';
import { longUri } from './subscribed.ts';
import { refuseRequest, turnAway } from './turn-away.ts';
import { Waiting } from './waiting.ts';
import { invalidParams, type Malformed } from './wire/malformed.ts';
import { requestRows } from './wire/methods.ts';
import { type ListKind, listKinds } from './wire/protocol.ts';

/** A modern subscription that may be opened: what it is for, and the acknowledgement that must come first. */
export interface Subscription {
  readonly lists: ReadonlySet<ListKind>;
  readonly uris: ReadonlySet<string>;
  /** What changes before it is open. */
  readonly waiting: Waiting;
  /** JSON text of `notifications/subscriptions/acknowledged`, naming what is honoured. */
  readonly acknowledgement: string;
  /** JSON text of the result that ends it from our side. */
  readonly farewell: string;
}

export type Opening =
  | { readonly ok: true; readonly value: Subscription }
  | { readonly ok: false; readonly answer: Answer };

/**
 * `subscriptions/listen` up to the acknowledgement. List changes are ours to tell; each resource is a call on the line
 * (`resources/subscribe`), and those that are refused are left out of the acknowledgement.
 */
export async function openSubscription(incoming: Incoming, core: McpCore): Promise<Opening> {
  const { request, caller } = incoming;
  const wanted = wantedUris(request.params, caller);
  const fault = requestFault(requestRows.get(request.method), request, caller) ?? uriFault(wanted, core);
  if (fault !== undefined) return { ok: false, answer: turnAway(fault, caller, core) };
  const task = await requireTask(caller, core);
  if (!task.ok) return { ok: false, answer: refuseRequest(task.refusal, request, caller, core) };
  if (core.audience.countOf(caller.agent.id) >= core.limits.streamsPerAgentMax)
    return { ok: false, answer: refuseRequest(tooMany(core), request, caller, core) };
  const lists = new Set(listKinds.filter(kind => isTrue(filterMember(request.params, `${kind}ListChanged`))));
  const uris = new Set<string>();
  const honoured: string[] = [];
  const waiting = new Waiting(caller.agent.id, uris, true);
  core.audience.wait(waiting);
  for (const { routed, uri } of wanted) {
    if (routed === undefined || !(await isSubscribed(routed, incoming, core))) continue;
    uris.add(subscriptionKey(routed.server, routed.name));
    honoured.push(uri);
  }
  return { ok: true, value: { lists, uris, waiting, ...texts(request.id, lists, honoured) } };
}

/** The part of a listener that asks whether its agent may still listen. */
export function standingCheck(caller: Caller, core: McpCore, close: () => void): Listener['check'] {
  return async () => {
    const agent = await authenticate(caller.proof, core);
    const task = agent.ok && agent.value.id === caller.agent.id ? await requireTask(caller, core) : undefined;
    if (task?.ok === true) return task.value;
    close();
    return undefined;
  };
}

interface Wanted {
  readonly uri: string;
  readonly routed: Routed | undefined;
}

function wantedUris(params: JsonObject, { scope }: Caller): Wanted[] {
  const node = filterMember(params, 'resourceSubscriptions');
  const texts = node?.kind === 'array' ? node.items.flatMap(item => (item.kind === 'string' ? [item.value] : [])) : [];
  return [...new Set(texts)].map(uri => ({ uri, routed: routeUri(scope, uri) }));
}

function uriFault(wanted: readonly Wanted[], { limits }: McpCore): Malformed | undefined {
  const field = 'params.notifications.resourceSubscriptions';
  if (wanted.length > limits.subscriptionsMax)
    return invalidParams(field, `holds more than ${limits.subscriptionsMax} URIs`);
  if (wanted.every(({ routed }) => routed !== undefined))
    return wanted.map(({ uri }) => longUri(uri, field)).find(fault => fault !== undefined);
  return invalidParams(field, 'holds a URI that does not say which server it is for; take URIs from the lists');
}

async function isSubscribed({ server, name }: Routed, incoming: Incoming, core: McpCore): Promise<boolean> {
  const method = 'resources/subscribe';
  const input: JsonObject = { kind: 'object', members: new Map([['uri', { kind: 'string', value: name }]]) };
  const reply = await perform(method, { server, name: `mcp:${method}`, input }, incoming, core);
  return reply.kind === 'result';
}

function filterMember(params: JsonObject, name: string): JsonNode | undefined {
  return member(params.members.get('notifications'), name);
}

function isTrue(node: JsonNode | undefined): boolean {
  return node?.kind === 'boolean' && node.value;
}

function texts(
  id: string,
  lists: ReadonlySet<ListKind>,
  uris: readonly string[],
): Pick<Subscription, 'acknowledgement' | 'farewell'> {
  const honoured = JSON.stringify({
    ...Object.fromEntries([...lists].map(kind => [`${kind}ListChanged`, true])),
    ...(uris.length === 0 ? {} : { resourceSubscriptions: uris }),
  });
  const meta = subscriptionMeta(id);
  const params = `{${meta},"notifications":${honoured}}`;
  return {
    acknowledgement: `{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":${params}}`,
    farewell: `{"jsonrpc":"2.0","id":${id},"result":{"resultType":"complete",${meta}}}`,
  };
}

function tooMany({ limits }: McpCore): Refusal {
  const why = `this agent has ${limits.streamsPerAgentMax} open streams already`;
  return { code: 'overloaded', what: 'subscriptions/listen', why, fix: 'close one first' };
}
