import { type JsonNode, type JsonObject, member, stringMember } from '../model/json.ts';
import { type Checked, passed, type Refusal, refused } from '../model/refusal.ts';
import { type Tool, toolKey } from '../model/tool.ts';
import { alternatives } from '../policy/input-type.ts';

/**
 * Holds a call's input against the tool's pinned schema: every argument is named there, every required one is present,
 * and each has the type that policy will be told it has (JSON Schema 2020-12 `properties`, `required`, `type`,
 * `items`, `additionalProperties`, local `$ref`, and an `anyOf`, `oneOf` or `allOf` of one part that is not null).
 *
 * An argument that the schema does not name is refused unless the schema expressly allows it: policy would otherwise
 * decide on less than what runs. So is a member of an object deeper down of which the schema names some; where it names
 * none, the object is open, as in JSON Schema. Keywords that only narrow a value (`enum`, `pattern`, `minimum`) are the upstream's.
 */
export function checkInput(tool: Tool, input: JsonObject): Checked<JsonObject> {
  const schema = member(tool.definition, 'inputSchema');
  const wrong = schema?.kind === 'object' ? check(input, schema, { root: schema }, true) : undefined;
  if (wrong === undefined) return passed(input);
  const path = `arguments${wrong.path.map(step => `.${step}`).join('')}`;
  return refused({
    code: wrong.code,
    what: toolKey(tool.server, tool.name),
    why: `${path} ${wrong.why}`,
    fix: `see the tool's inputSchema in tools/list`,
  });
}

interface Wrong {
  readonly code: Refusal['code'];
  /** From the value that is looked at to what is wrong in it: put together on the way back, since most calls need none. */
  readonly path: readonly string[];
  readonly why: string;
}

const itself: readonly string[] = [];

function under(step: string, wrong: Wrong): Wrong {
  return { ...wrong, path: [step, ...wrong.path] };
}

interface Place {
  readonly root: JsonObject;
}

/** References and choices on the way to a schema: more than any schema that is held has (`schemaLimits`). */
const stepsMax = 1_024;

function check(node: JsonNode, schema: JsonNode, place: Place, isTop: boolean): Wrong | undefined {
  const actual = resolve(schema, node.kind === 'null', place);
  if (actual === 'endless')
    return { code: 'argument-type', path: itself, why: 'has a schema that never says what it is' };
  if (actual === undefined) return undefined;
  if (!fits(node, actual.members.get('type')))
    return { code: 'argument-type', path: itself, why: `must be ${typesOf(actual).join(' or ')}` };
  if (node.kind === 'object') return checkMembers(node, actual, place, isTop);
  const items = member(actual, 'items');
  if (node.kind !== 'array' || items?.kind !== 'object') return undefined;
  for (let index = 0; index < node.items.length; index++) {
    const wrong = check(node.items[index] as JsonNode, items, place, false);
    if (wrong !== undefined) return under(String(index), wrong);
  }
  return undefined;
}

function checkMembers(node: JsonObject, schema: JsonObject, place: Place, isTop: boolean): Wrong | undefined {
  const properties = member(schema, 'properties');
  const missing = missingIn(node, schema.members.get('required'));
  if (missing !== undefined) return { code: 'argument-type', path: [missing], why: 'is required' };
  for (const [name, value] of node.members) {
    const own = member(properties, name) ?? extra(schema, namesAny(properties) || isTop);
    if (own === undefined)
      return { code: 'argument-unknown', path: [shown(name)], why: "is not in the tool's pinned schema" };
    const wrong = check(value, own, place, false);
    if (wrong !== undefined) return under(shown(name), wrong);
  }
  return undefined;
}

/** `properties: {}`, as many generators write an object of any members, says no more than no `properties` at all. */
function namesAny(properties: JsonNode | undefined): boolean {
  return properties?.kind === 'object' && properties.members.size > 0;
}

const anything: JsonNode = { kind: 'object', members: new Map() };

/** The schema for a member that `properties` does not name, or undefined where such a member is refused. */
function extra(schema: JsonObject, closedByDefault: boolean): JsonNode | undefined {
  const additional = member(schema, 'additionalProperties');
  if (additional?.kind === 'object') return additional;
  if (additional?.kind === 'boolean') return additional.value ? anything : undefined;
  const composed = ['anyOf', 'oneOf', 'allOf', 'patternProperties', 'if'].some(word => schema.members.has(word));
  return closedByDefault && !composed ? undefined : anything;
}

/**
 * The schema that a value is held against; undefined where none can be said. Exactly where policy is told a type there
 * is one: behind local references (a schema is never fetched, MCP 2026-07-28: no network `$ref`) and behind a choice of
 * which only one part is not null, as many generators write what may be left out.
 */
function resolve(schema: JsonNode, isNull: boolean, place: Place): JsonObject | 'endless' | undefined {
  let at: JsonNode | undefined = schema;
  for (let count = 0; count < stepsMax; count++) {
    if (at?.kind !== 'object') return undefined;
    const ref = stringMember(at, '$ref');
    const choice: readonly JsonNode[] | undefined = ref === undefined ? alternatives(at) : undefined;
    if (ref === undefined && choice === undefined) return at;
    if (choice === undefined) at = referred(ref ?? '', place);
    else {
      const parts: readonly JsonNode[] = choice.filter(part => stringMember(part, 'type') !== 'null');
      if (parts.length !== 1 || (isNull && parts.length < choice.length)) return undefined;
      at = parts[0];
    }
  }
  return 'endless';
}

function referred(ref: string, { root }: Place): JsonNode | undefined {
  if (!ref.startsWith('#/')) return undefined;
  const steps = ref.slice(2).split('/');
  return steps.reduce<JsonNode | undefined>((node, step) => member(node, unescapeStep(step)), root);
}

/** RFC 6901 §4. */
function unescapeStep(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** `type` says nothing, or one of its names fits. */
function fits(node: JsonNode, type: JsonNode | undefined): boolean {
  if (type?.kind === 'string') return hasType(node, type.value);
  return type?.kind !== 'array' || type.items.some(item => item.kind === 'string' && hasType(node, item.value));
}

function hasType(node: JsonNode, type: string): boolean {
  if (type === 'integer') return node.kind === 'number' && Number.isInteger(node.value);
  return node.kind === type;
}

function missingIn({ members }: JsonObject, required: JsonNode | undefined): string | undefined {
  if (required?.kind !== 'array') return undefined;
  for (const item of required.items) if (item.kind === 'string' && !members.has(item.value)) return item.value;
  return undefined;
}

/** For people. */
function typesOf(schema: JsonObject): readonly string[] {
  const node = schema.members.get('type');
  if (node?.kind === 'string') return [node.value];
  return node?.kind === 'array' ? node.items.flatMap(item => (item.kind === 'string' ? [item.value] : [])) : [];
}

function shown(name: string): string {
  return /^[A-Za-z_$][\w$-]{0,63}$/.test(name) ? name : JSON.stringify(name.slice(0, 64));
}
