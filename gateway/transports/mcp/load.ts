import type { AgentId } from '@sallyport/core/model/ids.ts';
import type { McpLimits } from './limits.ts';

/**
 * What each agent has under way, on every door and connection together. A request holds memory, several times its own
 * size, from its first byte until its answer has been read: without a bound one agent could take all that there is.
 */
export class Load {
  readonly #byAgent = new Map<AgentId, { calls: number; bytes: number }>();
  readonly #limits: Pick<McpLimits, 'callsPerAgentMax' | 'callBytesPerAgentMax'>;

  constructor(limits: Pick<McpLimits, 'callsPerAgentMax' | 'callBytesPerAgentMax'>) {
    this.#limits = limits;
  }

  /** False if it is too much; otherwise `end` takes it off again. One request alone is never too much. */
  begin(agent: AgentId, bytes: number): boolean {
    const held = this.#byAgent.get(agent);
    if (held === undefined) {
      this.#byAgent.set(agent, { calls: 1, bytes });
      return true;
    }
    const { callsPerAgentMax, callBytesPerAgentMax } = this.#limits;
    if (held.calls >= callsPerAgentMax || held.bytes + bytes > callBytesPerAgentMax) return false;
    held.calls++;
    held.bytes += bytes;
    return true;
  }

  /** Once for each `begin` that returned true, with the same values. */
  end(agent: AgentId, bytes: number): void {
    const held = this.#byAgent.get(agent);
    if (held === undefined) return;
    held.calls--;
    held.bytes -= bytes;
    if (held.calls === 0) this.#byAgent.delete(agent);
  }
}
