/** What a follower tells of the one thing that it follows. */
export interface Looking {
  /** It is there. */
  readonly seen: () => void;
  readonly ended: (why: string) => void;
  readonly signal: AbortSignal;
}
