import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import { type ContentFacts, contentFacts } from '@sallyport/core/facts/content.ts';
import { contentTypes } from '@sallyport/core/policy/content-type.ts';
import type { PolicyRequest } from '@sallyport/core/policy/engine.ts';
import { canReadPersonal, languageReaders } from '../../facts/readers.ts';

type ContentName = keyof ContentFacts;
type ContentValues = Readonly<Record<ContentName, Readonly<Record<string, CedarValueJson>>>>;

/** One action is asked about up to twice, and explained: its arguments are read once. */
const known = new WeakMap<PolicyRequest, Read>();

interface Read {
  readonly values: ContentValues;
  /** Kinds that policies were told. */
  readonly told: Set<ContentName>;
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
export function contentFactsOf(request: PolicyRequest, name: ContentName): Readonly<Record<string, CedarValueJson>> {
  const found = known.get(request) ?? read(request);
  const facts = found.values[name];
  found.told.add(name);
  return facts;
}

/** The kinds that policies were told for this request: they go into the record, so that it can be shown what was decided on. */
export function contentTold(request: PolicyRequest): Partial<ContentValues> {
  const found = known.get(request);
  if (found === undefined) return {};
  return Object.fromEntries([...found.told].sort().map(name => [name, found.values[name]]));
}

function read(request: PolicyRequest): Read {
  // Each value is a string, number, flag or list of strings: exactly what the engine takes.
  const values = contentFacts(request.tool, request.input, languageReaders) as unknown as ContentValues;
  const made = { values, told: new Set<ContentName>() };
  known.set(request, made);
  return made;
}
