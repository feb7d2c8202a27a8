import type { Reply } from '@sallyport/core/mediate/reply.ts';
import type { ServerId } from '@sallyport/core/model/ids.ts';
import { emptyObject, type JsonNode, type JsonObject, normalText, stringMember } from '@sallyport/core/model/json.ts';
import type { Refusal } from '@sallyport/core/model/refusal.ts';
import { act } from './act.ts';
import type { McpCore } from './core.ts';
import type { CursorsOf, Page } from './cursors.ts';
import type { Caller, Incoming, Request } from './incoming.ts';
import { declares, serversOf } from './lists.ts';
import { outwardResult } from './outward.ts';
import { perform } from './perform.ts';
import { type Answer, listAnswer, refusalAnswer, replyAnswer, resultAnswer } from './render.ts';
import { requireTask } from './standing.ts';
import { refuseRequest, turnAway } from './turn-away.ts';
import { withMember } from './wire/json-edit.ts';
import { bad, invalidParams, type Read, read } from './wire/malformed.ts';
import { metaKeys } from './wire/protocol.ts';
import { resultWithoutOurs } from './without-ours.ts';

/** `resources/list`: of the one server of this connection, or of all of them. What it goes on with is the gateway's own cursor. */
export async function listResources(incoming: Incoming, core: McpCore): Promise<Answer> {
  const { request, caller } = incoming;
  const task = await requireTask(caller, core);
  if (!task.ok) return refuseRequest(task.refusal, request, caller, core);
  const of = { agent: caller.agent.id, task: task.value.id };
  const pages = pagesOf(request, caller, of, core);
  if (!pages.ok) return turnAway(pages.malformed, caller, core);
  if (caller.scope.kind === 'all') return await mergedResources(pages.value, of, incoming, core);
  const { server } = caller.scope;
  const params = inputOf(pages.value[0]?.cursor);
  const nextCursor = (cursor: string): string | undefined => core.cursors.close([{ server, cursor }], of);
  return await act('resources/list', { ...incoming, request: { ...request, params } }, core, nextCursor);
}

/**
 * Methods that on `/mcp` mean every server that offers them: one call on the line for each, decided each by itself, and
 * the replies merged. A server that refuses or fails is left out and named in `_meta`; if all do, the first refusal is
 * the answer.
 */
async function mergedResources(
  pages: readonly Page[],
  of: CursorsOf,
  incoming: Incoming,
  core: McpCore,
): Promise<Answer> {
  const { caller } = incoming;
  const asked = await Promise.all(
    pages.map(async ({ server, cursor }) => {
      const target = { server, name: 'mcp:resources/list', input: inputOf(cursor) };
      return { server, reply: await perform('resources/list', target, incoming, core) };
    }),
  );
  const failed = failedAnswer(asked, 'resources/list', caller, core);
  if (failed !== undefined) return failed;
  const results = asked.flatMap(({ server, reply }) => (reply.kind === 'result' ? [{ server, ...reply }] : []));
  const items = results.flatMap(({ server, result }) => {
    const named = outwardResult('resources/list', resultWithoutOurs(result), caller.scope, server);
    const list = named.members.get('resources');
    return list?.kind === 'array' ? list.items.map(normalText) : [];
  });
  const more = results.map(({ server, result }) => ({ server, cursor: stringMember(result, 'nextCursor') }));
  const next = core.cursors.close(more, of);
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
  return failedAnswer(asked, 'logging/setLevel', caller, core) ?? resultAnswer('{}', caller.era);
}

interface Asked {
  readonly server: ServerId;
  readonly reply: Reply;
}

function failedAnswer(
  asked: readonly Asked[],
  method: 'resources/list' | 'logging/setLevel',
  caller: Caller,
  { leadsHere }: McpCore,
): Answer | undefined {
  const [first] = asked;
  // A proof that no longer holds is one answer for all of them.
  const unproven = asked.map(refusalOf).find(refusal => refusal?.code === 'unauthenticated');
  if (unproven !== undefined) return refusalAnswer(unproven, method, caller.era);
  if (first === undefined || asked.some(({ reply }) => reply.kind === 'result')) return undefined;
  return replyAnswer(first.reply, { method, caller, server: first.server, leadsHere });
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

/** What comes back names servers that were there when it was given, each once; those that are still there, and on this connection, are asked. */
function pagesOf(request: Request, caller: Caller, of: CursorsOf, core: McpCore): Read<readonly Page[]> {
  const cursor = stringMember(request.params, 'cursor');
  const { scope } = caller;
  const servers = serversOf(core.ports.world(), scope).filter(server => declares(server, 'resources'));
  const ids = servers.map(server => server.id);
  if (cursor === undefined) return read(ids.map(server => ({ server, cursor: undefined })));
  const pages = core.cursors.open(cursor, of);
  const here = pages?.filter(({ server }) => ids.includes(server)) ?? [];
  return here.length > 0 ? read(here) : bad(invalidParams('params.cursor', 'is not a cursor of this list'));
}

function inputOf(cursor: string | undefined): JsonObject {
  return cursor === undefined ? emptyObject : withMember(emptyObject, 'cursor', { kind: 'string', value: cursor });
}
