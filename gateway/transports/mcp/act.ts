import type { Reply } from '@sallyport/core/mediate/reply.ts';
import type { RequestMethod } from '@sallyport/core/model/call.ts';
import { stringMember } from '@sallyport/core/model/json.ts';
import { type AskedCall, askedBack } from './asked-back.ts';
import { bridged } from './bridged.ts';
import type { McpCore } from './core.ts';
import { held, takenBack } from './held.ts';
import type { Incoming } from './incoming.ts';
import { startedTask } from './mcp-tasks.ts';
import { perform } from './perform.ts';
import { type Answer, replyAnswer } from './render.ts';
import { firstRound, isAgain, openRetry, performRetry, type Retry } from './retry.ts';
import { answeredHere, noteSubscription } from './subscribed.ts';
import { targetOf } from './targets.ts';
import { turnAway } from './turn-away.ts';
import { withoutMembers } from './wire/json-edit.ts';

/** Turns one acting request into one call on the line, and the line's reply into an answer. */
export async function act(
  method: RequestMethod,
  incoming: Incoming,
  core: McpCore,
  nextCursor?: AskedCall['nextCursor'],
): Promise<Answer> {
  const { request, caller } = incoming;
  const target = targetOf(method, withoutMembers(request.params, notOfTheCall), caller);
  if (!target.ok) return turnAway(target.malformed, caller, core);
  const asked = { method, target: target.value, incoming, nextCursor };
  if (method === 'resources/subscribe' || method === 'resources/unsubscribe') {
    const here = await answeredHere(asked, core);
    if (here !== undefined) return here;
  }
  if (isAgain(request.params)) return await actAgain(asked, core);
  const reply = await perform(method, target.value, incoming, core);
  return isLast(reply) ? answered(reply, asked, core) : await followed(reply, firstRound, asked, core);
}

/** With answers to what was asked back, or what claims to be some. */
async function actAgain(asked: AskedCall, core: McpCore): Promise<Answer> {
  const retry = await openRetry(asked.method, asked.target, asked.incoming, core);
  if (!retry.ok) return retry.answer;
  const goesOn = await takenBack(retry.value, core.people);
  const first = await attempt(retry.value, asked, core);
  if (!goesOn) return await relayed(first, asked, core);
  return await followed(first, retry.value, asked, core);
}

function attempt(retry: Retry, { method, target, incoming }: AskedCall, core: McpCore): Promise<Reply> {
  const send = (round: Retry['round']): Promise<Reply> => perform(method, target, incoming, core, round);
  return performRetry(retry, send, { server: target.server, incoming, core });
}

/** Nobody has to be asked about the call, and nobody asks anything back: so it is with nearly all. */
function isLast(reply: Reply): boolean {
  if (reply.kind === 'result') return (stringMember(reply.result, 'resultType') ?? 'complete') === 'complete';
  return reply.kind === 'error' || reply.approval === undefined;
}

/** A person may have to be asked first. */
async function followed(first: Reply, retry: Retry, asked: AskedCall, core: McpCore): Promise<Answer> {
  const outcome = await held(first, { ...asked, retry, again: () => attempt(retry, asked, core) }, core);
  return 'answer' in outcome ? outcome.answer : await relayed(outcome.reply, asked, core);
}

/** The server may ask back, or go on with it as a task. */
async function relayed(first: Reply, asked: AskedCall, core: McpCore): Promise<Answer> {
  const reply = await bridged(first, asked, core);
  const special = (await askedBack(reply, asked, core)) ?? (await startedTask(reply, asked, core));
  if (special === undefined) return answered(reply, asked, core);
  noteSubscription(reply, asked);
  return special;
}

function answered(reply: Reply, asked: AskedCall, { leadsHere }: McpCore): Answer {
  noteSubscription(reply, asked);
  const { method, target, nextCursor } = asked;
  return replyAnswer(reply, { method, caller: asked.incoming.caller, server: target.server, nextCursor, leadsHere });
}

/** Members that say something about the request, and nothing to the server in the agent's words. */
const notOfTheCall = ['_meta', 'inputResponses', 'requestState', 'task'];
