import { randomBytes } from 'node:crypto';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { AgentId, PrincipalId } from '@sallyport/core/model/ids.ts';
import type { ClientOffer } from '@sallyport/core/model/question.ts';
import { InFlight } from '../in-flight.ts';
import type { SubscribedTo } from '../incoming.ts';
import type { McpLimits } from '../limits.ts';
import type { Scope } from '../names.ts';
import { OpenQuestions } from '../questions.ts';
import { Waiting } from '../waiting.ts';
import { plainStreaming, type Streaming } from './answer.ts';
import { LateStarts } from './late-starts.ts';
import { Kept, ResumableStreams } from './resumable.ts';

/**
 * A legacy session over HTTP. It is a place to cancel and to listen, nothing more: every request proves its agent anew,
 * and the session's id proves nothing (2025-11-25, "Session Hijacking").
 */
export interface Session {
  readonly id: string;
  readonly agent: AgentId;
  /** For whom it acts by its proof: a shared agent has many people's. */
  readonly principal: PrincipalId;
  readonly scope: Scope;
  /** The negotiated protocol version. */
  readonly version: string;
  /** What the client said in its handshake that it can be asked. */
  readonly offers: ReadonlySet<ClientOffer>;
  readonly questions: OpenQuestions;
  /** Answers that are streams, as long as their client may come back for them. */
  readonly streams: ResumableStreams;
  /** Clients of earlier versions do not expect the event that says from where to resume. */
  readonly streaming: Streaming;
  readonly inFlight: InFlight;
  readonly subscribed: SubscribedTo;
  /** What changes while no GET stream is open. */
  readonly waiting: Waiting;
  /** Closes the GET stream, while one is open. */
  closeStream: (() => void) | undefined;
  usedAt: number;
}

/** Legacy sessions of this node. Idle ones go when they are looked for; an agent over its share loses its oldest idle one. */
export class Sessions {
  readonly #byId = new Map<string, Session>();
  readonly #limits: McpLimits;
  readonly #now: () => number;
  readonly #ended: (session: Session) => void;
  readonly #kept = new Kept();
  readonly late = new LateStarts();

  constructor(limits: McpLimits, now: () => number, ended: (session: Session) => void = () => {}) {
    this.#limits = limits;
    this.#now = now;
    this.#ended = ended;
  }

  /** Undefined if there is no room. */
  open(agent: Agent, scope: Scope, version: string, offers: ReadonlySet<ClientOffer>): Session | undefined {
    const own = [...this.#byId.values()].filter(session => session.agent === agent.id);
    if (own.length >= this.#limits.sessionsPerAgentMax && !this.#dropIdlest(own)) return undefined;
    if (this.#byId.size >= this.#limits.sessionsMax) this.endIdle();
    if (this.#byId.size >= this.#limits.sessionsMax) return undefined;
    const streams = new ResumableStreams(this.#kept, agent.id);
    const subscribed: SubscribedTo = new Set();
    const session: Session = {
      id: randomBytes(24).toString('base64url'),
      agent: agent.id,
      principal: agent.principal,
      scope,
      version,
      offers,
      questions: new OpenQuestions(),
      streams,
      streaming: version === '2025-11-25' ? (...stream) => streams.open(...stream) : plainStreaming,
      inFlight: new InFlight(this.#limits.callsInFlightMax),
      subscribed,
      waiting: new Waiting(agent.id, subscribed),
      closeStream: undefined,
      usedAt: this.#now(),
    };
    this.#byId.set(session.id, session);
    return session;
  }

  /** The session, if it is this agent's for this person, and was opened on this path. Another's does not exist. */
  find(id: string, { id: agent, principal }: Agent, scope: Scope): Session | undefined {
    const session = this.#byId.get(id);
    const isOwn = session?.agent === agent && session.principal === principal && sameScope(session.scope, scope);
    if (session === undefined || !isOwn) return undefined;
    if (this.#isIdle(session)) {
      this.end(session);
      return undefined;
    }
    session.usedAt = this.#now();
    return session;
  }

  end(session: Session): void {
    this.#byId.delete(session.id);
    session.inFlight.abortAll();
    session.closeStream?.();
    session.streams.dropAll();
    this.#ended(session);
  }

  has(session: Session): boolean {
    return this.#byId.get(session.id) === session;
  }

  endAll(): void {
    for (const session of [...this.#byId.values()]) this.end(session);
  }

  endIdle(): void {
    for (const session of [...this.#byId.values()]) if (this.#isIdle(session)) this.end(session);
  }

  #isIdle(session: Session): boolean {
    const busy = session.closeStream !== undefined || session.inFlight.size > 0;
    return !busy && this.#now() - session.usedAt > this.#limits.sessionIdleMillisMax;
  }

  #dropIdlest(own: readonly Session[]): boolean {
    const quiet = own.filter(session => session.closeStream === undefined && session.inFlight.size === 0);
    const oldest = quiet.sort((a, b) => a.usedAt - b.usedAt)[0];
    if (oldest !== undefined) this.end(oldest);
    return oldest !== undefined;
  }
}

function sameScope(a: Scope, b: Scope): boolean {
  return a.kind === 'one' ? b.kind === 'one' && a.server === b.server : b.kind === 'all';
}
