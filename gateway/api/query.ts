import type { Answer } from '@sallyport/core/model/decision.ts';
import type { EntriesQuery } from '@sallyport/core/model/entries-query.ts';
import { entryKinds } from '@sallyport/core/model/entry-kinds.ts';
import { didYouMean } from '@sallyport/core/model/nearest.ts';
import { pick, wrong } from './fields.ts';

const queryCharsMax = 2_048;

/** The parameters of a query, each one that the route takes. */
export type Query = ReadonlyMap<string, string>;

/** What each route takes behind its question mark; what does not stand here takes nothing. */
const parameters: Readonly<Record<string, readonly string[]>> = {
  'GET entries': ['after', 'limit', 'since', 'until', 'kind', 'agent', 'task', 'tool', 'answer', 'follow'],
  'GET tasks': ['state', 'agent', 'parent', 'limit'],
  'GET approvals': ['state'],
  'GET tools/diff': ['tool'],
  'GET can': ['agent', 'task', 'server', 'credential'],
  'GET findings': ['task'],
  'GET kinds': ['name'],
};

/** Each parameter stands at most once, and one that the route does not take is refused by name (K-13). */
export function queryOf(method: string, path: string, text: string | undefined): Query {
  const found = new Map<string, string>();
  if (text === undefined || text === '') return found;
  const known = parameters[`${method} ${path}`] ?? [];
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

export function wholeNumber(query: Query, name: string, min: number, max: number): number | undefined {
  const text = query.get(name);
  if (text === undefined) return undefined;
  const value = /^-?[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) throw wrong(`?${name}`, `must be a whole number from ${min} to ${max}`);
  return value;
}

const entriesLimitDefault = 100;
const entriesLimitMax = 1_000;

const answers: readonly Answer[] = ['permit', 'deny', 'ask'];

export function entriesQueryOf(query: Query): { readonly wanted: EntriesQuery; readonly follow: boolean } {
  const answer = query.get('answer');
  const wanted: EntriesQuery = {
    after: wholeNumber(query, 'after', -1, Number.MAX_SAFE_INTEGER),
    limit: wholeNumber(query, 'limit', 1, entriesLimitMax) ?? entriesLimitDefault,
    since: wholeNumber(query, 'since', 0, Number.MAX_SAFE_INTEGER),
    until: wholeNumber(query, 'until', 0, Number.MAX_SAFE_INTEGER),
    kinds: query
      .get('kind')
      ?.split(',')
      .map(kind => pick('?kind', kind, entryKinds)),
    agent: query.get('agent'),
    task: query.get('task'),
    tool: query.get('tool'),
    answer: answer === undefined ? undefined : pick('?answer', answer, answers),
  };
  const follow = query.has('follow') && pick('?follow', query.get('follow') ?? '', ['0', '1']) === '1';
  if (follow && wanted.until !== undefined) throw wrong('?until', 'cannot stand with follow=1, which has no end');
  return { wanted, follow };
}
