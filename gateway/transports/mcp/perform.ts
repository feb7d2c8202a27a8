import { mediate } from '@sallyport/core/mediate/line.ts';
import type { Reply } from '@sallyport/core/mediate/reply.ts';
import type { Call, RequestMethod } from '@sallyport/core/model/call.ts';
import type { Round } from '@sallyport/core/model/question.ts';
import { callOf } from './call-of.ts';
import type { McpCore } from './core.ts';
import type { Incoming } from './incoming.ts';
import { relayQuestion } from './questions.ts';
import type { Target } from './targets.ts';

/** The only place where a door hands a request to the line. */
export function perform(
  method: RequestMethod,
  target: Target,
  incoming: Incoming,
  core: McpCore,
  round?: Round,
  nested = round !== undefined,
): Promise<Reply> {
  const ask: Call['ask'] = question => void relayQuestion(question, target.server, incoming, core);
  const call = callOf(method, target, incoming, core, ask);
  if (round === undefined && !nested) return mediate(call, core.ports);
  return mediate({ ...call, ...(round === undefined ? {} : { round }), ...(nested ? { nested } : {}) }, core.ports);
}
