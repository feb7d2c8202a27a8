import {
  type Item,
  itemKey,
  type Reading,
  type RefusedItem,
  readInstructions,
  readPrompts,
  readTemplates,
  readTools,
} from '@sallyport/core/catalogue/read.ts';
import type { Sha256 } from '@sallyport/core/model/action.ts';
import { type JsonNode, member, stringMember } from '@sallyport/core/model/json.ts';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';
import type { UpstreamLimits } from '../limits.ts';
import type { Conversation } from './conversation.ts';
import type { Greeting } from './greet.ts';
import type { Wire } from './wire.ts';

/** Everything that one connection offers, read and examined. */
export interface Listing {
  readonly greeting: Greeting;
  readonly items: readonly Item[];
  readonly refused: readonly RefusedItem[];
  /** Pins by item key: what a call on this connection would really reach. */
  readonly pins: ReadonlyMap<string, string>;
}

export interface ListOptions {
  readonly conversation: Conversation;
  readonly wire: Wire;
  readonly limits: UpstreamLimits;
  readonly greeting: Greeting;
  readonly sha256: Sha256;
}

/** Asks for all pages of all lists that the server's capabilities promise. A list that cannot be had whole is none. */
export async function list(options: ListOptions): Promise<Checked<Listing>> {
  const { greeting, sha256 } = options;
  const wanted = [
    { has: 'tools', method: 'tools/list', member: 'tools', read: readTools },
    { has: 'prompts', method: 'prompts/list', member: 'prompts', read: readPrompts },
    { has: 'resources', method: 'resources/templates/list', member: 'resourceTemplates', read: readTemplates },
  ].filter(({ has }) => member(greeting.capabilities, has)?.kind === 'object');
  const readings = await Promise.all(
    wanted.map(async ({ method, member: name, read }): Promise<Checked<Reading>> => {
      const nodes = await pages(options, method, name);
      return nodes.ok ? passed(read(nodes.value, sha256)) : nodes;
    }),
  );
  const failed = readings.find(reading => !reading.ok);
  if (failed !== undefined && !failed.ok) return failed;
  const read = readings.flatMap(reading => (reading.ok ? [reading.value] : []));
  const instructions = greeting.instructions === undefined ? [] : [readInstructions(greeting.instructions, sha256)];
  const items = [...read.flatMap(({ items }) => items), ...instructions];
  const pins = new Map(items.map(({ kind, name, pin }) => [itemKey(kind, name), pin]));
  return passed({ greeting, items, refused: read.flatMap(({ refused: dropped }) => dropped), pins });
}

async function pages(options: ListOptions, method: string, name: string): Promise<Checked<JsonNode[]>> {
  const { listPagesMax, listItemsMax } = options.limits;
  const nodes: JsonNode[] = [];
  let params = '{}';
  for (let page = 0; page < listPagesMax; page++) {
    const reply = await ask(options, method, params);
    if (!reply.ok) return reply;
    const list = member(reply.value, name);
    if (list?.kind !== 'array') return unusable(method, `it has no ${name}`);
    nodes.push(...list.items);
    if (nodes.length > listItemsMax) return unusable(method, `it has more than ${listItemsMax} items`);
    const cursor = stringMember(reply.value, 'nextCursor');
    if (cursor === undefined) return passed(nodes);
    params = `{"cursor":${JSON.stringify(cursor)}}`;
  }
  return unusable(method, `it has more than ${listPagesMax} pages`);
}

async function ask(
  { conversation, wire, limits }: ListOptions,
  method: string,
  params: string,
): Promise<Checked<JsonNode>> {
  const slot = await wire.lease(AbortSignal.timeout(limits.askMillisMax));
  if (!slot.ok) return slot;
  const reply = await conversation.send(slot.value, {
    method,
    params,
    millisMax: limits.askMillisMax,
    replyBytesMax: limits.askBytesMax,
  });
  if (reply.kind === 'result') return passed(reply.result);
  // A capability may promise more than there is: a server without templates may not know the method at all.
  if (reply.kind === 'error' && reply.error.code === -32601 && method === 'resources/templates/list')
    return passed({ kind: 'object', members: new Map([['resourceTemplates', { kind: 'array', items: [] }]]) });
  return unusable(method, reply.kind === 'error' ? `error ${reply.error.code}` : reply.why);
}

function unusable(method: string, why: string): { readonly ok: false } & Checked<never> {
  return refused({ code: 'upstream-unavailable', what: method, why: `its list cannot be used: ${why}` });
}
