import type { Reply } from '@sallyport/core/mediate/reply.ts';
import type { RequestMethod } from '@sallyport/core/model/call.ts';
import { stringMember } from '@sallyport/core/model/json.ts';
import { askedBack } from './asked-back.ts';
import { bridged } from './bridged.ts';
import type { McpCore } from './core.ts';
import { held, takenBack } from './held.ts';
import type { Caller, Incoming } from './incoming.ts';
import { withoutMembers } from './json-edit.ts';
import { startedTask } from './mcp-tasks.ts';
import { subscriptionKey } from './names.ts';
import { perform } from './perform.ts';
import { type Answer, replyAnswer } from './render.ts';
import { openRetry, performRetry } from './retry.ts';
import { type Target, targetOf } from './targets.ts';
import { turnAway } from './turn-away.ts';

/** Turns one acting request into one call on the line, and the line's reply into an answer. */
export async function act(method: RequestMethod, incoming: Incoming, core: McpCore): Promise<Answer> {
  const { request, caller } = incoming;
  const target = targetOf(method, withoutMembers(request.params, notOfTheCall), caller);
  if (!target.ok) return turnAway(target.malformed, caller, core);
  const retry = await openRetry(method, target.value, incoming, core);
  if (!retry.ok) return retry.answer;
  const attempt = (): Promise<Reply> =>
    performRetry(retry.value, round => perform(method, target.value, incoming, core, round), {
      server: target.value.server,
      incoming,
      core,
    });
  const asked = { method, target: target.value, incoming };
  const goesOn = await takenBack(retry.value, core.people);
  const first = await attempt();
  const outcome = goesOn ? await held(first, { ...asked, retry: retry.value, again: attempt }, core) : { reply: first };
  if ('answer' in outcome) return outcome.answer;
  const reply = await bridged(outcome.reply, asked, core);
  noteSubscription(method, target.value, reply, caller);
  const special = (await askedBack(reply, asked, core)) ?? (await startedTask(reply, asked, core));
  return special ?? replyAnswer(reply, { method, era: caller.era, scope: caller.scope, server: target.value.server });
}

/** Members that say something about the request, and nothing to the server in the agent's words. */
const notOfTheCall = ['_meta', 'inputResponses', 'requestState', 'task'];

function noteSubscription(method: RequestMethod, target: Target, reply: Reply, caller: Caller): void {
  if (caller.subscribed === undefined || reply.kind !== 'result') return;
  const key = subscriptionKey(target.server, stringMember(target.input, 'uri') ?? '');
  if (method === 'resources/subscribe') caller.subscribed.add(key);
  if (method === 'resources/unsubscribe') caller.subscribed.delete(key);
}
