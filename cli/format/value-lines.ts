import type { Backing, Way } from '@sallyport/core/model/way.ts';
import { plainName } from '@sallyport/core/provenance/way-words.ts';
import type { FactsView } from '@sallyport/gateway/api/view/decision.ts';
import type { ValueView } from '@sallyport/gateway/api/view/value.ts';
import { valuesLeft } from '@sallyport/gateway/api/view/values-left.ts';
import { short } from './ids.ts';
import type { Paint } from './paint.ts';
import { cut, safeLine } from './safe.ts';

const clears: Readonly<Record<Backing, string>> = {
  principal: '',
  picked: '',
  field: 'cleared if the principal names it, or endorses it',
  nobody: 'cleared if the principal names it, or endorses it',
  text: 'cleared if the principal names it, or endorses it or its source',
};

/**
 * The values of which there is doubt, those that stopped the call first: what the agent sent stands in quotes, what follows is ours. Then
 * the names of those that the principal stands behind.
 */
export function valueLines(
  { values, facts }: { readonly values: readonly ValueView[]; readonly facts?: FactsView },
  paint: Paint,
): string[] {
  const ways = (facts?.flow.ways ?? []) as readonly Way[];
  const theirs = ways.filter(({ role, backing }) => backing === 'principal' && role !== 'plain' && role !== 'content');
  const names = [...new Set(theirs.map(({ argument }) => plainName(argument)))];
  const said = names.length === 0 ? [] : [paint.faint(`  the principal stands behind ${cut(names.join(', '), 200)}`)];
  const left = valuesLeft({ values, facts });
  const more =
    left === 0
      ? []
      : [paint.warn(`  and ${left} more of which there is doubt; --json has them, under facts.flow.ways`)];
  return [...values.flatMap(value => linesOf(value, paint)), ...more, ...said];
}

function linesOf({ argument, role, backing, text, entry, path = '', decides, ...shown }: ValueView, paint: Paint) {
  const name = plainName(argument);
  const mark = decides === true ? `  ${paint.warn('stopped it')}` : '';
  const place = path === '' ? '' : `at ${plainName(path)}  `;
  const see = entry === undefined ? '' : `sallyport why ${short(entry)}  `;
  const beside = `${place}${see}${clears[backing]}`.trimEnd();
  const isGood = backing === 'picked';
  return [
    `  ${paint.bold(name)} (${role})${quoted(shown)}${mark}`,
    `    ${isGood ? safeLine(text) : paint.warn(safeLine(text))}`,
    ...(beside === '' ? [] : [`    ${paint.faint(beside)}`]),
  ];
}

/** In quotes of JSON, so that nothing in it ends them; spaces in a row would look like our columns. What is left out is counted behind it. */
function quoted({ value, charsLeft = 0 }: Pick<ValueView, 'value' | 'charsLeft'>): string {
  if (value === undefined) return '';
  return ` ${safeLine(JSON.stringify(value)).replace(/(?<= ) /g, '\\u{20}')}${charsLeft === 0 ? '' : ` and ${charsLeft} characters more`}`;
}
