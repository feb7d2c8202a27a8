import type { EntryId } from './ids.ts';
import type { Origin } from './label.ts';

/**
 * The way of one value of a call into it: what it is for, where it was found, and who stands behind it. Holds no values;
 * they stand in the call's arguments, which are kept as a body.
 */
export interface Way {
  /** `recipients[0]`, `body`; a link inside a text is `body (link)`. */
  readonly argument: string;
  readonly role: Role;
  readonly origin: Origin;
  readonly backing: Backing;
  /** Where it was found, the most telling first; empty for the principal's own words and for `unknown`. */
  readonly found: readonly Found[];
  /** Keyed digest of the folded value: what an endorsement of this value would name. */
  readonly digest: string;
}

/**
 * What a value is for. `destination`: where something goes (addresses, accounts, hosts). `object`: which
 * thing is acted on, or who (identifiers, names, paths). `choice`: any other short value. `amount`: how much money. `command`: what is run. `content`: what is
 * written or said. `plain`: everything else (dates, quantities, choices that the schema lists).
 */
export type Role = 'destination' | 'object' | 'choice' | 'amount' | 'command' | 'content' | 'plain';

/**
 * Who stands behind a value. `principal`: it stands in the principal's words or plan, was endorsed, or comes from a
 * source that is vouched for. `picked`: a field of a record that the principal's words pick out. `field`: a whole field
 * of some other record. `nobody`: it was found nowhere (made up, computed, translated, or forgotten). `text`: it stands
 * only inside text that somebody else wrote.
 */
export type Backing = 'principal' | 'picked' | 'field' | 'nobody' | 'text';

export const backingsBestFirst: readonly Backing[] = ['principal', 'picked', 'field', 'nobody', 'text'];

export interface Found {
  /** The outcome that brought it; absent for a recorded run. */
  readonly entry: EntryId;
  readonly server: string;
  readonly tool: string;
  /** Digest of the action that read it: what an endorsement of this source would name. */
  readonly digest: string;
  /** `messages[2].sender`; empty for a text that is all there is. */
  readonly path: string;
  /** The agent has not seen it: handles stood in its place, or another task read it. Naming it would answer what it may only guess. */
  readonly unseen?: true;
}
