import type { ApprovalId } from '@sallyport/core/model/ids.ts';

/** What a door needs of the room that asks people. It decides nothing: what was answered is a fact for the next decision. */
export interface PeopleDoor {
  /** How long a call is held for an answer: where its client hears of progress meanwhile, and where it does not. */
  readonly heldSecondsMax: { readonly told: number; readonly untold: number };
  /** Resolves once the question is answered or over, or `signal` is aborted. */
  readonly settled: (approval: ApprovalId, signal: AbortSignal) => Promise<void>;
  /** The page of the question, where people sign in. It holds no secret: the agent sees it. */
  readonly pageOf: (approval: ApprovalId) => string;
  /** Whether policy lets whoever sits at the agent's own client answer it. */
  readonly isForClient: (approval: ApprovalId) => boolean;
  readonly answeredByClient: (approval: ApprovalId, word: 'approved' | 'refused') => Promise<void>;
}
