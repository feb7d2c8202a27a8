import { nameOf } from './name.ts';
import { hashOf, type RowSubject } from './rows.ts';
import { ownSubject, type Said } from './said.ts';

/** Of an entry that follows from no decision. */
export function ownRow(entry: Said): RowSubject {
  const { agent, server, tool } = ownSubject(entry);
  return { agent: hashOf(agent), server: hashOf(server), tool: hashOf(tool), decided: 0 };
}

export const nobody: RowSubject = { agent: 0, server: 0, tool: 0, decided: 0 };

const slots = 4_096;

/**
 * The subjects of most of the last 4,096 decisions: what follows from a decision is filed under the same agent and tool. Each has
 * the one slot that its id names, and is forgotten when another takes it.
 */
export class RecentDecisions {
  readonly #ids: string[] = new Array<string>(slots).fill('');
  readonly #numbers = new Uint32Array(4 * slots);

  set(decision: string, { agent, server, tool, decided }: RowSubject): void {
    const slot = slotOf(decision);
    this.#ids[slot] = decision;
    this.#numbers[4 * slot] = agent;
    this.#numbers[4 * slot + 1] = server;
    this.#numbers[4 * slot + 2] = tool;
    this.#numbers[4 * slot + 3] = decided;
  }

  get(decision: string): RowSubject | undefined {
    const slot = slotOf(decision);
    if (this.#ids[slot] !== decision) return undefined;
    const at = 4 * slot;
    const numbers = this.#numbers;
    return {
      agent: numbers[at] as number,
      server: numbers[at + 1] as number,
      tool: numbers[at + 2] as number,
      decided: numbers[at + 3] as number,
    };
  }
}

function slotOf(id: string): number {
  return nameOf(id).mark % slots;
}
