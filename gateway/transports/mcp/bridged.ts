import { randomBytes } from 'node:crypto';
import type { Reply } from '@sallyport/core/mediate/reply.ts';
import { type JsonObject, member, normalText, stringMember } from '@sallyport/core/model/json.ts';
import type { QuestionMethod } from '@sallyport/core/model/question.ts';
import { type AskedCall, asksBack, keptBack, questionsIn, questionsMax } from './asked-back.ts';
import { askedBy } from './asked-by.ts';
import type { McpCore } from './core.ts';
import type { Outlet } from './incoming.ts';
import { perform } from './perform.ts';
import { performRetry, type Retry } from './retry.ts';
import { roundMillisMax } from './rounds.ts';
import { withMember } from './wire/json-edit.ts';

/** How often a server may ask back in the course of one request; its questions together are `questionsMax`. */
const bridgedRoundsMax = 8;

/**
 * A server of 2026-07-28 asks back instead of answering, and the client is one of the handshake era: it is asked in the
 * course of its request, and the call is made again with what it answered. Each answer and each call is an action like any
 * other, decided anew over the very bytes that will be sent; the server's state stays here. Other replies pass.
 */
export async function bridged(first: Reply, call: AskedCall, core: McpCore): Promise<Reply> {
  const { method, target, incoming } = call;
  const { ask } = incoming.outlet;
  if (incoming.caller.era !== 'legacy' || ask === undefined) return first;
  let reply = first;
  let questions = 0;
  for (let rounds = 0; reply.kind === 'result' && asksBack(reply.result); rounds++) {
    const next =
      rounds < bridgedRoundsMax
        ? await answered(reply.result, questionsMax - questions, { ...call, ask }, core)
        : 'the server never stops asking back';
    if (typeof next === 'string') return { kind: 'refusal', refusal: keptBack(call, next) };
    questions += next.answers.length;
    const send = (round: Retry['round']): Promise<Reply> => perform(method, target, incoming, core, round);
    reply = await performRetry(next, send, { server: target.server, incoming, core });
  }
  return reply;
}

/** The call as it is to be made again, or why the questions, or their answers, are kept back. One after the other: people answer. */
async function answered(
  result: JsonObject,
  left: number,
  { target, incoming: { caller }, ask }: AskedCall & { readonly ask: NonNullable<Outlet['ask']> },
  core: McpCore,
): Promise<Retry | string> {
  const requests = member(result, 'inputRequests');
  const questions = questionsIn(requests, caller.offers, core);
  if (typeof questions === 'string') return questions;
  if (Object.keys(questions).length > left) return `the server asked back for more than ${questionsMax} answers`;
  const answers = new Map<string, Retry['answers'][number]>();
  for (const [key, method] of Object.entries(questions)) {
    const params = member(member(requests, key), 'params');
    const asked = paramsFor(method, params?.kind === 'object' ? params : { kind: 'object', members: new Map() });
    const input = await soon(ask(method, normalText(askedBy(target.server, method, asked))));
    if (input === undefined) return 'the server asked back, and the client gave no answer';
    answers.set(key, { method, input });
  }
  const given = new Map([...answers].map(([key, { input }]) => [key, input]));
  const round = {
    inputResponses: { kind: 'object', members: given },
    requestState: stringMember(result, 'requestState'),
  } as const;
  return { open: undefined, round, answers: [...answers.values()] };
}

/** A page has an id in the handshake era (MCP 2025-11-25, Elicitation), by which it could be said that somebody is done with it. */
function paramsFor(method: QuestionMethod, params: JsonObject): JsonObject {
  const isPage = method === 'elicitation/create' && stringMember(params, 'mode') === 'url';
  if (!isPage || params.members.has('elicitationId')) return params;
  return withMember(params, 'elicitationId', { kind: 'string', value: randomBytes(12).toString('base64url') });
}

async function soon<T>(answer: Promise<T | undefined>): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, roundMillisMax, undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
