import type { Obligation } from '../model/decision.ts';
import { reachesSmallestFirst } from '../model/endorsement.ts';
import { parseRedaction } from '../model/redaction.ts';
import { sensitivitiesLowestFirst } from '../model/sensitivity.ts';
import type { PolicyInfo } from './engine.ts';

interface Known {
  readonly form: string;
  readonly takes: (value: string) => boolean;
  /** Of one that loosens: its values, those that loosen least first. */
  readonly leastFirst?: readonly string[];
}

/** Those that loosen least first. */
export const declassifiedTo = [...sensitivitiesLowestFirst].reverse().filter(level => level !== 'secret');
export const endorsedUpTo = reachesSmallestFirst.filter(reach => reach !== 'grave');

/** What the enforcer can do to a permitted action, and what it has to be told. Anything else is a deny. */
const knownObligations: Readonly<Record<string, Known>> = {
  'result-bytes-max': { form: 'NUMBER', takes: value => /^[1-9][0-9]{0,9}$/.test(value) },
  handles: { form: 'external', takes: value => value === 'external' || value === 'org' },
  'redact-result': { form: 'personal+secrets', takes: value => parseRedaction(value) !== undefined },
  'redact-arguments': { form: 'personal+secrets', takes: value => parseRedaction(value) !== undefined },
  'declassify-result': { form: 'internal', takes: isOneOf(declassifiedTo), leastFirst: declassifiedTo },
  'endorse-result': { form: 'changes', takes: isOneOf(endorsedUpTo), leastFirst: endorsedUpTo },
};

/** How they are written, for people. */
export const obligationForms: readonly string[] = Object.entries(knownObligations).map(
  ([name, { form }]) => `${name}=${form}`,
);

function isOneOf(values: readonly string[]): (value: string) => boolean {
  return value => values.includes(value);
}

export function isKnownObligation({ name, value }: Obligation): boolean {
  return knownOf(name)?.takes(value) === true;
}

/** It makes what comes back count for more than it is labelled: a policy answers for it, with a reason. */
export function isLoosening({ name }: Obligation): boolean {
  return knownOf(name)?.leastFirst !== undefined;
}

/** What loosens without anybody's reason does not: it is not understood. */
export function isUnderstood(obligation: Obligation): boolean {
  const { act } = obligation;
  return isKnownObligation(obligation) && (!isLoosening(obligation) || (act !== undefined && act.why.trim() !== ''));
}

function knownOf(name: string): Known | undefined {
  return Object.hasOwn(knownObligations, name) ? knownObligations[name] : undefined;
}

/** `result-bytes-max=65536`, several separated by commas. */
export function obligationsIn(text: string): Obligation[] {
  return text.split(',').map(part => {
    const [name = '', value = ''] = part.split('=', 2).map(word => word.trim());
    return { name, value };
  });
}

/** Of all permits that apply: all that any of them demands, and of what loosens the least. */
export function obligationsOf(infos: readonly PolicyInfo[]): readonly Obligation[] {
  if (infos.every(({ annotations }) => annotations.obligation === undefined)) return [];
  const all = infos.flatMap(({ id, annotations: { obligation, reason = '' } }) =>
    (obligation === undefined ? [] : obligationsIn(obligation)).map(one =>
      isLoosening(one) ? { ...one, act: { policy: id, why: reason } } : one,
    ),
  );
  return [...distinct(all.filter(one => !isLoosening(one))), ...least(all.filter(isLoosening))];
}

/** What two agents of a chain are each bound to binds what is done through both; what loosens does so where it would for each. */
export function bothObligations(one: readonly Obligation[], other: readonly Obligation[]): readonly Obligation[] {
  const all = [...one, ...other];
  const isOfBoth = ({ name }: Obligation): boolean => [one, other].every(list => list.some(each => each.name === name));
  return [
    ...distinct(all.filter(each => !isLoosening(each))),
    ...least(all.filter(each => isLoosening(each) && isOfBoth(each))),
  ];
}

function distinct(all: readonly Obligation[]): Obligation[] {
  return [...new Map(all.map(one => [`${one.name}=${one.value}`, one])).values()];
}

function least(all: readonly Obligation[]): Obligation[] {
  const rank = ({ name, value }: Obligation): number => knownOf(name)?.leastFirst?.indexOf(value) ?? -1;
  return [...Map.groupBy(all, ({ name }) => name).values()].map(alike =>
    alike.reduce((a, b) => (rank(b) < rank(a) ? b : a)),
  );
}
