import type { Journal } from '@sallyport/core/mediate/ports.ts';
import type { AgentId, NewId, PrincipalId, TaskId } from '@sallyport/core/model/ids.ts';
import { type Checked, refused } from '@sallyport/core/model/refusal.ts';
import type { Acting } from './event.ts';

/** Who asks for a task on behalf of a session. The same as the room of tasks knows them. */
export type SessionOpener =
  | { readonly kind: 'prompt-hook'; readonly principal: PrincipalId; readonly fresh: boolean }
  | { readonly kind: 'workload'; readonly agent: AgentId; readonly principal: PrincipalId }
  | { readonly kind: 'holder'; readonly task: TaskId };

export interface SessionPorts {
  readonly open: (
    order: { readonly agent: AgentId; readonly purpose: string; readonly parent: TaskId | undefined },
    by: SessionOpener,
  ) => Promise<Checked<Opened>>;
  readonly isOpen: (task: TaskId) => boolean;
  readonly end: (task: TaskId, by: string, why: string) => Promise<void>;
  /** The words are the principal's, of this task. */
  readonly hear: (task: TaskId, words: string) => void;
  /** What one task has read the other goes on with. */
  readonly handOver: (from: TaskId, to: TaskId) => void;
  readonly journal: Pick<Journal, 'record'>;
  readonly newId: NewId;
}

export interface Opened {
  readonly task: TaskId;
  readonly token: string;
}

/** Whom a client's sessions are: its agent, and for whom it works. */
export interface SessionAgents {
  readonly client: string;
  readonly agent: AgentId;
  readonly subagents: AgentId | undefined;
  readonly principal: PrincipalId;
}

interface Session {
  /** The folder of its first event: an agent that goes elsewhere leaves it. */
  root: string | undefined;
  readonly fresh: boolean;
  /** It began while a command of its client was under way, and may be that command's doing. */
  readonly doubted: boolean;
  /** Whether its task was opened with its principal's words. */
  heard: boolean;
  opened: Promise<Checked<Opened>> | undefined;
  readonly subagents: Map<string, Promise<Checked<Opened>>>;
}

const sessionsMax = 1_000;
const wordsCharsMax = 4_000;

/**
 * Which task each session of a client works in. A session is one task: what its agent has read stays with it, and further
 * words of its user are heard in it. Nothing of this survives a restart: a session that goes on then has a task of its own
 * opening, with the labels of all that its agent had read, and no purpose until its user speaks again.
 */
export class Sessions {
  readonly #ports: SessionPorts;
  readonly #runsCode: (client: string) => boolean;
  readonly #sessions = new Map<string, Session>();

  /** `runsCode`: whether a command of this client is under way, in whichever session. */
  constructor(ports: SessionPorts, runsCode: (client: string) => boolean) {
    this.#ports = ports;
    this.#runsCode = runsCode;
  }

  rootOf(client: string, session: string): string | undefined {
    return this.#sessions.get(`${client} ${session}`)?.root;
  }

  begun(client: string, session: string, fresh: boolean, root: string | undefined): void {
    const known = this.#sessions.get(`${client} ${session}`);
    if (known === undefined) this.#keep(client, session, this.#newSession(client, root, fresh));
  }

  /** `alone`: no command of this session can have said it. */
  async hear(agents: SessionAgents, session: string, words: string, alone: boolean, root?: string): Promise<void> {
    const known = this.#of(agents.client, session, root);
    const counts = alone && !(known.doubted && this.#runsCode(agents.client));
    const text = words.slice(0, wordsCharsMax);
    if (text.trim() === '') return;
    const before = await known.opened;
    if (before?.ok && this.#ports.isOpen(before.value.task) && (known.heard || !counts)) {
      await this.#note(before.value.task, text, counts);
      return;
    }
    if (!counts) return;
    const { principal, agent } = agents;
    known.opened = this.#ports.open(
      { agent, purpose: text, parent: undefined },
      { kind: 'prompt-hook', principal, fresh: known.fresh && before === undefined },
    );
    const now = await known.opened;
    known.heard = now.ok;
    known.subagents.clear();
    if (!now.ok || !before?.ok) return;
    this.#ports.handOver(before.value.task, now.value.task);
    await this.#ports.end(before.value.task, 'gateway', 'its principal has spoken, in a task of their own');
  }

  /** The task in which this agent of the session acts, opened where there is none. */
  async taskFor(
    agents: SessionAgents,
    { session, root, subagent }: Pick<Acting, 'session' | 'root' | 'subagent'>,
  ): Promise<Checked<Opened>> {
    const known = this.#of(agents.client, session, root);
    known.opened ??= this.#ports.open(
      { agent: agents.agent, purpose: 'what its client did not say', parent: undefined },
      { kind: 'workload', agent: agents.agent, principal: agents.principal },
    );
    const own = await known.opened;
    if (!own.ok) known.opened = undefined;
    if (subagent === undefined || !own.ok) return own;
    const below = known.subagents.get(subagent) ?? this.#below(agents, own.value, subagent);
    known.subagents.set(subagent, below);
    const opened = await below;
    if (!opened.ok) known.subagents.delete(subagent);
    return opened;
  }

  async ended(client: string, session: string): Promise<void> {
    const known = this.#sessions.get(`${client} ${session}`);
    this.#sessions.delete(`${client} ${session}`);
    const opened = await known?.opened;
    if (opened?.ok && this.#ports.isOpen(opened.value.task))
      await this.#ports.end(opened.value.task, `client:${client}`, 'its session has ended');
  }

  /** A subagent works below the one that called it: within its bounds, and with all that it had read. */
  async #below(agents: SessionAgents, { task }: Opened, subagent: string): Promise<Checked<Opened>> {
    const { subagents: agent, principal } = agents;
    if (agent === undefined)
      return refused({
        code: 'unauthenticated',
        what: 'agent',
        why: 'no agent is configured for what this client hands on',
        fix: `an operator can name one: hooks.${agents.client}.subagents`,
      });
    const purpose = `handed on to a subagent (${subagent.slice(0, 64)})`;
    const child = await this.#ports.open({ agent, purpose, parent: task }, { kind: 'holder', task });
    // Whoever has not acted yet has nothing to hand on: then it is a task of the subagent's own.
    const opened = child.ok
      ? child
      : await this.#ports.open({ agent, purpose, parent: undefined }, { kind: 'workload', agent, principal });
    if (opened.ok) this.#ports.handOver(task, opened.value.task);
    return opened;
  }

  async #note(task: TaskId, words: string, counts: boolean): Promise<void> {
    const draft = { kind: 'task.heard', id: this.#ports.newId('e'), task, by: 'prompt-hook', counts } as const;
    await this.#ports.journal.record(draft, { words: JSON.stringify(words) });
    if (counts) this.#ports.hear(task, words);
  }

  #of(client: string, session: string, root: string | undefined): Session {
    const known =
      this.#sessions.get(`${client} ${session}`) ?? this.#keep(client, session, this.#newSession(client, root, false));
    known.root ??= root;
    return known;
  }

  #newSession(client: string, root: string | undefined, fresh: boolean): Session {
    const doubted = this.#runsCode(client);
    return { root, doubted, fresh: fresh && !doubted, heard: false, opened: undefined, subagents: new Map() };
  }

  #keep(client: string, session: string, made: Session): Session {
    this.#sessions.set(`${client} ${session}`, made);
    const oldest = this.#sessions.keys().next().value;
    if (this.#sessions.size > sessionsMax && oldest !== undefined) this.#sessions.delete(oldest);
    return made;
  }
}
