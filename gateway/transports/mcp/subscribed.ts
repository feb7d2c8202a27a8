import type { Reply } from '@sallyport/core/mediate/reply.ts';
import { stringMember } from '@sallyport/core/model/json.ts';
import type { Refusal } from '@sallyport/core/model/refusal.ts';
import type { AskedCall } from './asked-back.ts';
import type { McpCore } from './core.ts';
import { invalidParams, type Malformed } from './malformed.ts';
import { subscriptionKey } from './names.ts';

/** Of a resource that is subscribed to: it is kept for as long as somebody may listen. */
const uriCharsMax = 4_096;

export function longUri(uri: string, field: string): Malformed | undefined {
  return uri.length > uriCharsMax ? invalidParams(field, `is longer than ${uriCharsMax} characters`) : undefined;
}

/** Legacy era: why this session or connection may not subscribe to one more. */
export function oneTooMany(asked: AskedCall, { limits }: McpCore): Refusal | undefined {
  const { subscribed } = asked.incoming.caller;
  if (asked.method !== 'resources/subscribe' || subscribed === undefined || subscribed.has(keyOf(asked)))
    return undefined;
  if (subscribed.size < limits.subscriptionsMax) return undefined;
  const why = `this session has subscribed to ${limits.subscriptionsMax} resources already`;
  return { code: 'overloaded', what: asked.method, why, fix: 'unsubscribe from one first' };
}

/** Legacy era: whoever listens on this session hears of what was subscribed to in it. */
export function noteSubscription(reply: Reply, asked: AskedCall): void {
  const { subscribed } = asked.incoming.caller;
  if (subscribed === undefined || reply.kind !== 'result') return;
  if (asked.method === 'resources/subscribe') subscribed.add(keyOf(asked));
  if (asked.method === 'resources/unsubscribe') subscribed.delete(keyOf(asked));
}

function keyOf({ target }: AskedCall): string {
  return subscriptionKey(target.server, stringMember(target.input, 'uri') ?? '');
}
