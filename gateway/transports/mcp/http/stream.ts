import { Cancellation } from '@sallyport/core/model/call-signal.ts';
import { httpFault } from '../../http/fault.ts';
import { sendFault } from '../../http/respond.ts';
import type { Listener } from '../audience.ts';
import type { McpCore } from '../core.ts';
import type { Caller } from '../incoming.ts';
import { refusalAnswer } from '../render.ts';
import { requireTask } from '../standing.ts';
import { openSubscription, standingCheck } from '../subscribe.ts';
import type { Waiting } from '../waiting.ts';
import { EventStream } from '../wire/event-stream.ts';
import { listKinds } from '../wire/protocol.ts';
import { sendAnswer } from './answer.ts';
import { acceptsOf, headerNames } from './head.ts';
import type { Session } from './sessions.ts';
import { callerIn, type Posted, sessionUnknown, type Visit } from './visit.ts';

/**
 * The legacy GET stream: one a session, for changes of lists and subscribed resources; and with `Last-Event-ID` the rest of
 * a stream that broke off.
 */
export async function getStream(visit: Visit): Promise<void> {
  const { exchange, agent, scope, sessions, core } = visit;
  const { res, headers } = exchange;
  if (!acceptsOf(headers).events) return sendFault(res, noEvents);
  const session = sessions.find(headers.get(headerNames.session) ?? '', agent, scope);
  if (session === undefined) return sendFault(res, sessionUnknown);
  const lastEvent = headers.get(headerNames.lastEvent);
  const resumed = lastEvent === undefined ? undefined : session.streams.find(lastEvent);
  // What belongs to another session or task, was read to its end or was invented: they look the same.
  if (lastEvent !== undefined && resumed === undefined) return sendFault(res, noResumption);
  if (resumed === undefined && session.closeStream !== undefined)
    return sendFault(
      res,
      httpFault(
        409,
        'stream-open',
        headerNames.session,
        'this session has its stream already',
        'read that one, or close it first',
      ),
    );
  const caller = callerIn(session, visit);
  const task = await requireTask(caller, core);
  if (!task.ok) return sendAnswer(res, undefined, refusalAnswer(task.refusal, '', 'legacy'), ['connection', 'close']);
  if (resumed !== undefined && !resumed.stream.belongsTo(task.value.id)) return sendFault(res, noResumption);
  if (core.audience.countOf(agent.id) >= core.limits.streamsPerAgentMax) return sendFault(res, tooManyStreams);
  if (resumed !== undefined && !res.destroyed) return resumed.stream.resume(resumed.after, res);
  if (session.closeStream !== undefined || res.destroyed) return void res.destroy();
  openLegacy(session, caller, visit);
}

const tooManyStreams = httpFault(
  429,
  'overloaded',
  headerNames.session,
  'this agent has too many open streams',
  'close one that is no longer read, then open this one again',
);

const noResumption = httpFault(
  403,
  'no-resumption',
  headerNames.lastEvent,
  'is no event of a stream that this session can resume',
  'open a new stream without this header',
);

function openLegacy(session: Session, caller: Caller, { exchange: { res }, sessions, core }: Visit): void {
  const stream = new EventStream(res, core.limits.unsentBytesMax);
  stream.start();
  const stop = keep(stream, caller, core, {
    lists: new Set(listKinds),
    uris: session.subscribed,
    waiting: session.waiting,
    subscription: undefined,
  });
  session.closeStream = () => stream.end();
  res.on('close', () => {
    stop();
    session.closeStream = undefined;
    if (sessions.has(session)) core.audience.wait(session.waiting);
  });
}

/** The modern subscription: a POST whose response stays open (2026-07-28, "Subscriptions"). */
export async function listen(
  { exchange: { res }, core, staysOpen }: Visit,
  { request, caller, events }: Posted,
): Promise<void> {
  if (!events) return sendFault(res, noEvents);
  const signal = new Cancellation();
  res.on('close', () => signal.abort());
  const outlet = { signal, notify: () => {} };
  const opening = await openSubscription({ request, caller, outlet }, core);
  if (!opening.ok) return sendAnswer(res, request.id, opening.answer);
  const { lists, uris, waiting, acknowledgement, farewell } = opening.value;
  if (signal.aborted) return core.audience.leave(waiting);
  const stream = new EventStream(res, core.limits.unsentBytesMax);
  stream.start();
  stream.notify(acknowledgement);
  const stop = keep(stream, caller, core, { lists, uris, waiting, subscription: request.id }, farewell);
  staysOpen();
  res.on('close', stop);
}

const noEvents = httpFault(
  406,
  'not-acceptable',
  'accept',
  'must name text/event-stream',
  'send application/json, text/event-stream',
);

/** Puts a stream into the audience with a heartbeat that also asks whether its agent still stands. */
function keep(
  stream: EventStream,
  { agent, scope, ...rest }: Caller,
  core: McpCore,
  { waiting, ...wants }: Pick<Listener, 'lists' | 'uris' | 'subscription'> & { readonly waiting: Waiting },
  farewell?: string,
): () => void {
  const check = standingCheck({ agent, scope, ...rest }, core, () => stream.end());
  const end = (): void => stream.end(farewell);
  const send = (text: string): void => stream.notify(text);
  const leave = core.audience.add({ agent: agent.id, scope, ...wants, send, check, end }, waiting);
  const timer = setInterval(() => {
    void check().then(task => task && stream.beat());
  }, core.limits.heartbeatMillis);
  timer.unref();
  return () => {
    clearInterval(timer);
    leave();
  };
}
