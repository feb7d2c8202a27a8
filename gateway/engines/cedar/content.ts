import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import { type ContentFacts, contentFacts } from '@sallyport/core/facts/content.ts';
import { contentTypes } from '@sallyport/core/policy/content-type.ts';
import type { PolicyRequest } from '@sallyport/core/policy/engine.ts';
import { canReadPersonal, languageReaders } from '../../facts/readers.ts';

type ContentName = keyof ContentFacts;
type ContentValues = Readonly<Record<ContentName, Readonly<Record<string, CedarValueJson>>>>;

/**
 * What was read last: one action is asked about several times in a row, for its agent and for whoever delegated, and its
 * arguments are read once. A `WeakMap` would keep its values until the old generation is next collected.
 */
let newest: Read | undefined;

interface Read extends Pick<PolicyRequest, 'tool' | 'input'> {
  readonly values: ContentValues;
  /** What policies were told of each kind. */
  readonly told: Map<ContentName, ContentValues[ContentName]>;
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
 * mentions one of them: a pure function of arguments and pinned definition. Only `members`, where those are named.
 */
export function contentFactsOf(
  request: PolicyRequest,
  name: ContentName,
  members: Iterable<string> | undefined,
): ContentValues[ContentName] {
  const { values, told } = knownOf(request) ?? read(request);
  const facts = values[name];
  const wanted = members === undefined ? facts : membersOf(facts, members);
  const before = told.get(name);
  told.set(name, before === undefined ? wanted : { ...before, ...wanted });
  return wanted;
}

function membersOf(facts: ContentValues[ContentName], names: Iterable<string>): Record<string, CedarValueJson> {
  const wanted: Record<string, CedarValueJson> = {};
  for (const name of names) {
    const value = Object.hasOwn(facts, name) ? facts[name] : undefined;
    if (value !== undefined) wanted[name] = value;
  }
  return wanted;
}

/**
 * What policies were told for this request: it goes into the record, so that it can be shown what was decided on. What they were
 * not told is left out: it repeats arguments, and whoever shows the one must not show the other with it.
 */
export function contentTold(request: PolicyRequest): Partial<ContentValues> {
  const all: { -readonly [name in ContentName]?: ContentValues[name] } = {};
  const told = knownOf(request)?.told;
  if (told === undefined) return all;
  for (const name of inOrder) {
    const facts = told.get(name);
    if (facts !== undefined) all[name] = facts;
  }
  return all;
}

const inOrder = (Object.keys(contentTypes) as ContentName[]).sort();

function read(request: PolicyRequest): Read {
  // Each value is a string, number, flag or list of strings: exactly what the engine takes.
  const values = contentFacts(request.tool, request.input, languageReaders) as unknown as ContentValues;
  newest = { tool: request.tool, input: request.input, values, told: new Map() };
  return newest;
}

function knownOf({ tool, input }: PolicyRequest): Read | undefined {
  return newest?.input === input && newest.tool === tool ? newest : undefined;
}
