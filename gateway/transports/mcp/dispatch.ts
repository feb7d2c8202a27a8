import { act } from './act.ts';
import type { McpCore } from './core.ts';
import { discoverText, initializeText } from './hello.ts';
import type { Caller, Incoming, Request } from './incoming.ts';
import { promptsListText, templatesListText, toolsListText } from './lists.ts';
import { actOnTask } from './mcp-tasks.ts';
import { listResources, mergedLevel } from './merged.ts';
import { type Answer, listAnswer, resultAnswer } from './render.ts';
import { authenticate, requireTask } from './standing.ts';
import { refuseRequest, turnAway } from './turn-away.ts';
import { invalidParams, type Malformed } from './wire/malformed.ts';
import { type MethodRow, requestRows } from './wire/methods.ts';
import { errorCodes } from './wire/protocol.ts';
import { checkParams } from './wire/shape.ts';

/**
 * One request to one answer, whatever it came over. The table says what a method is; what is not in the table, or has a
 * member that its row does not name, is refused. `subscriptions/listen` is a stream and never comes here.
 */
export function dispatch(incoming: Incoming, core: McpCore): Answer | Promise<Answer> {
  const { request, caller } = incoming;
  const row = requestRows.get(request.method);
  const malformed = requestFault(row, request, caller);
  if (malformed !== undefined || row === undefined)
    return turnAway(malformed ?? unknownMethod(request, caller), caller, core);
  switch (row.way) {
    case 'refuse':
      return refuseRequest({ code: 'method-unknown', what: request.method, why: row.why }, request, caller, core);
    case 'answer':
      return answer(request, caller, core);
    case 'act':
      return core.turns.begin()?.then(() => acted(row, incoming, core)) ?? acted(row, incoming, core);
  }
}

type ActRow = Extract<MethodRow, { readonly way: 'act' }>;

function acted({ method }: ActRow, incoming: Incoming, core: McpCore): Promise<Answer> {
  if (method === 'resources/list') return listResources(incoming, core);
  if (incoming.caller.scope.kind === 'all' && method === 'logging/setLevel') return mergedLevel(incoming, core);
  if (method === 'tasks/get' || method === 'tasks/update' || method === 'tasks/cancel')
    return actOnTask(method, incoming, core);
  return act(method, incoming, core);
}

/** What is wrong with a request before its method is looked at; also for the streams that do not come to `dispatch`. */
export function requestFault(row: MethodRow | undefined, request: Request, caller: Caller): Malformed | undefined {
  if (row === undefined || !row.eras.includes(caller.era)) return unknownMethod(request, caller);
  return row.way === 'refuse' ? undefined : checkParams(request.params, row.params);
}

/**
 * 2026-07-28 wants 404 with the error; a legacy client would take a 404 for the end of its session.
 * The method is not repeated: it is the sender's text.
 */
function unknownMethod(request: Request, caller: Caller): Malformed {
  const why = requestRows.has(request.method)
    ? 'this method does not belong to the protocol version in use'
    : 'this method is not known, and what is not known is refused';
  return { code: errorCodes.methodNotFound, status: caller.era === 'modern' ? 404 : 200, field: 'method', why };
}

/**
 * What the gateway answers by itself. A killed agent, or one whose task has ended, gets no lists either; nor does one whose
 * proof was revoked while the request waited for a server that nobody knew.
 */
async function answer(request: Request, caller: Caller, core: McpCore): Promise<Answer> {
  const proof = await authenticate(caller.proof, core);
  if (!proof.ok) return refuseRequest(proof.refusal, request, caller, core);
  const task = await requireTask(caller, core);
  if (!task.ok) return refuseRequest(task.refusal, request, caller, core);
  // Every list is one page: a cursor can only be somebody else's, or invented.
  if (request.params.members.has('cursor'))
    return turnAway(invalidParams('params.cursor', 'is not a cursor of this list'), caller, core);
  const { era, agent, scope } = caller;
  const world = core.ports.world();
  switch (request.method) {
    case 'ping':
      return resultAnswer('{}', era);
    case 'initialize':
      return resultAnswer(initializeText(request.params, world, agent, scope, core.version), era);
    case 'server/discover':
      return resultAnswer(discoverText(world, agent, scope, core.version), era);
    case 'tools/list':
      return listAnswer(toolsListText(world, agent, scope), era);
    case 'prompts/list':
      return listAnswer(promptsListText(world, agent, scope), era);
    case 'resources/templates/list':
      return listAnswer(templatesListText(world, agent, scope), era);
    default:
      return turnAway(unknownMethod(request, caller), caller, core);
  }
}
