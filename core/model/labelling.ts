import type { FieldPath } from './field-path.ts';
import type { Sensitivity } from './sensitivity.ts';

/** Who could have written something: the house itself, somebody of the organisation, or anybody. */
export type Integrity = 'first_party' | 'org' | 'external';

export const integritiesBestFirst: readonly Integrity[] = ['first_party', 'org', 'external'];

/**
 * An operator's word about what a tool returns, whatever the server says about itself. It is a part of the catalogue:
 * with it, it comes into force under one digest.
 */
export interface Labelling extends Marks {
  /** Parts of the result that are marked otherwise. Of several that name one place the last counts. */
  readonly fields: readonly FieldMarks[];
  /** The argument whose value names what is read or written, exactly: what is kept there keeps its labels by that name. */
  readonly resource: string | undefined;
  /** False: it neither keeps what it is given nor hands out what others gave the server, such as a calculator. */
  readonly stores: boolean;
}

export interface Marks extends PeopleRules {
  readonly integrity: Integrity;
  /** Undefined: nobody said. */
  readonly sensitivity: Sensitivity | undefined;
}

/**
 * Whom something concerns. A path leads from the place that is marked (`@.participants[*].email`); for all of a result that is
 * its top. What is absent is as around it.
 */
export interface PeopleRules {
  /** Whose data it is, by name or by where that stands. */
  readonly tenant?: string | FieldPath;
  /** Who may see it, besides whom the task works for: patterns such as `*@example.org`, and where it names them. */
  readonly readers?: readonly (string | FieldPath)[];
  readonly sender?: SenderRule;
}

/** Who wrote it, as far as the server can be believed about that. */
export interface SenderRule {
  readonly path: FieldPath;
  /** By exact sender, or by how one ends (`*@example.org`): what they write could be written by nobody else. */
  readonly integrity: ReadonlyMap<string, Integrity>;
}

/** What is undefined is as around it. */
export interface FieldMarks extends PeopleRules {
  readonly path: FieldPath;
  readonly integrity: Integrity | undefined;
  readonly sensitivity: Sensitivity | undefined;
}

/** What nobody said anything about: anybody could have written it, and who may read it is not known. */
export const unlabelled: Labelling = {
  integrity: 'external',
  sensitivity: undefined,
  fields: [],
  resource: undefined,
  stores: true,
};
