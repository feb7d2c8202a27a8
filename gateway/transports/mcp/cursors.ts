import type { Digest } from '@sallyport/core/model/action.ts';
import type { AgentId, ServerId, TaskId } from '@sallyport/core/model/ids.ts';
import { createSeal, type Seal } from './seal.ts';

/** Where one server's list goes on; the first page has no cursor. */
export interface Page {
  readonly server: ServerId;
  readonly cursor: string | undefined;
}

/** Whose cursors they are. */
export interface CursorsOf {
  readonly agent: AgentId;
  readonly task: TaskId;
}

/** Of one server's own cursor; a list whose next page has a longer name ends there. */
export const cursorCharsMax = 4_096;

/**
 * The cursors under which an agent goes on with a list: the servers' own, sealed, and bound to agent and task. A list is what every
 * client asks of every server, and crosses into no segment; a cursor that an agent could write would be an argument of it, and
 * carry what was read at one server to whoever runs another. Nothing is remembered: the key is derived from the installation's own.
 */
export class Cursors {
  readonly #seal: Seal;

  /** `digest` is keyed with this installation's key, and gives 32 bytes. */
  constructor(digest: Digest) {
    this.#seal = createSeal(Buffer.from(digest('sallyport cursor key v1'), 'base64url'), 'sallyport list cursor v1');
  }

  /** Undefined: there is nothing to go on with. */
  close(pages: readonly Page[], { agent, task }: CursorsOf): string | undefined {
    const more = pages.flatMap(({ server, cursor }) =>
      cursor === undefined || cursor.length > cursorCharsMax ? [] : [[server, cursor]],
    );
    return more.length === 0 ? undefined : this.#seal.close(JSON.stringify([agent, task, more]));
  }

  /** Undefined: it is not one that this agent was given in this task. */
  open(sealed: string, of: CursorsOf): readonly Page[] | undefined {
    const text = this.#seal.open(sealed);
    if (text === undefined) return undefined;
    const [agent, task, more] = JSON.parse(text) as [AgentId, TaskId, readonly [ServerId, string][]];
    return agent === of.agent && task === of.task ? more.map(([server, cursor]) => ({ server, cursor })) : undefined;
  }
}
