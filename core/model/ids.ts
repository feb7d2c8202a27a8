/** Ids are a prefix and 128 random bits in Crockford base 32; `newId` is a port, so that core stays pure. */

export type IdPrefix = 'd' | 'o' | 't' | 'ap' | 'w' | 'e' | 'l';

export type Id<P extends IdPrefix> = `${P}_${string}`;
export type DecisionId = Id<'d'>;
export type OutcomeId = Id<'o'>;
export type TaskId = Id<'t'>;
export type ApprovalId = Id<'ap'>;
/** A credential issued for a task. */
export type LeaseId = Id<'l'>;
/** Any other journal entry. */
export type EventId = Id<'e'>;
export type EntryId = DecisionId | OutcomeId | TaskId | ApprovalId | LeaseId | EventId;

export type NewId = <P extends IdPrefix>(prefix: P) => Id<P>;

/** Milliseconds since the epoch, from the wall clock: for records and token ends only. */
export type Instant = number;

/** `[a-z0-9-]{1,24}`: it becomes part of Cedar names, paths and tool names on `/mcp`. */
export type ServerId = string & { readonly brand?: 'server' };
export type AgentId = string & { readonly brand?: 'agent' };
/** Who a task runs for, `user:emma` or `system:nightly`. */
export type PrincipalId = string & { readonly brand?: 'principal' };

export const serverIdPattern = /^[a-z0-9][a-z0-9-]{0,23}$/;
export const agentIdPattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;
export const idPattern = /^(d|o|t|ap|w|e|l)_[0-9a-hjkmnp-tv-z]{26}$/;
