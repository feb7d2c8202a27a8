import { type CallSignal, Cancellation } from '@sallyport/core/model/call-signal.ts';
import { callJsonLimits } from '@sallyport/core/model/json.ts';
import { type Body, readJsonBody } from '../../http/body.ts';
import { httpFault } from '../../http/fault.ts';
import { sendEmpty, sendFault } from '../../http/respond.ts';
import { dispatch } from '../dispatch.ts';
import { meetingFor, outwaited } from '../meeting.ts';
import { eraOf } from '../wire/era.ts';
import { bad, type Read, read } from '../wire/malformed.ts';
import { type NotificationMessage, type RequestMessage, readMessage } from '../wire/message.ts';
import { type Meta, readMeta } from '../wire/meta.ts';
import { notificationFault } from '../wire/methods.ts';
import { offersOf } from '../wire/offers.ts';
import { PostResponse, plainStreaming } from './answer.ts';
import { type Accepts, acceptsOf, headerNames, taskTokenOf } from './head.ts';
import { legacyNotification, legacyRequest, legacyResponse } from './legacy.ts';
import { mirrorFault } from './mirror.ts';
import { lackingScope, refuseScope } from './scope.ts';
import { listen } from './stream.ts';
import { type Posted, refuse, type Visit } from './visit.ts';

/** One POST is one message: a request with its answer, or a notification with none. */
export function post(visit: Visit): void | Promise<void> {
  const { exchange, core } = visit;
  const accepts = acceptsOf(exchange.headers);
  if (!accepts.json) return sendFault(exchange.res, notAcceptable);
  const body = readJsonBody(exchange, core.limits.callBytesMax);
  return body instanceof Promise ? body.then(read => posted(visit, read, accepts)) : posted(visit, body, accepts);
}

function posted(visit: Visit, body: Body, accepts: Accepts): void | Promise<void> {
  if (!body.ok) return sendFault(visit.exchange.res, body.fault);
  const message = readMessage(body.bytes, callJsonLimits);
  if (!message.ok) return refuse(visit, message.malformed, message.malformed.id);
  switch (message.value.kind) {
    case 'response':
      return legacyResponse(visit, message.value);
    case 'notification':
      return notification(visit, message.value);
    case 'request':
      return request(visit, message.value, body.bytes.length, accepts);
  }
}

const notAcceptable = httpFault(
  406,
  'not-acceptable',
  'accept',
  'must name application/json',
  'send application/json, text/event-stream',
);

function request(visit: Visit, message: RequestMessage, bytes: number, accepts: Accepts): void | Promise<void> {
  const meeting = meetingFor(message, visit.scope, visit.core.meeting);
  if (meeting === undefined) return requestNow(visit, message, bytes, accepts);
  return outwaited(meeting, goneSignal(visit)).then(isHere =>
    isHere ? requestNow(visit, message, bytes, accepts) : undefined,
  );
}

function requestNow(visit: Visit, message: RequestMessage, bytes: number, accepts: Accepts): void | Promise<void> {
  const meta = readMeta(message.params);
  const asked = meta.ok ? readPosted(visit, message, meta.value, bytes, accepts) : meta;
  if (!asked.ok) return refuse(visit, asked.malformed, message.id);
  const lacking = lackingScope(visit.agent, message.method);
  if (lacking !== undefined) return refuseScope(visit, message.id, lacking);
  if (asked.value.caller.era === 'legacy') return legacyRequest(visit, asked.value);
  if (message.method === 'subscriptions/listen') return listen(visit, asked.value);
  return modernRequest(visit, asked.value);
}

function goneSignal({ exchange: { res } }: Visit): CallSignal {
  const gone = new Cancellation();
  res.once('close', () => gone.abort());
  return gone;
}

function readPosted(
  { exchange, scope, proof, agent, core }: Visit,
  { id, method, params, kind }: RequestMessage,
  meta: Meta,
  bytes: number,
  { events }: Accepts,
): Read<Posted> {
  const era = eraOf(meta, exchange.headers.get(headerNames.version));
  if (!era.ok) return era;
  const token = taskTokenOf(exchange.headers, meta);
  if (!token.ok) return token;
  if (era.value === 'modern') {
    const fault = mirrorFault({ kind, id, method, params }, exchange.headers, scope, core.ports.world());
    if (fault !== undefined) return bad(fault);
  }
  const { progressToken, logLevel } = meta;
  return read({
    caller: {
      door: 'mcp-http',
      proof,
      agent,
      scope,
      era: era.value,
      taskToken: token.value,
      offers: offersOf(meta.capabilities),
    },
    request: { id, method, params, bytes, progressToken, logLevel },
    events,
  });
}

/** Closing the response is the cancellation (2026-07-28, "Cancellation"). */
async function modernRequest({ exchange: { res }, core }: Visit, { request, caller, events }: Posted): Promise<void> {
  const signal = new Cancellation();
  res.on('close', () => {
    if (!res.writableFinished) signal.abort();
  });
  const streaming = events ? plainStreaming : undefined;
  const { unsentBytesMax } = core.limits;
  const outlet = new PostResponse(res, { signal, streaming, unsentBytesMax, questions: undefined });
  outlet.answer(request.id, await dispatch({ request, caller, outlet }, core));
}

/** Taken or refused by the table. The modern era defines none over HTTP; what its clients send has no effect. */
async function notification(visit: Visit, message: NotificationMessage): Promise<void> {
  const meta = readMeta(message.params);
  const fault = meta.ok ? notificationFault(message.method, message.params) : meta.malformed;
  if (fault !== undefined) return refuse(visit, fault, undefined);
  const legacy = meta.ok && meta.value.version === undefined && visit.exchange.headers.has(headerNames.session);
  if (legacy) return legacyNotification(visit, message);
  sendEmpty(visit.exchange.res, 202);
}
