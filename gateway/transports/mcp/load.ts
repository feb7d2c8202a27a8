import type { AgentId } from '@sallyport/core/model/ids.ts';
import type { McpLimits } from './limits.ts';

type LoadLimits = Pick<McpLimits, 'callsPerAgentMax' | 'callBytesPerAgentMax' | 'unreadBytesPerAgentMax'>;

/** What an answer goes out through: a response, or a socket of many. */
interface Outgoing {
  /** Bytes that its reader has not taken. */
  readonly writableLength: number;
  destroy(): unknown;
}

interface Held {
  calls: number;
  bytes: number;
  /** What answers are on their way through, and how many; the one that has waited longest first. */
  readonly unread: Map<Outgoing, number>;
}

/**
 * What each agent has under way, on every door and connection together. A request holds memory, several times its own
 * size, from its first byte until its answer has been read: without a bound one agent could take all that there is.
 */
export class Load {
  readonly #byAgent = new Map<AgentId, Held>();
  readonly #limits: LoadLimits;

  constructor(limits: LoadLimits) {
    this.#limits = limits;
  }

  /** False if it is too much; otherwise `end` takes it off again. One request alone is never too much. */
  begin(agent: AgentId, bytes: number): boolean {
    const held = this.#byAgent.get(agent);
    if (held === undefined) {
      this.#byAgent.set(agent, { calls: 1, bytes, unread: new Map() });
      return true;
    }
    const { callsPerAgentMax, callBytesPerAgentMax } = this.#limits;
    if (held.calls >= callsPerAgentMax || held.bytes + bytes + unreadBytes(held) > callBytesPerAgentMax) return false;
    held.calls++;
    held.bytes += bytes;
    return true;
  }

  /** Its answer is written, and counts until `end`. What is answered in this very turn is seen with the next one. */
  answered(agent: AgentId, outgoing: Outgoing): void {
    const held = this.#byAgent.get(agent);
    if (held === undefined) return;
    held.unread.set(outgoing, (held.unread.get(outgoing) ?? 0) + 1);
    let over = unreadBytes(held) - this.#limits.unreadBytesPerAgentMax;
    if (over <= 0) return;
    for (const [oldest, answers] of [...held.unread]) {
      const { writableLength } = oldest;
      // One answer alone is never too much; those of a whole connection are.
      if (over <= 0 || (oldest === outgoing && answers === 1)) return;
      over -= writableLength;
      if (writableLength > 0) oldest.destroy();
    }
  }

  /** Once for each `begin` that returned true, with the same values; `outgoing` is read, or nobody is there to read it. */
  end(agent: AgentId, bytes: number, outgoing?: Outgoing): void {
    const held = this.#byAgent.get(agent);
    if (held === undefined) return;
    held.calls--;
    held.bytes -= bytes;
    const answers = outgoing && held.unread.get(outgoing);
    if (outgoing && answers !== undefined) {
      if (answers > 1) held.unread.set(outgoing, answers - 1);
      else held.unread.delete(outgoing);
    }
    if (held.calls === 0) this.#byAgent.delete(agent);
  }
}

function unreadBytes({ unread }: Held): number {
  let bytes = 0;
  for (const { writableLength } of unread.keys()) bytes += writableLength;
  return bytes;
}
