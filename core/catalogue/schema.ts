import { type JsonNode, type JsonObject, member, stringMember } from '../model/json.ts';
import { visible } from './text.ts';

/** What a schema may cost whoever reads it. Larger ones are honest once in a blue moon and hostile otherwise. */
export const schemaLimits = {
  valuesMax: 5_000,
  depthMax: 32,
  branchesMax: 256,
  referencesMax: 512,
} as const;

export interface SchemaConcern {
  readonly why: string;
  /** Too costly to hold: an operator cannot accept it either. */
  readonly final: boolean;
}

/**
 * What is wrong with a tool's schema (threats B-4). A reference is never fetched, whatever it names; patterns are never
 * compiled, they are the upstream's to check; what is left is size.
 */
export function schemaConcerns(where: string, schema: JsonObject): SchemaConcern[] {
  const tally: Tally = { values: 0, depth: 0, branches: 0, references: [] };
  count(schema, 0, tally);
  const { valuesMax, depthMax, branchesMax, referencesMax } = schemaLimits;
  const over = [
    tally.values > valuesMax && `more than ${valuesMax} values`,
    tally.depth > depthMax && `nesting deeper than ${depthMax}`,
    tally.branches > branchesMax && `more than ${branchesMax} alternatives`,
    tally.references.length > referencesMax && `more than ${referencesMax} references`,
  ].filter(text => text !== false);
  if (over.length > 0) return over.map(text => ({ why: `${where} has ${text}`, final: true }));
  const wrong = tally.references.find(reference => !resolves(reference, schema));
  if (wrong === undefined) return [];
  const what = wrong.startsWith('#') ? 'nothing inside it' : 'something outside it, which is never fetched';
  return [{ why: `${where} refers to ${what}: "${visible(wrong, 120)}"`, final: false }];
}

interface Tally {
  values: number;
  depth: number;
  branches: number;
  readonly references: string[];
}

const alternatives: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'allOf']);
const referring: ReadonlySet<string> = new Set(['$ref', '$dynamicRef', '$recursiveRef']);

function count(node: JsonNode, depth: number, tally: Tally): void {
  tally.values++;
  tally.depth = Math.max(tally.depth, depth);
  if (tally.values > schemaLimits.valuesMax || depth > schemaLimits.depthMax) return;
  if (node.kind === 'array') for (const item of node.items) count(item, depth + 1, tally);
  if (node.kind !== 'object') return;
  for (const [name, value] of node.members) {
    if (alternatives.has(name) && value.kind === 'array') tally.branches += value.items.length;
    if (referring.has(name) && value.kind === 'string') tally.references.push(value.value);
    count(value, depth + 1, tally);
  }
}

/** `#` and local pointers to an object (RFC 6901); a chain of references that never ends resolves to nothing. */
function resolves(reference: string, root: JsonObject): boolean {
  let at = reference;
  for (let step = 0; step < 32; step++) {
    if (at === '#') return true;
    if (!at.startsWith('#/')) return false;
    const node = at
      .slice(2)
      .split('/')
      .reduce<JsonNode | undefined>((found, part) => child(found, unescaped(part)), root);
    if (node?.kind !== 'object') return false;
    const next = stringMember(node, '$ref');
    if (next === undefined) return true;
    at = next;
  }
  return false;
}

function child(node: JsonNode | undefined, name: string): JsonNode | undefined {
  return node?.kind === 'array' ? node.items[Number(name)] : member(node, name);
}

function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
