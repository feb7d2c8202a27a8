import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import { type ContentFacts, contentFacts } from '@sallyport/core/facts/content.ts';
import { contentTypes } from '@sallyport/core/policy/content-type.ts';
import type { PolicyRequest } from '@sallyport/core/policy/engine.ts';
import { languageReaders } from '../../facts/readers.ts';

type ContentName = keyof ContentFacts;
type ContentValues = Readonly<Record<ContentName, Readonly<Record<string, CedarValueJson>>>>;

/** One action is asked about up to twice, and explained: its arguments are read once. */
const known = new WeakMap<PolicyRequest, ContentValues>();

export function isContent(name: string): name is ContentName {
  return Object.hasOwn(contentTypes, name);
}

/**
 * What the arguments say, as facts (`context.shell`, `context.sql`, …). Read from the request itself when a policy
 * first mentions one of them: a pure function of arguments and pinned definition, so nothing of it is recorded.
 */
export function contentFactsOf(request: PolicyRequest): ContentValues {
  const found = known.get(request);
  if (found !== undefined) return found;
  // Each value is a string, number, flag or list of strings: exactly what the engine takes.
  const facts = contentFacts(request.tool, request.input, languageReaders) as unknown as ContentValues;
  known.set(request, facts);
  return facts;
}
