import type { EntryId, Instant } from './ids.ts';
import { isReadersLabel, nobody, type ReadersLabel } from './readers-label.ts';
import { type Sensitivity, sensitivitiesLowestFirst } from './sensitivity.ts';
import { manyTenants, type TenantLabel } from './tenant-label.ts';

/**
 * A mark on data. Labels only grow along a task, so that a set of them is a join.
 *
 * Integrity, who could have written it: nothing is first party, `org` somebody of the organisation, `untrusted` anybody,
 * which is also what nobody vouches for. Sensitivity, who may read it: `public`, `internal`, `confidential`, `secret`;
 * `unlabelled` where nobody said. Beside them: whose data it is, and by name who may see it.
 */
export type Label = PlainLabel | TenantLabel | ReadersLabel;

/** Those that say all they say by their names. */
export type PlainLabel = 'untrusted' | 'org' | 'unlabelled' | Sensitivity;

export const plainLabels: readonly PlainLabel[] = ['untrusted', 'org', 'unlabelled', ...sensitivitiesLowestFirst];

/** Where a task got a label: the entry whose result carried it. */
export interface LabelSource {
  readonly label: Label;
  readonly entry: EntryId;
  readonly server: string;
  readonly tool: string;
  readonly at: Instant;
}

/** Whose data it is, or who may see it. */
export function concernsPeople(label: Label): boolean {
  return isReadersLabel(label) || label.startsWith('tenant:');
}

/** For people: whom a result names stands in the journal by digests, which tell nobody anything. */
export function labelWord(label: Label): string {
  if (!isReadersLabel(label)) return label;
  const all = label
    .slice('readers:'.length)
    .split(',')
    .filter(one => one !== '');
  const named = all.filter(one => one.startsWith('#')).length;
  const words = [...all.filter(one => !one.startsWith('#')), ...(named === 0 ? [] : [`${named} named`])];
  return `readers:${words.length === 0 ? 'nobody' : words.join('+')}`.replace(' ', '-');
}

/** These labels, as one entry brought them. */
export function sourcesOf(labels: readonly Label[], from: Omit<LabelSource, 'label'>): LabelSource[] {
  const { entry, server, tool, at } = from;
  return labels.map(label => ({ label, entry, server, tool, at }));
}

export function labelsIn(sources: readonly LabelSource[]): Label[] {
  return sources.map(({ label }) => label);
}

/** These and those of the sources; the same list where there are none, as for most calls. */
export function withLabelsOf(labels: readonly Label[], sources: readonly LabelSource[]): readonly Label[] {
  return sources.length === 0 ? labels : [...labels, ...labelsIn(sources)];
}

/** Kinds of readers, and tenants, that one task or store tells apart; beyond, they become the one label that is at least as strict. */
export const readersLabelsMax = 16;
export const tenantLabelsMax = 16;

/** The join: the first source of each label, those that are known first. The same list if nothing is new. */
export function joinedSources(known: readonly LabelSource[], more: readonly LabelSource[]): readonly LabelSource[] {
  if (more.every(({ label }) => isImplied(label, known))) return known;
  const fresh = more.filter(
    ({ label }, at) => !isImplied(label, known) && more.findIndex(other => other.label === label) === at,
  );
  const all = [...known, ...fresh];
  return bounded(bounded(all, 'readers:', readersLabelsMax, nobody), 'tenant:', tenantLabelsMax, manyTenants);
}

/** Who lets nobody see it lets none of these; what belongs to many belongs to this one too. */
function isImplied(label: Label, known: readonly LabelSource[]): boolean {
  for (const one of known) {
    if (one.label === label || (one.label === nobody && isReadersLabel(label))) return true;
    if (one.label === manyTenants && label.startsWith('tenant:')) return true;
  }
  return false;
}

function bounded(all: readonly LabelSource[], prefix: string, max: number, strictest: Label): readonly LabelSource[] {
  const alike = all.filter(({ label }) => label.startsWith(prefix));
  const [first] = alike;
  if (first === undefined || alike.length <= max) return all;
  return [...all.filter(source => !alike.includes(source)), { ...first, label: strictest }];
}

/** What one entry brought: all its labels together, for people. */
export interface Brought extends Omit<LabelSource, 'label'> {
  readonly labels: readonly Label[];
}

/** By the entry that brought them, in the order in which they came. */
export function byEntry(sources: readonly LabelSource[]): Brought[] {
  return [...Map.groupBy(sources, ({ entry }) => entry).values()].flatMap(group => {
    const [first] = group;
    if (first === undefined) return [];
    const { label: _, ...source } = first;
    return [{ ...source, labels: group.map(({ label }) => label) }];
  });
}

/** Where an argument's value came from. `unknown` whenever nothing better can be shown. */
export type Origin = 'prompt' | 'plan' | 'approved' | 'trusted' | 'field' | 'text' | 'unknown';

/** From the best to the worst; a value of several parts has the worst of its parts. */
export const originsBestFirst: readonly Origin[] = [
  'prompt',
  'plan',
  'approved',
  'trusted',
  'field',
  'text',
  'unknown',
];

export function worstOrigin(origins: Iterable<Origin>): Origin | undefined {
  let worst = -1;
  for (const origin of origins) worst = Math.max(worst, originsBestFirst.indexOf(origin));
  return originsBestFirst[worst];
}
