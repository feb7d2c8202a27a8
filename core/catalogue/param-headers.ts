import { type JsonNode, type JsonObject, member } from '../model/json.ts';

/** An argument that the client repeats in a header `Mcp-Param-<name>` (MCP 2026-07-28, Streamable HTTP, `x-mcp-header`). */
export interface ParamHeader {
  readonly path: readonly string[];
  readonly name: string;
}

export type ParamHeaders =
  | { readonly ok: true; readonly headers: readonly ParamHeader[] }
  | { readonly ok: false; readonly why: string };

const annotation = 'x-mcp-header';
/** RFC 9110 §5.6.2 `token`. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;
const types: ReadonlySet<string> = new Set(['string', 'integer', 'boolean']);

/**
 * The annotations of a schema, or the first rule that one breaks: a token, unique without regard to case, on a string,
 * integer or boolean that is reached through `properties` alone. A tool that breaks one must be dropped.
 */
export function paramHeadersOf(inputSchema: JsonNode | undefined): ParamHeaders {
  const headers: ParamHeader[] = [];
  const why = inputSchema?.kind === 'object' ? visit(inputSchema, [], headers) : undefined;
  if (why !== undefined) return { ok: false, why };
  if (inputSchema !== undefined && annotationsIn(inputSchema) !== headers.length)
    return { ok: false, why: `${annotation} stands where arguments cannot be found without evaluating the schema` };
  return { ok: true, headers };
}

function visit(schema: JsonObject, path: readonly string[], found: ParamHeader[]): string | undefined {
  const properties = member(schema, 'properties');
  if (properties?.kind !== 'object') return undefined;
  for (const [name, property] of properties.members) {
    if (property.kind !== 'object') continue;
    const here = [...path, name];
    const wrong = read(property, here, found) ?? visit(property, here, found);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function read(property: JsonObject, path: readonly string[], found: ParamHeader[]): string | undefined {
  const value = property.members.get(annotation);
  if (value === undefined) return undefined;
  if (value.kind !== 'string' || !token.test(value.value)) return `${annotation} is not a header name`;
  const type = property.members.get('type');
  if (type?.kind !== 'string' || !types.has(type.value))
    return `${annotation} is on something other than a plain value`;
  if (found.some(({ name }) => name.toLowerCase() === value.value.toLowerCase()))
    return `${annotation} "${value.value}" stands twice`;
  found.push({ path, name: value.value });
  return undefined;
}

/** Counts the annotation wherever a schema could stand. A property that merely has that name is not one. */
function annotationsIn(node: JsonNode, isSchema = true): number {
  if (node.kind === 'array') return node.items.reduce((sum, item) => sum + annotationsIn(item), 0);
  if (node.kind !== 'object') return 0;
  let sum = isSchema && node.members.has(annotation) ? 1 : 0;
  for (const [name, value] of node.members) {
    if (isSchema && valueWords.has(name)) continue;
    sum += annotationsIn(value, !(isSchema && mapWords.has(name)));
  }
  return sum;
}

/** Keywords whose members are names, not keywords; and keywords that hold values, not schemas. */
const mapWords: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
]);
const valueWords: ReadonlySet<string> = new Set(['default', 'const', 'enum', 'examples', annotation]);
