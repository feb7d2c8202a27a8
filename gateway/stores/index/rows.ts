import type { Entry } from '@sallyport/core/model/entry.ts';

/** What is looked for in an entry, beside the entry itself. */
export interface Subject {
  /** `seq` of the decision it follows from. */
  readonly decided: number | null;
  readonly agent: string | null;
  readonly server: string | null;
  readonly tool: string | null;
}

const generationMax = 2_048;

/**
 * The subjects of recent decisions, at least the last 2,048: what follows from a decision is filed under the same agent
 * and tool. Forgotten by the generation: a map that always loses its oldest has to look for it among those it lost before.
 */
export class RecentDecisions {
  #subjects = new Map<string, Subject>();
  #older: ReadonlyMap<string, Subject> = new Map();

  set(decision: string, subject: Subject): void {
    if (this.#subjects.size === generationMax) [this.#older, this.#subjects] = [this.#subjects, new Map()];
    this.#subjects.set(decision, subject);
  }

  get(decision: string): Subject | undefined {
    return this.#subjects.get(decision) ?? this.#older.get(decision);
  }
}

/** What the entry says of itself; undefined where it says only which decision it belongs to. */
export function ownSubject(entry: Entry): Subject | undefined {
  const agent = 'agent' in entry ? (entry.agent ?? null) : null;
  const decided = null;
  if (entry.kind === 'decided') return { decided, agent, server: entry.action.server, tool: entry.action.tool };
  if ('server' in entry && !('decision' in entry))
    return { decided, agent, server: entry.server, tool: 'tool' in entry ? entry.tool : null };
  return 'decision' in entry ? undefined : { decided, agent, server: null, tool: null };
}
