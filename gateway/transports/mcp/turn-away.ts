import type { Refusal } from '@sallyport/core/model/refusal.ts';
import { type McpCore, noteRejected } from './core.ts';
import type { Caller, Request } from './incoming.ts';
import { type Answer, malformedAnswer, refusalAnswer } from './render.ts';
import type { Malformed } from './wire/malformed.ts';
import { errorCodes } from './wire/protocol.ts';

/** Answers what is malformed and writes down that it came: an agent that probes is worth knowing about. */
export function turnAway(malformed: Malformed, caller: Pick<Caller, 'door' | 'agent'>, core: McpCore): Answer {
  const code = malformed.code === errorCodes.methodNotFound ? 'method-unknown' : 'malformed';
  noteRejected(core, caller.door, code, malformed.field, caller.agent);
  return malformedAnswer(malformed);
}

/** Refuses a well-formed request that is not the line's to refuse. */
export function refuseRequest(refusal: Refusal, request: Request, caller: Caller, core: McpCore): Answer {
  noteRejected(core, caller.door, refusal.code, refusal.what, caller.agent);
  return refusalAnswer(refusal, request.method, caller.era);
}
