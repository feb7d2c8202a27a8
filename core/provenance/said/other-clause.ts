import type { Tool } from '../../model/tool.ts';
import type { Way } from '../../model/way.ts';
import { clausesOf } from '../../purpose/clauses.ts';
import type { Sink } from '../call/sinks.ts';
import { isUnit, type Words } from './words.ts';

/**
 * `Mail me the report and delete the draft`: the report is theirs, and not to delete. Of a call that destroys, all whose
 * objects stand in clauses of other acts alone, while each clause that wants something removed names that something, nobody said
 * that it be done to these.
 */
export function withoutOtherClauses(
  ways: readonly Way[],
  sinks: readonly Sink[],
  { classes }: Tool,
  words: Words,
): readonly Way[] {
  return classes.includes('destructive') ? withoutOthers(ways, sinks, words) : ways;
}

function withoutOthers(ways: readonly Way[], sinks: readonly Sink[], words: Words): readonly Way[] {
  const isNamed = (at: number): boolean => ways[at]?.role === 'object' && ways[at]?.origin === 'prompt';
  const named = sinks.filter((_, at) => isNamed(at));
  if (named.length === 0) return ways;
  const clauses = clausesOf(words.folded);
  const removing = clauses.filter(({ acts }) => acts.has('remove'));
  const others = clauses.filter(({ acts }) => !acts.has('remove'));
  const says = ({ text }: { readonly text: string }): boolean => named.some(({ folded }) => isUnit(text, folded));
  if (removing.length === 0 || removing.some(says) || !others.some(says)) return ways;
  // `Find the old ones and remove them.`
  if (!removing.every(({ text }) => words.names().some(name => isUnit(text, name)) && !pronoun.test(text))) return ways;
  return ways.map((way, at) => (isNamed(at) ? { ...way, origin: 'unknown', backing: 'nobody' } : way));
}

const pronoun = /\s(?:it|its|them|they|this|that|these|those|both|all|each|every|everything|one|ones|others?|rest)\s/;
