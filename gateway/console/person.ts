import type { Caller } from '../api/caller.ts';

/** Somebody who has proved who they are, by a link that an operator printed or by an identity provider; not yet signed in. */
export type Person = Omit<Caller, 'expiresAt' | 'ended'>;
