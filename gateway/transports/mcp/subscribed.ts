import type { Reply } from '@sallyport/core/mediate/reply.ts';
import { stringMember } from '@sallyport/core/model/json.ts';
import type { Refusal } from '@sallyport/core/model/refusal.ts';
import type { AskedCall } from './asked-back.ts';
import type { McpCore } from './core.ts';
import { subscriptionKey } from './names.ts';
import { type Answer, resultAnswer } from './render.ts';
import { requireTask } from './standing.ts';
import { refuseRequest, turnAway } from './turn-away.ts';
import { askedFor } from './waiting.ts';
import { invalidParams, type Malformed } from './wire/malformed.ts';

/** Of a resource that is subscribed to: it is kept for as long as somebody may listen. */
const uriCharsMax = 4_096;

export function longUri(uri: string, field: string): Malformed | undefined {
  return uri.length > uriCharsMax ? invalidParams(field, `is longer than ${uriCharsMax} characters`) : undefined;
}

/** Legacy era: what the gateway itself answers to a request about a subscription; undefined: it is for the server. */
export async function answeredHere(asked: AskedCall, core: McpCore): Promise<Answer | undefined> {
  const { method, target, incoming } = asked;
  if (method !== 'resources/subscribe') return await stillWanted(asked, core);
  const long = longUri(stringMember(target.input, 'uri') ?? '', 'params.uri');
  if (long !== undefined) return turnAway(long, incoming.caller, core);
  const full = oneTooMany(asked, core);
  return full && refuseRequest(full, incoming.request, incoming.caller, core);
}

/** Sessions of one agent may share a connection to the server: it goes on telling for as long as one of them listens. */
async function stillWanted(asked: AskedCall, core: McpCore): Promise<Answer | undefined> {
  const { caller } = asked.incoming;
  caller.subscribed?.delete(keyOf(asked));
  const task = await requireTask(caller, core);
  // Without a task the line refuses it.
  const isWanted = task.ok && (await core.audience.wants(askedFor(caller.agent, task.value), keyOf(asked)));
  return isWanted ? resultAnswer('{}', caller.era) : undefined;
}

/** Why this session or connection may not subscribe to one more. */
function oneTooMany(asked: AskedCall, { limits }: McpCore): Refusal | undefined {
  const { subscribed } = asked.incoming.caller;
  if (subscribed === undefined || subscribed.has(keyOf(asked)) || subscribed.size < limits.subscriptionsMax)
    return undefined;
  const why = `this session has subscribed to ${limits.subscriptionsMax} resources already`;
  return { code: 'overloaded', what: asked.method, why, fix: 'unsubscribe from one first' };
}

/** Legacy era: whoever listens on this session hears of what was subscribed to in it. */
export function noteSubscription(reply: Reply, asked: AskedCall): void {
  const { caller } = asked.incoming;
  if (reply.kind === 'result' && asked.method === 'resources/subscribe') caller.subscribed?.add(keyOf(asked));
}

function keyOf({ target }: AskedCall): string {
  return subscriptionKey(target.server, stringMember(target.input, 'uri') ?? '');
}
