import type { Entry } from '@sallyport/core/model/entry.ts';

/** What is looked for in an entry, beside the entry itself. */
export interface Subject {
  readonly agent: string | null;
  readonly server: string | null;
  readonly tool: string | null;
}

const recentMax = 4_096;

/** The subjects of recent decisions: what follows from a decision is filed under the same agent and tool. */
export class RecentDecisions {
  readonly #subjects = new Map<string, Subject>();

  set(decision: string, subject: Subject): void {
    this.#subjects.set(decision, subject);
    if (this.#subjects.size <= recentMax) return;
    const [oldest] = this.#subjects.keys();
    if (oldest !== undefined) this.#subjects.delete(oldest);
  }

  get(decision: string): Subject | undefined {
    return this.#subjects.get(decision);
  }
}

/** What the entry says of itself; undefined where it says only which decision it belongs to. */
export function ownSubject(entry: Entry): Subject | undefined {
  const agent = 'agent' in entry ? (entry.agent ?? null) : null;
  if (entry.kind === 'decided') return { agent, server: entry.action.server, tool: entry.action.tool };
  if ('server' in entry) return { agent, server: entry.server, tool: entry.tool };
  return 'decision' in entry ? undefined : { agent, server: null, tool: null };
}
