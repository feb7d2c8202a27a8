import type { AgentId } from '@sallyport/core/model/ids.ts';
import type { McpLimits } from './limits.ts';

/**
 * What each agent has under way, on every door and connection together. A request holds memory, several times its own
 * size, from its first byte until its answer: without a bound one agent could take all that there is.
 */
export class Load {
  readonly #byAgent = new Map<AgentId, { readonly calls: number; readonly bytes: number }>();
  readonly #limits: Pick<McpLimits, 'callsPerAgentMax' | 'callBytesPerAgentMax'>;

  constructor(limits: Pick<McpLimits, 'callsPerAgentMax' | 'callBytesPerAgentMax'>) {
    this.#limits = limits;
  }

  /** Returns what takes it off again, or undefined if it is too much. One request alone is never too much. */
  begin(agent: AgentId, bytes: number): (() => void) | undefined {
    const { calls, bytes: held } = this.#of(agent);
    const { callsPerAgentMax, callBytesPerAgentMax } = this.#limits;
    if (calls >= callsPerAgentMax || (calls > 0 && held + bytes > callBytesPerAgentMax)) return undefined;
    this.#byAgent.set(agent, { calls: calls + 1, bytes: held + bytes });
    let ended = false;
    return () => {
      if (!ended) this.#end(agent, bytes);
      ended = true;
    };
  }

  #end(agent: AgentId, bytes: number): void {
    const { calls, bytes: held } = this.#of(agent);
    if (calls <= 1) this.#byAgent.delete(agent);
    else this.#byAgent.set(agent, { calls: calls - 1, bytes: held - bytes });
  }

  #of(agent: AgentId): { readonly calls: number; readonly bytes: number } {
    return this.#byAgent.get(agent) ?? { calls: 0, bytes: 0 };
  }
}
