import type { Answer } from '@sallyport/core/model/decision.ts';
import type { EntriesQuery } from '@sallyport/core/model/entries-query.ts';
import { entryKinds } from '@sallyport/core/model/entry-kinds.ts';
import { didYouMean } from '@sallyport/core/model/nearest.ts';
import { pick, wrong } from './fields.ts';

const queryCharsMax = 2_048;

/** The parameters of a query, each at most once and each one that the route knows. */
export function parseQuery(text: string | undefined, known: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (text === undefined || text === '') return found;
  if (text.length > queryCharsMax) throw wrong('query', `must not be longer than ${queryCharsMax} characters`);
  for (const [name, value] of new URLSearchParams(text)) {
    if (!known.includes(name))
      throw wrong(
        `?${name.slice(0, 32)}`,
        `is not known here${didYouMean(name, known)}`,
        known.length === 0 ? 'this route takes no query' : `this route takes ${known.join(', ')}`,
      );
    if (found.has(name)) throw wrong(`?${name}`, 'stands twice');
    found.set(name, value);
  }
  return found;
}

export function wholeNumber(
  query: ReadonlyMap<string, string>,
  name: string,
  min: number,
  max: number,
): number | undefined {
  const text = query.get(name);
  if (text === undefined) return undefined;
  const value = /^-?[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) throw wrong(`?${name}`, `must be a whole number from ${min} to ${max}`);
  return value;
}

const entriesLimitDefault = 100;
const entriesLimitMax = 1_000;

const answers: readonly Answer[] = ['permit', 'deny', 'ask'];

const entriesParameters = ['after', 'limit', 'kind', 'agent', 'task', 'tool', 'answer', 'follow'];

export function parseEntriesQuery(text: string | undefined): {
  readonly query: EntriesQuery;
  readonly follow: boolean;
} {
  const found = parseQuery(text, entriesParameters);
  const answer = found.get('answer');
  const query: EntriesQuery = {
    after: wholeNumber(found, 'after', -1, Number.MAX_SAFE_INTEGER),
    limit: wholeNumber(found, 'limit', 1, entriesLimitMax) ?? entriesLimitDefault,
    kinds: found
      .get('kind')
      ?.split(',')
      .map(kind => pick('?kind', kind, entryKinds)),
    agent: found.get('agent'),
    task: found.get('task'),
    tool: found.get('tool'),
    answer: answer === undefined ? undefined : pick('?answer', answer, answers),
  };
  return { query, follow: found.has('follow') && pick('?follow', found.get('follow') ?? '', ['0', '1']) === '1' };
}
