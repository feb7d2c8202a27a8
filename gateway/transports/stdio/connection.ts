import type { Socket } from 'node:net';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { CallSignal } from '@sallyport/core/model/call-signal.ts';
import type { AgentId } from '@sallyport/core/model/ids.ts';
import { callJsonLimits, type JsonObject } from '@sallyport/core/model/json.ts';
import type { Listener } from '../mcp/audience.ts';
import { type McpCore, noteRejected } from '../mcp/core.ts';
import { dispatch } from '../mcp/dispatch.ts';
import { InFlight, inFlightFault } from '../mcp/in-flight.ts';
import type { Caller, Outlet, Request, SubscribedTo } from '../mcp/incoming.ts';
import { meetingFor, outwaited } from '../mcp/meeting.ts';
import { OpenQuestions } from '../mcp/questions.ts';
import { type Answer, refusalAnswer, responseText } from '../mcp/render.ts';
import { authenticate } from '../mcp/standing.ts';
import { openSubscription, standingCheck } from '../mcp/subscribe.ts';
import { refuseRequest, turnAway } from '../mcp/turn-away.ts';
import { eraOf } from '../mcp/wire/era.ts';
import { oneLine } from '../mcp/wire/event-stream.ts';
import { invalidRequest, type Malformed } from '../mcp/wire/malformed.ts';
import { cancelledId, type NotificationMessage, type RequestMessage, readMessage } from '../mcp/wire/message.ts';
import { readMeta } from '../mcp/wire/meta.ts';
import { notificationFault } from '../mcp/wire/methods.ts';
import { offersOf } from '../mcp/wire/offers.ts';
import { type Era, listKinds } from '../mcp/wire/protocol.ts';
import type { Hello } from './hello.ts';

/** One MCP connection over stdio, after its hello: both eras, by the same table as over HTTP. */
export class Connection {
  readonly #socket: Socket;
  readonly #hello: Hello;
  readonly #core: McpCore;
  readonly #inFlight: InFlight;
  readonly #subscribed: SubscribedTo = new Set();
  readonly #questions = new OpenQuestions();
  #offers: Caller['offers'] = new Set();
  readonly #closers = new Set<() => void>();
  readonly #unread: (() => void)[] = [];
  /** The handshake of the legacy era has been answered. */
  #greeted = false;

  constructor(socket: Socket, hello: Hello, core: McpCore) {
    this.#socket = socket;
    this.#hello = hello;
    this.#core = core;
    this.#inFlight = new InFlight(core.limits.callsInFlightMax);
  }

  /** One line. The proof is checked for each: a secret that was withdrawn works no longer, on open connections too. */
  async receive(frame: Buffer): Promise<void> {
    if (frame.length === 0) return;
    const agent = await authenticate(this.#hello.proof, this.#core);
    const message = readMessage(frame, callJsonLimits);
    if (!agent.ok) {
      noteRejected(this.#core, 'mcp-stdio', agent.refusal.code, agent.refusal.what, undefined);
      const id = message.ok && message.value.kind === 'request' ? message.value.id : undefined;
      return this.#send(responseText(id, refusalAnswer(agent.refusal, '', 'modern')));
    }
    if (!message.ok) return this.#refuse(message.malformed, agent.value, message.malformed.id);
    switch (message.value.kind) {
      case 'request':
        return this.#request(message.value, frame.length, agent.value);
      case 'notification':
        return this.#notification(message.value, agent.value);
      case 'response':
        if (this.#questions.settle(message.value)) return;
        // There is no answer to an answer: it is written down and dropped.
        return noteRejected(this.#core, 'mcp-stdio', 'malformed', 'result', agent.value);
    }
  }

  /** The other side has gone: whatever is under way is cancelled. */
  close(): void {
    this.#inFlight.abortAll();
    this.drained();
    for (const close of [...this.#closers]) close();
  }

  /** A frame without an end, after which nothing on this connection can be trusted to begin where it seems to. */
  refuseFrame(bytesMax: number): void {
    const malformed = invalidRequest('body', `a line is longer than ${bytesMax} bytes`);
    noteRejected(this.#core, 'mcp-stdio', 'malformed', 'body', undefined);
    this.#send(responseText(undefined, turnedAway(malformed)));
  }

  async #request(message: RequestMessage, bytes: number, agent: Agent): Promise<void> {
    const meta = readMeta(message.params);
    if (!meta.ok) return this.#refuse(meta.malformed, agent, message.id);
    const era = eraOf(meta.value, 'none');
    if (!era.ok) return this.#refuse(era.malformed, agent, message.id);
    if (era.value === 'legacy' && !this.#greeted && message.method !== 'initialize')
      return this.#refuse(invalidRequest('method', 'comes before initialize'), agent, message.id);
    const { id, method, params } = message;
    const { progressToken, logLevel, taskToken } = meta.value;
    const request: Request = { id, method, params, bytes, progressToken, logLevel };
    const caller = this.#caller(agent, era.value, taskToken, meta.value.capabilities);
    const cancellation = this.#inFlight.begin(id);
    const isTaken = typeof cancellation !== 'string' && this.#core.load.begin(agent.id, bytes);
    // An answer under the same id would be taken for the answer to the request that holds it.
    if (cancellation === 'taken') return this.#refuse(inFlightFault, agent, undefined);
    if (cancellation === 'full' || !isTaken) {
      if (cancellation !== 'full') this.#inFlight.end(id);
      const refusal = {
        code: 'overloaded',
        what: method,
        why: 'too many requests are under way',
        fix: 'wait for answers before you send more',
      } as const;
      return this.#send(responseText(id, refuseRequest(refusal, request, caller, this.#core)));
    }
    try {
      if (method === 'subscriptions/listen') await this.#listen(request, caller, cancellation);
      else await this.#answer(request, caller, cancellation);
    } finally {
      this.#inFlight.end(id);
      this.#onceRead(agent.id, bytes);
    }
  }

  /** What is written and not read stays in memory, and its request under way. */
  #onceRead(agent: AgentId, bytes: number): void {
    const { load } = this.#core;
    if (!this.#socket.writableNeedDrain) return void load.end(agent, bytes);
    this.#unread.push(() => load.end(agent, bytes, this.#socket));
    load.answered(agent, this.#socket);
  }

  /** All answers so far have been read, or nobody is there any more to read them. */
  drained(): void {
    for (const work of this.#unread.splice(0)) work();
  }

  async #answer(request: Request, caller: Caller, signal: CallSignal): Promise<void> {
    const meeting = meetingFor(request, caller.scope, this.#core.meeting);
    if (meeting !== undefined && !(await outwaited(meeting, signal))) return;
    const notify = (text: string): void => this.#notify(text, signal);
    const ask: Outlet['ask'] = (method, params) =>
      this.#questions.put(text => this.#send(text), method, params, signal);
    const outlet: Outlet = { signal, notify, ...(caller.era === 'legacy' ? { ask } : {}) };
    const answer = await dispatch({ request, caller, outlet }, this.#core);
    // "MUST NOT send any further messages for it" (2026-07-28, stdio, "Cancellation").
    if (signal.aborted) return;
    this.#send(responseText(request.id, answer));
    if (request.method === 'initialize' && answer.kind === 'result' && !this.#greeted) this.#greet(caller, request);
  }

  /** A legacy connection hears of changes from its handshake on. */
  #greet(caller: Caller, { params }: Request): void {
    this.#greeted = true;
    this.#offers = offersOf(params.members.get('capabilities'));
    const leave = this.#core.audience.add({
      agent: caller.agent.id,
      scope: caller.scope,
      lists: new Set(listKinds),
      uris: this.#subscribed,
      subscription: undefined,
      send: text => this.#notify(text),
      check: standingCheck(caller, this.#core, () => this.#socket.destroy()),
      end: () => {},
    });
    this.#closers.add(leave);
  }

  /** Open until it is cancelled, the connection closes, or the gateway ends it. */
  async #listen(request: Request, caller: Caller, signal: CallSignal): Promise<void> {
    const outlet = { signal, notify: () => {} };
    const opening = await openSubscription({ request, caller, outlet }, this.#core);
    if (!opening.ok) return this.#send(responseText(request.id, opening.answer));
    const { lists, uris, waiting, acknowledgement, farewell } = opening.value;
    if (signal.aborted) return this.#core.audience.leave(waiting);
    this.#send(acknowledgement);
    await new Promise<void>(resolve => {
      const listener: Listener = {
        agent: caller.agent.id,
        scope: caller.scope,
        lists,
        uris,
        subscription: request.id,
        send: text => this.#notify(text),
        check: standingCheck(caller, this.#core, () => this.#socket.destroy()),
        end: () => {
          this.#send(farewell);
          // "A server MUST send `notifications/cancelled` […] when it tears down that subscription stream" (Cancellation).
          this.#send(cancelledText(request.id));
          leave();
          resolve();
        },
      };
      const leave = this.#core.audience.add(listener, waiting);
      signal.addEventListener('abort', () => {
        leave();
        resolve();
      });
    });
  }

  #notification(message: NotificationMessage, agent: Agent): void {
    const meta = readMeta(message.params);
    const fault = meta.ok ? notificationFault(message.method, message.params) : meta.malformed;
    // A notification has no answer, not even a refusal.
    if (fault !== undefined) noteRejected(this.#core, 'mcp-stdio', 'malformed', fault.field, agent);
    else if (message.method === 'notifications/cancelled') this.#inFlight.cancel(cancelledId(message.params));
  }

  #caller(agent: Agent, era: Era, taskToken: string | undefined, capabilities: JsonObject | undefined): Caller {
    const { proof, scope, taskToken: own } = this.#hello;
    const caller: Caller = {
      door: 'mcp-stdio',
      proof,
      agent,
      scope,
      era,
      taskToken: taskToken ?? own,
      offers: offersOf(capabilities),
    };
    return era === 'legacy' ? { ...caller, subscribed: this.#subscribed, offers: this.#offers } : caller;
  }

  #refuse(malformed: Malformed, agent: Agent, id: string | undefined): void {
    this.#send(responseText(id, turnAway(malformed, { door: 'mcp-stdio', agent }, this.#core)));
  }

  #notify(text: string, signal?: CallSignal): void {
    if (!signal?.aborted && this.#socket.writableLength <= this.#core.limits.unsentBytesMax) this.#send(text);
  }

  #send(text: string): void {
    if (this.#socket.writable) this.#socket.write(`${oneLine(text)}\n`);
  }
}

function cancelledText(id: string): string {
  return `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id}}}`;
}

function turnedAway({ code, field, why }: Malformed): Answer {
  return { kind: 'error', status: 400, text: JSON.stringify({ code, message: `${field}: ${why}` }) };
}
