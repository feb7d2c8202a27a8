import type { Label } from '../../model/label.ts';
import {
  type FieldMarks,
  type Integrity,
  integritiesBestFirst,
  type Labelling,
  type Marks,
} from '../../model/labelling.ts';
import { type Sensitivity, sensitivitiesLowestFirst, sensitivityRank } from '../../model/sensitivity.ts';
import { labellingOf, type Tool } from '../../model/tool.ts';
import { worstPeople } from './people.ts';

/** What content is marked with about which nobody says anything. */
export const worstLabels: readonly Label[] = ['untrusted', 'unlabelled'];

/** The labels of one piece of content. */
export function labelsFor({ integrity, sensitivity }: Pick<Marks, 'integrity' | 'sensitivity'>): readonly Label[] {
  return labelsOfMarks[integrity][sensitivity ?? 'unlabelled'];
}

/** Asked for in each call: made once. */
const labelsOfMarks = {
  first_party: besideEachSensitivity([]),
  org: besideEachSensitivity(['org']),
  external: besideEachSensitivity(['untrusted']),
} as const satisfies Readonly<Record<Integrity, unknown>>;

function besideEachSensitivity(
  labels: readonly Label[],
): Readonly<Record<Sensitivity | 'unlabelled', readonly Label[]>> {
  return {
    ...{ public: [...labels, 'public'], internal: [...labels, 'internal'] },
    ...{ confidential: [...labels, 'confidential'], secret: [...labels, 'secret'] },
    unlabelled: [...labels, 'unlabelled'],
  };
}

/**
 * What a tool's errors, progress and questions are marked with, and a result that cannot be taken apart: each label that
 * anything it says could have.
 */
export function labelsOf(tool: Tool): readonly Label[] {
  const labelling = labellingOf(tool);
  const known = labelsKnown.get(labelling);
  if (known !== undefined) return known;
  const labels = labelsIn(labelling);
  labelsKnown.set(labelling, labels);
  return labels;
}

/** Asked for several times in each call. */
const labelsKnown = new WeakMap<Labelling, readonly Label[]>();

function labelsIn(labelling: Labelling): readonly Label[] {
  const parts = labelling.fields.map(field => marksAround(labelling, field));
  const people = [labelling, ...labelling.fields].flatMap(worstPeople);
  return [...new Set([...[labelling, ...parts].flatMap(labelsFor), ...people])];
}

/** Nobody outside writes any of what the tool returns, as far as its server goes. */
export function vouchesForAll(tool: Tool): boolean {
  const { integrity, fields, sender } = labellingOf(tool);
  if (sender !== undefined || fields.some(field => field.sender !== undefined)) return false;
  return integrity === 'first_party' && fields.every(field => (field.integrity ?? integrity) === integrity);
}

/** A field's own marks; what they leave open is as around it. */
export function marksAround(
  around: Pick<Marks, 'integrity' | 'sensitivity'>,
  own: FieldMarks,
): Pick<Marks, 'integrity' | 'sensitivity'> {
  return { integrity: own.integrity ?? around.integrity, sensitivity: own.sensitivity ?? around.sensitivity };
}

export interface Ranks {
  /** 0 first party, 1 organisation, 2 external. */
  readonly integrity: number;
  /** As `sensitivityRank`: of what somebody labelled. */
  readonly sensitivity: number;
  /** False once the task holds anything whose sensitivity nobody stated. */
  readonly sensitivityKnown: boolean;
}

/** Integrity and sensitivity of a task: the join of all its labels. */
export function ranksOf(labels: ReadonlySet<Label>): Ranks {
  const integrity: Integrity = labels.has('untrusted') ? 'external' : labels.has('org') ? 'org' : 'first_party';
  const highest = highestOf(labels);
  return {
    integrity: integritiesBestFirst.indexOf(integrity),
    sensitivity: rankOf(highest),
    // Entries of before `unlabelled` was written down say nothing of it beside `untrusted`.
    sensitivityKnown: !labels.has('unlabelled') && (labels.size === 0 || highest !== undefined),
  };
}

/** 0 where nobody labelled anything. */
export function highestRank(labels: Iterable<Label>): number {
  return rankOf(highestOf(labels));
}

function rankOf(highest: Sensitivity | undefined): number {
  return highest === undefined ? 0 : sensitivityRank(highest);
}

export function sensitivitiesOf(labels: Iterable<Label>): Sensitivity[] {
  return [...labels].filter((label): label is Sensitivity =>
    sensitivitiesLowestFirst.some(sensitivity => sensitivity === label),
  );
}

/** The most sensitive of these labels; undefined where none says how sensitive. */
export function highestOf(labels: Iterable<Label>): Sensitivity | undefined {
  let highest = -1;
  for (const label of labels) {
    const rank = sensitivityRank(label as Sensitivity);
    if (rank > highest) highest = rank;
  }
  return sensitivitiesLowestFirst[highest];
}
