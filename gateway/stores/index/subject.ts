import type { EntryDraft, EntryKind } from '@sallyport/core/model/entry.ts';
import { nameOf } from './name.ts';
import { hashOf, type RowSubject } from './rows.ts';

/** What entries of some kind or other say of themselves, as far as it is looked for. */
export interface Said {
  readonly kind: EntryKind;
  readonly id: string;
  readonly task?: string;
  readonly agent?: string;
  readonly server?: string;
  readonly tool?: string;
  readonly action?: { readonly server: string; readonly tool: string };
  readonly answer?: string;
  readonly decision?: string;
  readonly approval?: string;
}

export function said(entry: EntryDraft): Said {
  return entry as Said;
}

/** Of whom and what an entry is that follows from no decision. */
export function ownSubject(entry: Said): Pick<Said, 'agent' | 'server' | 'tool'> {
  const { server, tool } = entry.kind === 'decided' ? (entry.action ?? entry) : entry;
  return { ...(entry.agent && { agent: entry.agent }), ...(server && { server }), ...(server && tool && { tool }) };
}

export function ownRow(entry: Said): RowSubject {
  const { server, tool } = entry.kind === 'decided' ? (entry.action ?? entry) : entry;
  const ofServer = server === undefined ? undefined : tool;
  return { agent: hashOf(entry.agent), server: hashOf(server), tool: hashOf(ofServer), decided: 0 };
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
    const [agent = 0, server = 0, tool = 0, decided = 0] = this.#numbers.subarray(4 * slot, 4 * slot + 4);
    return { agent, server, tool, decided };
  }
}

function slotOf(id: string): number {
  return nameOf(id).mark % slots;
}
