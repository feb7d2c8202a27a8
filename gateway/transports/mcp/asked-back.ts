import type { Reply } from '@sallyport/core/mediate/reply.ts';
import type { RequestMethod } from '@sallyport/core/model/call.ts';
import type { ApprovalId } from '@sallyport/core/model/ids.ts';
import { type JsonNode, type JsonObject, member, normalText, stringMember } from '@sallyport/core/model/json.ts';
import { isQuestionMethod, type QuestionMethod } from '@sallyport/core/model/question.ts';
import type { Refusal } from '@sallyport/core/model/refusal.ts';
import { allAskedBy } from './asked-by.ts';
import type { McpCore } from './core.ts';
import type { Incoming } from './incoming.ts';
import { type Answer, refusalAnswer } from './render.ts';
import { type Retry, roundOf } from './retry.ts';
import type { OpenRound } from './rounds.ts';
import { requireTask } from './standing.ts';
import type { Target } from './targets.ts';
import { withMember } from './wire/json-edit.ts';
import { questionFault } from './wire/offers.ts';
import { withoutOurs } from './without-ours.ts';

/** The call to which somebody asks something back. */
export interface AskedCall {
  readonly method: RequestMethod;
  readonly target: Target;
  readonly incoming: Incoming;
  /** What a server's own cursor becomes; undefined where the list cannot be gone on with. */
  readonly nextCursor?: ((own: string) => string | undefined) | undefined;
}

/** Questions of one round, or of all rounds where they are asked in the course of one request; more is nobody's honest need. */
export const questionsMax = 16;

/**
 * The answer to a client whose server asks back instead of answering (`resultType: "input_required"`); undefined if it does
 * not. The server's state goes into ours, and what this client cannot be asked is not shown to it.
 */
export async function askedBack(reply: Reply, call: AskedCall, core: McpCore): Promise<Answer | undefined> {
  if (reply.kind !== 'result' || !asksBack(reply.result)) return undefined;
  const { caller } = call.incoming;
  const questions = readQuestions(reply.result, call, core);
  if (typeof questions === 'string') return refusalAnswer(keptBack(call, questions), call.method, caller.era);
  const state = stringMember(reply.result, 'requestState');
  // Sealed it grows by a third, and has to come back in one message beside the call and its answers.
  if (state !== undefined && Buffer.byteLength(JSON.stringify(state)) > core.limits.callBytesMax / 2)
    return refusalAnswer(keptBack(call, longState), call.method, caller.era);
  const round = { by: 'server', asked: questions, ...(state === undefined ? {} : { state }) } as const;
  return await sealed(allAskedBy(call.target.server, withoutOurs(reply.result)), round, call, core);
}

const longState = 'the server asked back with a state that is too long to come back';

/** MCP 2026-07-28, Multi Round-Trip Requests. */
export function asksBack(result: JsonObject): boolean {
  return stringMember(result, 'resultType') === 'input_required';
}

/** What the gateway itself asks of a client, in the place of an answer. */
export interface GatewayQuestions {
  /** By keys of the gateway's own. `params` is JSON text of an object. */
  readonly requests: Readonly<Record<string, { readonly method: QuestionMethod; readonly params: string }>>;
  /** The question to people that this is about. */
  readonly approval: ApprovalId;
  /** What `openRetry` read of the call: it will be made again with that. */
  readonly retry?: Retry;
}

/**
 * Answers a call with questions of the gateway's own. Nothing was sent; the client makes the same call again with the state
 * that it is given, the call is then decided anew, and what the client answered here reaches no server. The caller makes sure
 * that the client can be asked (`caller.offers`, `questionFault`) and that `caller.era` is modern.
 */
export async function askFromGateway(questions: GatewayQuestions, call: AskedCall, core: McpCore): Promise<Answer> {
  const entries = Object.entries(questions.requests);
  const asked = Object.fromEntries(entries.map(([key, { method }]) => [key, method]));
  const requests = entries.map(
    ([key, { method, params }]) => `${JSON.stringify(key)}:{"method":"${method}","params":${params}}`,
  );
  const { approval } = questions;
  const round = { by: 'gateway', asked, approval, ...heldOf(questions.retry) } as const;
  return await sealed(`{"resultType":"input_required","inputRequests":{${requests.join(',')}}}`, round, call, core);
}

/** The answers and the server's state that came with the call: they wait inside the gateway's own state. */
function heldOf(retry: Retry | undefined): Pick<OpenRound, 'state' | 'held' | 'heldAsked'> {
  const { open, round } = retry ?? {};
  if (round === undefined) return {};
  const asked = open?.by === 'gateway' ? open.heldAsked : open?.asked;
  const state = round.requestState === undefined ? {} : { state: round.requestState };
  return { ...state, held: normalText(round.inputResponses), ...(asked === undefined ? {} : { heldAsked: asked }) };
}

async function sealed(
  result: JsonObject | string,
  round: Pick<OpenRound, 'by' | 'asked' | 'approval' | 'state' | 'held' | 'heldAsked'>,
  { method, target, incoming: { caller } }: AskedCall,
  core: McpCore,
): Promise<Answer> {
  const task = await requireTask(caller, core);
  if (!task.ok) return refusalAnswer(task.refusal, method, caller.era);
  const state = core.rounds.begin({ ...round, ...roundOf(method, target, caller, task.value, core) });
  if (typeof result === 'string') return { kind: 'result', text: `${result.slice(0, -1)},"requestState":"${state}"}` };
  return { kind: 'result', text: normalText(withMember(result, 'requestState', { kind: 'string', value: state })) };
}

/** The questions by key, or why they are kept from the client. */
function readQuestions(
  result: JsonObject,
  { incoming: { caller } }: AskedCall,
  core: McpCore,
): Record<string, QuestionMethod> | string {
  if (caller.era === 'legacy') return 'the server asked back in a way that this client does not know';
  return questionsIn(member(result, 'inputRequests'), caller.offers, core);
}

export function questionsIn(
  requests: JsonNode | undefined,
  offers: AskedCall['incoming']['caller']['offers'],
  { leadsHere }: Pick<McpCore, 'leadsHere'>,
): Record<string, QuestionMethod> | string {
  if (requests === undefined) return {};
  if (requests.kind !== 'object' || requests.members.size > questionsMax)
    return 'the server asked back in no proper form';
  const asked = new Map<string, QuestionMethod>();
  for (const [key, request] of requests.members) {
    const method = stringMember(request, 'method');
    const params = member(request, 'params') ?? { kind: 'object', members: new Map() };
    if (method === undefined || !isQuestionMethod(method) || params.kind !== 'object')
      return 'the server asked back for something that the protocol does not know';
    const fault = questionFault(method, params, offers, leadsHere);
    if (fault !== undefined) return `the server asked back, and ${fault}`;
    asked.set(key, method);
  }
  return Object.fromEntries(asked);
}

/** Its text would be shown to a person: nothing of it goes on. */
export function keptBack({ method, target }: AskedCall, why: string): Refusal {
  return { code: 'withheld', what: `${target.server} ${method}`, why };
}
