import type { Reply } from '@sallyport/core/mediate/reply.ts';
import type { RequestMethod } from '@sallyport/core/model/call.ts';
import type { ServerId } from '@sallyport/core/model/ids.ts';
import {
  emptyObject,
  type JsonNode,
  type JsonObject,
  normalText,
  parseJson,
  resultJsonLimits,
  stringMember,
} from '@sallyport/core/model/json.ts';
import type { QuestionMethod, Round } from '@sallyport/core/model/question.ts';
import type { Refusal } from '@sallyport/core/model/refusal.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { answerOnTheLine, type ClientAnswer, isSent } from './answers.ts';
import type { McpCore } from './core.ts';
import type { Caller, Incoming } from './incoming.ts';
import type { Answer } from './render.ts';
import type { OpenRound, RoundFault, RoundOf } from './rounds.ts';
import { requireTask } from './standing.ts';
import type { Target } from './targets.ts';
import { refuseRequest, turnAway } from './turn-away.ts';
import { invalidParams } from './wire/malformed.ts';

/** A call as it is to be made now: for the first time, or again with answers to what was asked back. */
export interface Retry {
  /** What was sealed into the state that came back; undefined in the first round. */
  readonly open: OpenRound | undefined;
  readonly round: Round | undefined;
  /** What the client answered to the gateway itself, by the gateway's own keys. */
  readonly fromClient?: JsonObject;
  /** Answers that leave for the server with this call: each is decided by itself. */
  readonly answers: readonly Pick<ClientAnswer, 'method' | 'input'>[];
}

export const firstRound: Retry = { open: undefined, round: undefined, answers: [] };

/** Whether the request brings anything that is about an earlier one. Without it there is nothing to open. */
export function isAgain({ members }: JsonObject): boolean {
  return members.has('requestState') || members.has('inputResponses');
}

/**
 * Reads what a retry brings (MCP 2026-07-28, Multi Round-Trip Requests). A state that is not this call's, or was used, is
 * refused.
 */
export async function openRetry(
  method: RequestMethod,
  target: Target,
  { request, caller }: Incoming,
  core: McpCore,
): Promise<{ readonly ok: true; readonly value: Retry } | { readonly ok: false; readonly answer: Answer }> {
  const sealed = stringMember(request.params, 'requestState');
  const responses = request.params.members.get('inputResponses');
  const given = responses?.kind === 'object' ? responses : emptyObject;
  if (sealed === undefined) return { ok: true, value: unasked(given) };
  const task = await requireTask(caller, core);
  if (!task.ok) return { ok: false, answer: refuseRequest(task.refusal, request, caller, core) };
  const open = core.rounds.open(sealed, roundOf(method, target, caller, task.value, core));
  if (typeof open === 'string')
    return { ok: false, answer: turnAway(invalidParams('params.requestState', faults[open]), caller, core) };
  const value = retryOf(open, given);
  return { ok: true, value: open.by === 'gateway' ? { ...value, fromClient: given } : value };
}

/**
 * Answers without a state: what kind each is shows in its members alone, so only what can be no other kind is one. The
 * rest is ignored, as the protocol says of what was not asked.
 */
function unasked(given: JsonObject): Retry {
  if (given.members.size === 0) return firstRound;
  const kept = [...given.members].flatMap(([key, input]) => {
    const method = kindOf(input);
    return method !== undefined && input.kind === 'object' ? [{ key, method, input }] : [];
  });
  if (kept.length === 0) return firstRound;
  return { open: undefined, round: { inputResponses: membersOf(kept), requestState: undefined }, answers: kept };
}

const answerMembers: ReadonlyMap<QuestionMethod, readonly string[]> = new Map([
  ['elicitation/create', ['action', 'content', '_meta']],
  ['sampling/createMessage', ['role', 'content', 'model', 'stopReason', '_meta']],
  ['roots/list', ['roots', '_meta']],
]);

/** MCP 2026-07-28, schema: ElicitResult, CreateMessageResult, ListRootsResult; the first member is required in each. */
function kindOf(input: JsonNode): QuestionMethod | undefined {
  if (input.kind !== 'object') return undefined;
  for (const [method, [first = '', ...others]] of answerMembers)
    if (input.members.has(first) && [...input.members.keys()].every(name => name === first || others.includes(name)))
      return method;
  return undefined;
}

function membersOf(kept: readonly { readonly key: string; readonly input: JsonNode }[]): JsonObject {
  return { kind: 'object', members: new Map(kept.map(({ key, input }) => [key, input])) };
}

/** Which one it is tells whoever tries no more than they know: each needs a state that this gateway made. */
const faults: Readonly<Record<RoundFault, string>> = {
  unreadable: 'is not a state that this gateway gave',
  foreign: 'belongs to another call, task or agent',
  expired: 'has expired; make the call anew',
  used: 'was used already; make the call anew',
};

function retryOf(open: OpenRound, responses: JsonObject): Retry {
  // What the gateway asked by itself is nobody else's business: the call goes on as it stood before.
  if (open.by === 'gateway' && open.held === undefined) return { open, round: undefined, answers: [] };
  if (open.by === 'gateway' && open.heldAsked === undefined) return { ...unasked(held(open)), open };
  const given = open.by === 'server' ? responses : held(open);
  const asked = open.by === 'server' ? open.asked : (open.heldAsked ?? {});
  const kept = [...given.members].flatMap(([key, input]) => {
    const method = Object.hasOwn(asked, key) ? asked[key] : undefined;
    return method !== undefined && input.kind === 'object' ? [{ key, method, input }] : [];
  });
  return { open, round: { inputResponses: membersOf(kept), requestState: open.state }, answers: kept };
}

function held({ held: text = '{}' }: OpenRound): JsonObject {
  const parsed = parseJson(text, resultJsonLimits);
  return parsed.ok && parsed.node.kind === 'object' ? parsed.node : emptyObject;
}

export function roundOf(
  method: RequestMethod,
  { server, name, input }: Target,
  caller: Caller,
  task: Task,
  core: McpCore,
): RoundOf {
  const call = `sallyport round v1\n${method}\n${server}\n${name}\n${normalText(input)}`;
  return { agent: caller.agent.id, principal: task.principal, task: task.id, call: core.ports.digest(call) };
}

interface Where {
  readonly server: ServerId;
  readonly incoming: Incoming;
  readonly core: McpCore;
}

/** Performs the call, its state used up and its answers decided. A call that was not sent leaves its state good. */
export function performRetry(
  retry: Retry,
  send: (round: Round | undefined) => Promise<Reply>,
  where: Where,
): Promise<Reply> {
  const isFirst = retry.open === undefined && retry.answers.length === 0;
  return isFirst ? send(retry.round) : performAgain(retry, send, where);
}

async function performAgain(
  { open, round, answers }: Retry,
  send: (round: Round | undefined) => Promise<Reply>,
  where: Where,
): Promise<Reply> {
  const unfit = open === undefined ? undefined : where.core.rounds.use(open);
  if (unfit !== undefined) return { kind: 'refusal', refusal: unfitRefusals[unfit] };
  const reply = await carried(answers, () => send(round), where);
  if (open !== undefined && !isSent(reply)) where.core.rounds.giveBack(open);
  return reply;
}

const unfitRefusals: Readonly<Record<'taken' | 'full', Refusal>> = {
  taken: {
    code: 'overloaded',
    what: 'params.requestState',
    why: 'it is being used by another call',
    fix: 'wait for its answer',
  },
  full: {
    code: 'overloaded',
    what: 'params.requestState',
    why: 'this agent was asked back too often in the last ten minutes',
    fix: 'try again in some minutes',
  },
};

/**
 * One answer around the other, and the call inside: each is decided and recorded before anything is sent, and performed
 * only if the call was, because it is the call that carries them.
 */
async function carried(answers: Retry['answers'], send: () => Promise<Reply>, where: Where): Promise<Reply> {
  const [first, ...others] = answers;
  if (first === undefined) return await send();
  let inner: Reply | undefined;
  const own = await answerOnTheLine({ ...first, server: where.server }, where.incoming, where.core, async () => {
    inner = await carried(others, send, where);
    return isSent(inner)
      ? { isSent: true }
      : { isSent: false, why: 'the call that would have carried it was not sent' };
  });
  return inner ?? own;
}
