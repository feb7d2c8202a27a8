import type { Obligation } from '../model/decision.ts';
import { parseRedaction } from '../model/redaction.ts';
import type { PolicyInfo } from './engine.ts';

/** What the enforcer can do to a permitted action, and what it has to be told. Anything else is a deny. */
const knownObligations: Readonly<
  Record<string, { readonly form: string; readonly takes: (value: string) => boolean }>
> = {
  'result-bytes-max': { form: 'NUMBER', takes: value => /^[1-9][0-9]{0,9}$/.test(value) },
  handles: { form: 'external', takes: value => value === 'external' || value === 'org' },
  'redact-result': { form: 'personal+secrets', takes: value => parseRedaction(value) !== undefined },
  'redact-arguments': { form: 'personal+secrets', takes: value => parseRedaction(value) !== undefined },
};

/** How they are written, for people. */
export const obligationForms: readonly string[] = Object.entries(knownObligations).map(
  ([name, { form }]) => `${name}=${form}`,
);

export function isKnownObligation({ name, value }: Obligation): boolean {
  return Object.hasOwn(knownObligations, name) && knownObligations[name]?.takes(value) === true;
}

/** `result-bytes-max=65536`, several separated by commas. */
export function obligationsIn(text: string): Obligation[] {
  return text.split(',').map(part => {
    const [name = '', value = ''] = part.split('=', 2).map(word => word.trim());
    return { name, value };
  });
}

/** Of all permits that apply, all that any of them demands. */
export function obligationsOf(infos: readonly PolicyInfo[]): Obligation[] {
  return distinct(
    infos.flatMap(({ annotations: { obligation } }) => (obligation === undefined ? [] : obligationsIn(obligation))),
  );
}

/** What two agents of a chain are each bound to binds what is done through both. */
export function bothObligations(one: readonly Obligation[], other: readonly Obligation[]): readonly Obligation[] {
  return other.length === 0 ? one : distinct([...one, ...other]);
}

function distinct(all: readonly Obligation[]): Obligation[] {
  return [...new Map(all.map(one => [`${one.name}=${one.value}`, one])).values()];
}
