import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import { type ContentFacts, contentFacts } from '@sallyport/core/facts/content.ts';
import { contentTypes } from '@sallyport/core/policy/content-type.ts';
import type { PolicyRequest } from '@sallyport/core/policy/engine.ts';
import { canReadPersonal, languageReaders } from '../../facts/readers.ts';

type ContentName = keyof ContentFacts;
type ContentValues = Readonly<Record<ContentName, Readonly<Record<string, CedarValueJson>>>>;

/** What policies were told of the arguments, in the order of the names. */
export type ContentTold = Partial<ContentValues>;

/**
 * What was read last: one action is asked about several times in a row, for its agent and for whoever delegated, and its
 * arguments are read once. A `WeakMap` would keep its values until the old generation is next collected.
 */
let newest: Read | undefined;

interface Read extends Pick<PolicyRequest, 'tool' | 'input'> {
  readonly values: ContentValues;
  told: ContentTold | undefined;
}

export function isContent(name: string): name is ContentName {
  return Object.hasOwn(contentTypes, name);
}

/** Whether it could be told. One that could not is in no request: a policy that looks at it all the same errs, and denies. */
export function isReadable(name: ContentName): boolean {
  return name !== 'personal' || canReadPersonal();
}

/**
 * What the arguments say, as facts (`context.shell`, `context.sql`, …). Read from the request itself when a policy first
 * mentions one of them: a pure function of arguments and pinned definition.
 */
export function contentOf(request: PolicyRequest): ContentValues {
  return (knownOf(request) ?? read(request)).values;
}

/** Policies are told this for the request. The very same value for the same question, so that its text need not be made anew. */
export function tell(request: PolicyRequest, told: ContentTold): void {
  const known = knownOf(request);
  if (known !== undefined) known.told = known.told === undefined ? told : both(known.told, told);
}

function both(before: ContentTold, more: ContentTold): ContentTold {
  if (before === more) return before;
  const all: { -readonly [name in ContentName]?: ContentValues[name] } = {};
  for (const name of inOrder) if (name in before || name in more) all[name] = { ...before[name], ...more[name] };
  return all;
}

const inOrder = (Object.keys(contentTypes) as ContentName[]).sort();

/**
 * What policies were told for this request: it goes into the record, so that it can be shown what was decided on. What they were
 * not told is left out: it repeats arguments, and whoever shows the one must not show the other with it.
 */
export function contentTold(request: PolicyRequest): ContentTold {
  return knownOf(request)?.told ?? nothing;
}

const nothing: ContentTold = {};

function read({ tool, input }: PolicyRequest): Read {
  // Each value is a string, number, flag or list of strings: exactly what the engine takes.
  const values = contentFacts(tool, input, languageReaders) as unknown as ContentValues;
  newest = { tool, input, values, told: undefined };
  return newest;
}

function knownOf({ tool, input }: PolicyRequest): Read | undefined {
  return newest?.input === input && newest.tool === tool ? newest : undefined;
}
