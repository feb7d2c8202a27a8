import { Cancellation } from '@sallyport/core/model/call-signal.ts';
import { httpFault } from '../../http/fault.ts';
import { sendEmpty, sendFault } from '../../http/respond.ts';
import { dispatch } from '../dispatch.ts';
import { negotiated } from '../hello.ts';
import { inFlightFault } from '../in-flight.ts';
import { refuseRequest } from '../turn-away.ts';
import { invalidRequest } from '../wire/malformed.ts';
import { cancelledId, type NotificationMessage, type ResponseMessage } from '../wire/message.ts';
import { offersOf } from '../wire/offers.ts';
import { PostResponse, sendAnswer } from './answer.ts';
import { headerNames } from './head.ts';
import { type Posted, refuse, sessionUnknown, type Visit } from './visit.ts';

/** A request of the handshake era: within a session, but for the one that opens it. */
export async function legacyRequest(visit: Visit, posted: Posted): Promise<void> {
  const { exchange, agent, scope, sessions, core } = visit;
  const { request, caller, events } = posted;
  if (request.method === 'initialize') return initialize(visit, posted);
  const sessionId = exchange.headers.get(headerNames.session);
  if (sessionId === undefined)
    return refuse(visit, invalidRequest(headerNames.session, 'is required; begin with initialize'), request.id);
  const session = sessions.find(sessionId, agent, scope);
  if (session === undefined) return sendFault(exchange.res, sessionUnknown);

  const signal = session.inFlight.begin(request.id);
  if (signal === 'taken') return refuse(visit, inFlightFault, request.id);
  if (signal === 'full') {
    const refusal = {
      code: 'overloaded',
      what: request.method,
      why: 'too many requests are under way',
      fix: 'wait for answers before you send more',
    } as const;
    return sendAnswer(exchange.res, request.id, refuseRequest(refusal, request, caller, core));
  }
  const { subscribed, offers, questions } = session;
  const streaming = events ? session.streaming : undefined;
  const { unsentBytesMax } = core.limits;
  const outlet = new PostResponse(exchange.res, { signal, streaming, unsentBytesMax, questions });
  // What waits long becomes a stream, so that it can be resumed.
  const late = events ? sessions.late.add(outlet) : undefined;
  try {
    const answer = await dispatch({ request, caller: { ...caller, subscribed, offers }, outlet }, core);
    if (signal.aborted) outlet.silence(request.id, answer);
    else outlet.answer(request.id, answer);
  } finally {
    if (late !== undefined) sessions.late.over(late);
    session.inFlight.end(request.id);
    outlet.close();
  }
}

async function initialize({ exchange, sessions, core }: Visit, { request, caller }: Posted): Promise<void> {
  const outlet = new PostResponse(exchange.res, {
    signal: new Cancellation(),
    streaming: undefined,
    unsentBytesMax: core.limits.unsentBytesMax,
    questions: undefined,
  });
  const answer = await dispatch({ request, caller, outlet }, core);
  if (answer.kind !== 'result') return outlet.answer(request.id, answer);
  const session = sessions.open(
    caller.agent,
    caller.scope,
    negotiated(request.params),
    offersOf(request.params.members.get('capabilities')),
  );
  if (session === undefined) return sendFault(exchange.res, noRoom);
  core.audience.wait(session.waiting);
  outlet.answer(request.id, answer, [headerNames.session, session.id]);
}

const noRoom = httpFault(
  503,
  'overloaded',
  headerNames.session,
  'there is no room for another session',
  'end a session that is no longer used with DELETE, or try again later',
);

/** An answer to what was asked in this session, by the agent whose session it is. */
export async function legacyResponse(visit: Visit, response: ResponseMessage): Promise<void> {
  const { exchange, agent, scope, sessions } = visit;
  const session = sessions.find(exchange.headers.get(headerNames.session) ?? '', agent, scope);
  if (session?.questions.settle(response) === true) return sendEmpty(exchange.res, 202);
  return refuse(
    visit,
    invalidRequest('id', 'answers no question: none like it is open towards this client'),
    undefined,
  );
}

/** Only a cancellation has an effect, and only on a request of the very same session. */
export async function legacyNotification(
  { exchange, agent, scope, sessions }: Visit,
  { method, params }: NotificationMessage,
): Promise<void> {
  const session = sessions.find(exchange.headers.get(headerNames.session) ?? '', agent, scope);
  if (session === undefined) return sendFault(exchange.res, sessionUnknown);
  if (method === 'notifications/cancelled') session.inFlight.cancel(cancelledId(params));
  sendEmpty(exchange.res, 202);
}
