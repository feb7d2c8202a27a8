import { randomBytes } from 'node:crypto';
import type { AgentId, ApprovalId, Instant, PrincipalId, TaskId } from '@sallyport/core/model/ids.ts';
import type { QuestionMethod } from '@sallyport/core/model/question.ts';
import { createSeal, type Seal } from './seal.ts';

/** Of which call a state is: all of it has to be the same when the state comes back. */
export interface RoundOf {
  readonly agent: AgentId;
  readonly principal: PrincipalId;
  readonly task: TaskId;
  /** Keyed digest of method, server, tool and arguments, without answers and states. */
  readonly call: string;
}

/** What a client was asked, and what has to be known when it answers. */
export interface OpenRound extends RoundOf {
  /** Used once: a second time is a replay. */
  readonly nonce: string;
  readonly expiresAt: Instant;
  /** Who asked. What the gateway asked by itself is answered to it, and nothing of it reaches the server. */
  readonly by: 'server' | 'gateway';
  /** The questions, by the server's own keys. */
  readonly asked: Readonly<Record<string, QuestionMethod>>;
  /** The question to people, where the gateway asked about one. */
  readonly approval?: ApprovalId;
  /** The server's own state, word for word; absent if it gave none. */
  readonly state?: string;
  /** JSON text of an object: answers to the server that came before the gateway itself had to ask, */
  readonly held?: string;
  /** and what they answer. */
  readonly heldAsked?: Readonly<Record<string, QuestionMethod>>;
}

export type RoundFault = 'unreadable' | 'foreign' | 'expired' | 'used';

/** People answer questions; after this the call has to be made anew. */
export const roundMillisMax = 600_000;
/** States of one agent that were used and have not expired yet. */
const roundsUsedMax = 16_384;

/**
 * Seals what has to come back with a retry (MCP 2026-07-28, Multi Round-Trip Requests, server requirements 4 and 5): the
 * state is bound to agent, principal, task and call, has an end, and is good once. The key is the process's own, so that no
 * state outlives the memory of those that were used.
 */
export class Rounds {
  readonly #seal: Seal = createSeal(randomBytes(32), 'sallyport request state v1');
  readonly #now: () => Instant;
  /** Used nonces of each agent, with the end of their states. */
  readonly #used = new Map<AgentId, Map<string, Instant>>();

  constructor(now: () => Instant) {
    this.#now = now;
  }

  begin(round: Omit<OpenRound, 'nonce' | 'expiresAt'>): string {
    const nonce = randomBytes(12).toString('base64url');
    const open: OpenRound = { ...round, nonce, expiresAt: this.#now() + roundMillisMax };
    return this.#seal.close(JSON.stringify(open));
  }

  /** What was sealed, if it belongs to exactly this call and can still be used. */
  open(sealed: string, of: RoundOf): OpenRound | RoundFault {
    const text = this.#seal.open(sealed);
    if (text === undefined) return 'unreadable';
    // Ours: nobody else can make a text that opens.
    const round = JSON.parse(text) as OpenRound;
    const same =
      round.agent === of.agent && round.principal === of.principal && round.task === of.task && round.call === of.call;
    if (!same) return 'foreign';
    if (round.expiresAt <= this.#now()) return 'expired';
    return this.#used.get(round.agent)?.has(round.nonce) === true ? 'used' : round;
  }

  /** Takes it, synchronously: of two retries at once one is too late. `full`: too many of its agent are remembered. */
  use({ agent, nonce, expiresAt }: OpenRound): 'taken' | 'full' | undefined {
    const used = this.#used.get(agent) ?? new Map<string, Instant>();
    this.#used.set(agent, used);
    if (used.has(nonce)) return 'taken';
    if (used.size >= roundsUsedMax) forgetExpired(used, this.#now());
    if (used.size >= roundsUsedMax) return 'full';
    used.set(nonce, expiresAt);
    return undefined;
  }

  /** The call was not sent after all: the state can be used again. */
  giveBack({ agent, nonce }: OpenRound): void {
    this.#used.get(agent)?.delete(nonce);
  }
}

function forgetExpired(used: Map<string, Instant>, now: Instant): void {
  for (const [nonce, end] of used) if (end <= now) used.delete(nonce);
}
