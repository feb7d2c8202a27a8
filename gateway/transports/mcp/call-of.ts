import type { ActingMethod, Call } from '@sallyport/core/model/call.ts';
import type { McpCore } from './core.ts';
import type { Incoming } from './incoming.ts';
import { noticeText, saidBy } from './notices.ts';
import type { Target } from './targets.ts';

/** What the line is to decide, as this door heard it. */
export function callOf(
  method: ActingMethod,
  target: Target,
  { request, caller, outlet }: Incoming,
  core: McpCore,
  ask?: Call['ask'],
): Call {
  return {
    door: caller.door,
    receivedAt: core.ports.now(),
    proof: caller.proof,
    taskToken: caller.taskToken,
    method,
    server: target.server,
    name: target.name,
    input: target.input,
    bytes: request.bytes,
    wantsProgress: request.progressToken !== undefined,
    signal: outlet.signal,
    offers: caller.offers,
    ask,
    inTask: outlet.inTask,
    relay: notice => {
      const text = noticeText(saidBy(target.server, notice), request, caller.era);
      if (text !== undefined) outlet.notify(text);
    },
  };
}
