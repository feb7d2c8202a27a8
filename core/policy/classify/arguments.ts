import { type JsonNode, type JsonObject, member, stringMember } from '../../model/json.ts';
import { wordsOf } from './words.ts';

/** One named value that a tool takes, at any depth of its schema. */
export interface Argument {
  readonly name: string;
  readonly words: readonly string[];
  readonly description: string;
  readonly format: string | undefined;
  readonly types: readonly string[];
  /** The tool speaks of SQL, so that its `statement` or `query` is one. */
  readonly ofSql: boolean;
}

const depthMax = 5;
const argumentsMax = 256;

/** Every property that an `inputSchema` names, through objects, arrays and alternatives; local `$ref` is followed once. */
export function argumentsOf(definition: JsonObject): Argument[] {
  const schema = member(definition, 'inputSchema');
  const found: Argument[] = [];
  if (schema !== undefined) collect(schema, schema, found, 0);
  const said = `${wordsOf(stringMember(definition, 'name') ?? '').join(' ')} ${stringMember(definition, 'description') ?? ''}`;
  return /\bSQL\b/i.test(said) ? found.map(argument => ({ ...argument, ofSql: true })) : found;
}

function collect(schema: JsonNode, root: JsonNode, found: Argument[], depth: number): void {
  if (depth > depthMax || found.length >= argumentsMax || schema.kind !== 'object') return;
  const actual = resolved(schema, root);
  const properties = member(actual, 'properties');
  if (properties?.kind === 'object')
    for (const [name, value] of properties.members) {
      if (found.length >= argumentsMax) return;
      found.push(argument(name, resolved(value, root)));
      collect(value, root, found, depth + 1);
    }
  const items = member(actual, 'items');
  if (items !== undefined) collect(items, root, found, depth + 1);
  for (const word of ['anyOf', 'oneOf', 'allOf']) {
    const branches = member(actual, word);
    if (branches?.kind === 'array') for (const branch of branches.items) collect(branch, root, found, depth + 1);
  }
}

function argument(name: string, schema: JsonNode): Argument {
  return {
    name,
    words: wordsOf(name),
    description: stringMember(schema, 'description') ?? '',
    format: stringMember(schema, 'format') ?? stringMember(member(schema, 'items'), 'format'),
    types: typesOf(schema),
    ofSql: false,
  };
}

function typesOf(schema: JsonNode): string[] {
  const type = member(schema, 'type');
  if (type?.kind === 'string') return [type.value];
  if (type?.kind === 'array') return type.items.flatMap(item => (item.kind === 'string' ? [item.value] : []));
  const branches = member(schema, 'anyOf') ?? member(schema, 'oneOf');
  return branches?.kind === 'array' ? branches.items.flatMap(typesOf) : [];
}

function resolved(schema: JsonNode, root: JsonNode): JsonNode {
  const ref = stringMember(schema, '$ref');
  if (ref === undefined || !ref.startsWith('#/')) return schema;
  return (
    ref
      .slice(2)
      .split('/')
      .reduce<JsonNode | undefined>((node, step) => member(node, step), root) ?? schema
  );
}
