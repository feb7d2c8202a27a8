import type { Reply } from '@sallyport/core/mediate/reply.ts';
import type { ServerId } from '@sallyport/core/model/ids.ts';
import {
  callJsonLimits,
  emptyObject,
  type JsonNode,
  type JsonObject,
  normalText,
  parseJson,
  stringMember,
} from '@sallyport/core/model/json.ts';
import type { Refusal } from '@sallyport/core/model/refusal.ts';
import type { McpCore } from './core.ts';
import type { Caller, Incoming, Request } from './incoming.ts';
import { declares, serversOf } from './lists.ts';
import { bad, invalidParams, type Read, read } from './malformed.ts';
import { outwardResult } from './outward.ts';
import { perform } from './perform.ts';
import { metaKeys } from './protocol.ts';
import { type Answer, listAnswer, refusalAnswer, replyAnswer, resultAnswer } from './render.ts';
import { turnAway } from './turn-away.ts';

/**
 * Methods that on `/mcp` mean every server that offers them: one call on the line for each, decided each by itself, and
 * the replies merged. A server that refuses or fails is left out and named in `_meta`; if all do, the first refusal is
 * the answer.
 */
export async function mergedResources(incoming: Incoming, core: McpCore): Promise<Answer> {
  const { request, caller } = incoming;
  const pages = pagesOf(request, caller, core);
  if (!pages.ok) return turnAway(pages.malformed, caller, core);
  const asked = await Promise.all(
    pages.value.map(async ({ server, cursor }) => {
      const input = cursor === undefined ? emptyObject : cursorInput(cursor);
      const target = { server, name: 'mcp:resources/list', input };
      return { server, reply: await perform('resources/list', target, incoming, core) };
    }),
  );
  const failed = failedAnswer(asked, 'resources/list', caller);
  if (failed !== undefined) return failed;
  const results = asked.flatMap(({ server, reply }) => (reply.kind === 'result' ? [{ server, ...reply }] : []));
  const items = results.flatMap(({ server, result }) => {
    const list = outwardResult('resources/list', result, caller.scope, server).members.get('resources');
    return list?.kind === 'array' ? list.items.map(normalText) : [];
  });
  const next = nextCursor(results);
  const members = [`"resources":[${items.join(',')}]`, ...(next ? [`"nextCursor":"${next}"`] : []), ...left(asked)];
  return listAnswer(`{${members.join(',')}}`, caller.era);
}

export async function mergedLevel(incoming: Incoming, core: McpCore): Promise<Answer> {
  const { request, caller } = incoming;
  const servers = serversOf(core.ports.world(), caller.scope).filter(server => declares(server, 'logging'));
  const level: JsonNode = { kind: 'string', value: stringMember(request.params, 'level') ?? '' };
  const input: JsonObject = { kind: 'object', members: new Map([['level', level]]) };
  const asked = await Promise.all(
    servers.map(async ({ id: server }) => {
      const target = { server, name: 'mcp:logging/setLevel', input };
      return { server, reply: await perform('logging/setLevel', target, incoming, core) };
    }),
  );
  return failedAnswer(asked, 'logging/setLevel', caller) ?? resultAnswer('{}', caller.era);
}

interface Asked {
  readonly server: ServerId;
  readonly reply: Reply;
}

function failedAnswer(
  asked: readonly Asked[],
  method: 'resources/list' | 'logging/setLevel',
  caller: Caller,
): Answer | undefined {
  const [first] = asked;
  // A proof that no longer holds is one answer for all of them.
  const unproven = asked.map(refusalOf).find(refusal => refusal?.code === 'unauthenticated');
  if (unproven !== undefined) return refusalAnswer(unproven, method, caller.era);
  if (first === undefined || asked.some(({ reply }) => reply.kind === 'result')) return undefined;
  return replyAnswer(first.reply, { method, era: caller.era, scope: caller.scope, server: first.server });
}

function refusalOf({ reply }: Asked): Refusal | undefined {
  return reply.kind === 'refusal' ? reply.refusal : undefined;
}

function left(asked: readonly Asked[]): string[] {
  const missing = asked
    .filter(({ reply }) => reply.kind !== 'result')
    .map(one => ({ server: one.server, code: refusalOf(one)?.code ?? 'upstream-error' }));
  return missing.length === 0 ? [] : [`"_meta":${JSON.stringify({ [metaKeys.refusals]: missing })}`];
}

/** One page of one server; the first page has no cursor. */
interface Page {
  readonly server: ServerId;
  readonly cursor: string | undefined;
}

const cursorCharsMax = 16 * 1024;

function pagesOf(request: Request, caller: Caller, core: McpCore): Read<readonly Page[]> {
  const cursor = stringMember(request.params, 'cursor');
  const servers = serversOf(core.ports.world(), caller.scope).filter(server => declares(server, 'resources'));
  const ids = servers.map(server => server.id);
  return cursor === undefined ? read(ids.map(server => ({ server, cursor: undefined }))) : readCursor(cursor, ids);
}

/** Ours is a list of the servers that have more, each with its own cursor: nothing is kept here between two pages. */
function nextCursor(
  results: readonly { readonly server: ServerId; readonly result: JsonObject }[],
): string | undefined {
  const more = results.flatMap(({ server, result }) => {
    const next = stringMember(result, 'nextCursor');
    return next === undefined ? [] : [[server, next]];
  });
  return more.length === 0 ? undefined : Buffer.from(JSON.stringify(more)).toString('base64url');
}

/**
 * What comes back is the client's word: each entry is a call like any other, and decided. It names servers that are
 * there, each once, so that one request cannot become a thousand calls.
 */
function readCursor(cursor: string, servers: readonly ServerId[]): Read<readonly Page[]> {
  const wrong = bad(invalidParams('params.cursor', 'is not a cursor of this list'));
  if (cursor.length > cursorCharsMax || !/^[A-Za-z0-9_-]+$/.test(cursor)) return wrong;
  const parsed = parseJson(Buffer.from(cursor, 'base64url').toString('utf8'), callJsonLimits);
  if (!parsed.ok || parsed.node.kind !== 'array') return wrong;
  const pages: Page[] = [];
  for (const item of parsed.node.items) {
    const [server, next] = item.kind === 'array' ? item.items : [];
    if (server?.kind !== 'string' || !servers.includes(server.value) || next?.kind !== 'string') return wrong;
    if (pages.some(page => page.server === server.value)) return wrong;
    pages.push({ server: server.value, cursor: next.value });
  }
  return read(pages);
}

function cursorInput(cursor: string): JsonObject {
  return { kind: 'object', members: new Map([['cursor', { kind: 'string', value: cursor }]]) };
}
