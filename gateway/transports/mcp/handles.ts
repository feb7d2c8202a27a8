import type { Digest } from '@sallyport/core/model/action.ts';
import type { AgentId, ServerId, TaskId } from '@sallyport/core/model/ids.ts';
import type { QuestionMethod } from '@sallyport/core/model/question.ts';
import { createSeal, type Seal } from './seal.ts';

/** A task of the protocol (`mcpTask`), and whose it is. */
export interface TaskHandle {
  readonly server: ServerId;
  /** The server's own id, word for word. */
  readonly mcpTask: string;
  readonly agent: AgentId;
  readonly task: TaskId;
}

const letters: Readonly<Record<QuestionMethod, string>> = {
  'elicitation/create': 'e',
  'sampling/createMessage': 's',
  'roots/list': 'r',
};

/**
 * The ids under which an agent knows protocol tasks (extension `io.modelcontextprotocol/tasks`): sealed, so that they say
 * nothing, and bound to agent and task, so that another's is as good as none. Nothing is remembered: the key is derived
 * from the installation's own, and ids outlive a restart as the server's tasks do.
 */
export class Handles {
  readonly #seal: Seal;
  readonly #digest: Digest;

  /** `digest` is keyed with this installation's key, and gives 32 bytes. */
  constructor(digest: Digest) {
    this.#digest = digest;
    this.#seal = createSeal(Buffer.from(digest('sallyport handle key v1'), 'base64url'), 'sallyport task handle v1');
  }

  close({ server, mcpTask, agent, task }: TaskHandle): string {
    return this.#seal.close(JSON.stringify([server, mcpTask, agent, task]));
  }

  /** Undefined: there is no such task for this agent in this task. */
  open(sealed: string, agent: AgentId, task: TaskId): TaskHandle | undefined {
    const text = this.#seal.open(sealed);
    if (text === undefined) return undefined;
    const [server, mcpTask, ofAgent, ofTask] = JSON.parse(text) as [ServerId, string, AgentId, TaskId];
    return ofAgent === agent && ofTask === task ? { server, mcpTask, agent, task } : undefined;
  }

  /** The key under which a task's question is shown: the same each time, and it says what kind of answer it takes. */
  questionKey(handle: TaskHandle, method: QuestionMethod, key: string): string {
    return `${letters[method]}.${this.#tag(handle, letters[method], key)}.${key}`;
  }

  /** What an answer under such a key answers; undefined if this task never asked under it. */
  questionOf(handle: TaskHandle, shown: string): { readonly method: QuestionMethod; readonly key: string } | undefined {
    const [, letter = '', tag, key = ''] = /^([esr])\.([A-Za-z0-9_-]{22})\.(.*)$/s.exec(shown) ?? [];
    const found = Object.entries(letters).find(([, one]) => one === letter);
    if (found === undefined || tag !== this.#tag(handle, letter, key)) return undefined;
    return { method: found[0] as QuestionMethod, key };
  }

  #tag({ server, mcpTask, task }: TaskHandle, letter: string, key: string): string {
    const text = JSON.stringify([server, mcpTask, task, letter, key]);
    return this.#digest(`sallyport task question v1\n${text}`).slice(0, 22);
  }
}
