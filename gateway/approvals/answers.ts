import type { Answered, Seconded } from '@sallyport/core/model/entry.ts';
import type { ApprovalId } from '@sallyport/core/model/ids.ts';
import type { Approval } from '@sallyport/core/task/approval.ts';
import { applyAnswered, applySeconded } from '@sallyport/core/task/approve.ts';
import type { actedBy } from '../api/caller.ts';
import type { AskingPorts } from './asking.ts';

/** Whose word it is, and of several quorums those that it counts for. */
export type Said = ReturnType<typeof actedBy> & Pick<Answered, 'quorums'>;

/** How an answer comes into the record, and into force. */
export interface Answers {
  /** A no, or a yes that is enough: a no is in force at once, a yes once it is durable. */
  readonly settle: (approval: Approval, word: Answered['answer'], why: string, acted: Said) => Promise<void>;
  /** A yes that is not enough by itself. */
  readonly second: (approval: Approval, acted: Said) => Promise<void>;
}

/** `wake`: tells those who wait that it was answered. */
export function createAnswers(
  { state, journal, newId, now }: Pick<AskingPorts, 'state' | 'journal' | 'newId' | 'now'>,
  wake: (id: ApprovalId) => void,
): Answers {
  return {
    settle: async ({ id, task, expiresAt, askedAt }, word, why, acted) => {
      const draft: Answered = {
        kind: 'answered',
        id: newId('e'),
        approval: id,
        task,
        answer: word,
        // As long as the question stood open: a late answer leaves as much time to use it as an early one.
        expiresAt: now() + (expiresAt - askedAt),
        ...acted,
        ...(why === '' ? {} : { why }),
      };
      const { at, durable } = journal.place(draft);
      if (word === 'refused') applyAnswered(state, draft, at);
      await durable;
      if (word === 'approved') applyAnswered(state, draft, at);
      wake(id);
    },
    second: async ({ id, task }, acted) => {
      const draft: Seconded = { kind: 'seconded', id: newId('e'), approval: id, task, ...acted };
      const { at, durable } = journal.place(draft);
      await durable;
      applySeconded(state, draft, at);
    },
  };
}
