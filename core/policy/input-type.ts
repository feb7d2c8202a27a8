import { type JsonNode, type JsonObject, member, stringMember } from '../model/json.ts';
import {
  type Attribute,
  bool,
  decimal,
  type FactType,
  long,
  type Opaque,
  type RecordType,
  string,
} from './fact-type.ts';

import { allOf, joined, oneOf, type SeenRecord } from './join-types.ts';

/** The type of `context.input` for one tool, and what of its arguments policy cannot see. */
export interface InputType {
  readonly type: RecordType;
  readonly opaque: readonly Opaque[];
}

/** Nested deeper than this, a part is opaque. */
export const typeDepthMax = 8;
/** A schema is the server's: without a bound, a few references to references would make millions of members. */
export const typeMembersMax = 512;

/**
 * The type of a tool's arguments, from the `inputSchema` of its pinned definition (JSON Schema 2020-12 as MCP uses it).
 *
 * Only what is exact is typed. A free-form object, a union, a tuple, a recursive part or a name that the policy engine
 * would give a meaning of its own is left out and listed as opaque: a rule that cannot see something must not look as
 * if it did.
 */
export function inputType(definition: JsonObject): InputType {
  const schema = member(definition, 'inputSchema');
  const opaque: Opaque[] = [];
  if (schema?.kind !== 'object') {
    opaque.push({ path: ['*'], why: 'the tool has no inputSchema' });
    return { type: { kind: 'record', attributes: new Map() }, opaque };
  }
  const reader: Reader = { root: schema, opaque, members: 0 };
  const found = follow(schema, reader, new Set(['#']));
  if (typeof found === 'string') {
    opaque.push({ path: ['*'], why: found });
    return { type: { kind: 'record', attributes: new Map() }, opaque };
  }
  return { type: recordOf(found.schema, reader, { path: [], refs: found.refs, isOpen: false }), opaque };
}

interface Reader {
  readonly root: JsonObject;
  readonly opaque: Opaque[];
  members: number;
}

interface Place {
  readonly path: readonly string[];
  /** References on the way here: meeting one again is recursion. */
  readonly refs: ReadonlySet<string>;
  /** It lies in a part of a union: nothing has looked whether it has members that the part does not name. */
  readonly isOpen: boolean;
}

/** A type and whether the value may be null, or in words why there is no exact type. */
type Typed = { readonly type: FactType; readonly nullable: boolean } | string;

function typeOf(node: JsonNode, reader: Reader, place: Place): Typed {
  const found = follow(node, reader, place.refs);
  if (typeof found === 'string') return found;
  const { schema, refs } = found;
  const at: Place = { ...place, refs };
  const choice = alternatives(schema);
  if (choice !== undefined) return typeOfAlternatives(choice, reader, at);
  const words = typeWords(schema);
  if (words === undefined) return typeOfUntyped(schema, reader, at);
  const nullable = words.includes('null');
  const rest = words.filter(word => word !== 'null');
  const [word, ...others] = rest;
  if (word === undefined) return `its type is ${words.join(' or ')}`;
  if (others.length === 0) {
    const type = typeOfWord(word, schema, reader, at);
    return typeof type === 'string' ? type : { type, nullable };
  }
  const before = reader.opaque.length;
  const types = rest.map(each => typeOfWord(each, schema, reader, { ...at, isOpen: true }));
  const type = joined(types.filter(each => typeof each !== 'string'));
  if (type !== undefined && types.every(each => typeof each !== 'string')) return { type, nullable };
  reader.opaque.splice(before);
  return `its type is ${words.join(' or ')}`;
}

function typeOfWord(word: string, schema: JsonObject, reader: Reader, place: Place): FactType | string {
  switch (word) {
    case 'string':
      return string;
    case 'integer':
      return long;
    case 'number':
      return decimal;
    case 'boolean':
      return bool;
    case 'array':
      return typeOfArray(schema, reader, place);
    case 'object': {
      const named = member(schema, 'properties');
      // `properties: {}` names nothing either, and what it may hold is let through (`checkInput`).
      if (named?.kind !== 'object' || named.members.size === 0) return 'it is a free-form object';
      return place.path.length >= typeDepthMax
        ? `it is nested deeper than ${typeDepthMax}`
        : recordOf(schema, reader, place);
    }
    default:
      return `its type ${JSON.stringify(word.slice(0, 32))} is not known`;
  }
}

/** Without `type`: what the allowed values, or the presence of `properties`, say. */
function typeOfUntyped(schema: JsonObject, reader: Reader, place: Place): Typed {
  const values = allowedValues(schema);
  if (values !== undefined) {
    const kinds = new Set(values.map(value => value.kind).filter(kind => kind !== 'null'));
    const nullable = values.some(value => value.kind === 'null');
    const [kind] = kinds;
    if (kinds.size !== 1 || kind === 'object' || kind === 'array') return 'its allowed values are of several types';
    if (kind === 'string') return { type: string, nullable };
    if (kind === 'boolean') return { type: bool, nullable };
    const whole = values.every(value => value.kind !== 'number' || Number.isInteger(value.value));
    return { type: whole ? long : decimal, nullable };
  }
  if (!isOfObjects(schema, reader, place)) return 'its schema states no type';
  if (place.path.length >= typeDepthMax) return `it is nested deeper than ${typeDepthMax}`;
  return { type: recordOf(schema, reader, place), nullable: false };
}

/** Its own `properties` say so, or a part of `allOf` that is an object. */
function isOfObjects(schema: JsonObject, reader: Reader, place: Place): boolean {
  if (member(schema, 'properties')?.kind === 'object') return true;
  const parts = member(schema, 'allOf');
  return parts?.kind === 'array' && parts.items.some(part => isObject(follow(part, reader, place.refs)));
}

function isObject(followed: ReturnType<typeof follow>): boolean {
  if (typeof followed === 'string') return false;
  return stringMember(followed.schema, 'type') === 'object' || member(followed.schema, 'properties')?.kind === 'object';
}

function typeOfArray(schema: JsonObject, reader: Reader, place: Place): FactType | string {
  const items = member(schema, 'items');
  if (schema.members.has('prefixItems') || items?.kind === 'array') return 'it is a tuple';
  if (items?.kind !== 'object') return 'its items have no type';
  if (place.path.length >= typeDepthMax) return `it is nested deeper than ${typeDepthMax}`;
  // Items are compared whole, so an item that is only partly visible would be compared wrongly.
  const before = reader.opaque.length;
  const element = typeOf(items, reader, { ...place, path: [...place.path, '[]'] });
  const hidden = reader.opaque.splice(before);
  if (typeof element === 'string') return `of its items: ${element}`;
  if (element.nullable) return 'its items may be null';
  return hidden[0] === undefined ? { kind: 'set', element: element.type } : `of its items: ${hidden[0].why}`;
}

function typeOfAlternatives(choice: readonly JsonNode[], reader: Reader, place: Place): Typed {
  const rest = choice.filter(node => stringMember(node, 'type') !== 'null');
  const [only, ...others] = rest;
  if (only === undefined) return 'it is a union';
  const typed = others.length === 0 ? typeOf(only, reader, place) : typeOfUnion(rest, reader, place);
  return typeof typed === 'string'
    ? typed
    : { type: typed.type, nullable: typed.nullable || rest.length < choice.length };
}

/** Of parts that all are objects, or that one type holds; nothing else of a union is exact. */
function typeOfUnion(parts: readonly JsonNode[], reader: Reader, place: Place): Typed {
  const before = reader.opaque.length;
  // Counted before it is read: choices of choices would multiply.
  const read = (part: JsonNode): Typed =>
    ++reader.members > typeMembersMax ? 'it has very many parts' : typeOf(part, reader, { ...place, isOpen: true });
  const seen = parts.map(part => apart(reader, () => read(part)));
  const types = seen.flatMap(({ found }) => (typeof found === 'string' ? [] : [found.type]));
  reader.opaque.splice(before);
  if (types.length < parts.length) return 'it is a union';
  if (seen.some(({ opaque }) => holdsItself(opaque))) return ofItself;
  const nullable = seen.some(({ found }) => typeof found !== 'string' && found.nullable);
  const records = seen.flatMap(({ found, opaque }) =>
    typeof found !== 'string' && found.type.kind === 'record' ? [{ type: found.type, opaque }] : [],
  );
  if (records.length === parts.length) {
    const { type, opaque } = oneOf(records, place.path);
    reader.opaque.push(...opaque);
    return { type, nullable };
  }
  const type = records.length === 0 ? joined(types) : undefined;
  return type === undefined ? 'it is a union' : { type, nullable };
}

/** What a rule says of one part could then stand a level deeper, where nothing is seen: `and` beside `column` in a filter. */
function holdsItself(opaque: readonly Opaque[]): boolean {
  return opaque.some(({ why }) => why.endsWith(recursive) || why.endsWith(ofItself));
}

const recursive = 'its schema is recursive';
const ofItself = 'it is a union of which a part holds itself';

/** What is found, and apart from the rest what of it is opaque. */
function apart<T>(reader: Reader, find: () => T): { readonly found: T; readonly opaque: readonly Opaque[] } {
  const before = reader.opaque.length;
  const found = find();
  return { found, opaque: reader.opaque.splice(before) };
}

function recordOf(schema: JsonObject, reader: Reader, place: Place): RecordType {
  const own = apart(reader, () => ownRecordOf(schema, reader, place));
  const parts = composing(schema, reader, { ...place, isOpen: true });
  const { type, opaque } = allOf([{ type: own.found, opaque: own.opaque }, ...parts], place.path);
  reader.opaque.push(...opaque);
  return type;
}

/** What `allOf`, and one part of `anyOf` and `oneOf`, say of the members beside the schema's own `properties`. */
function composing(schema: JsonObject, reader: Reader, place: Place): SeenRecord[] {
  return ['allOf', 'anyOf', 'oneOf'].flatMap(word => {
    const list = member(schema, word);
    if (list?.kind !== 'array' || list.items.length === 0) return [];
    const parts = list.items.map(item => partOf(item, reader, place));
    const known = parts.filter(part => part !== undefined);
    if (word === 'allOf') return known;
    return known.length === parts.length && !known.some(({ opaque }) => holdsItself(opaque))
      ? [oneOf(known, place.path)]
      : [];
  });
}

/** Undefined where nobody can say which members it has. */
function partOf(node: JsonNode, reader: Reader, place: Place): SeenRecord | undefined {
  const followed = follow(node, reader, place.refs);
  if (typeof followed === 'string' || ++reader.members > typeMembersMax) return undefined;
  const words = typeWords(followed.schema) ?? ['object'];
  if (!words.includes('object')) return undefined;
  const { found, opaque } = apart(reader, () => recordOf(followed.schema, reader, { ...place, refs: followed.refs }));
  return { type: found, opaque };
}

function ownRecordOf(schema: JsonObject, reader: Reader, place: Place): RecordType {
  const attributes = new Map<string, Attribute>();
  const properties = member(schema, 'properties');
  const required = new Set(names(schema.members.get('required')));
  const list = (path: readonly string[], why: string): void => void reader.opaque.push({ path, why });
  for (const [name, node] of properties?.kind === 'object' ? properties.members : []) {
    if (++reader.members > typeMembersMax) {
      list([...place.path, '*'], `the tool has more than ${typeMembersMax} arguments`);
      break;
    }
    const path = [...place.path, name];
    const typed = unusableName(name) ?? typeOf(node, reader, { ...place, path });
    if (typeof typed === 'string') list(path, typed);
    else attributes.set(name, { type: typed.type, required: required.has(name) && !typed.nullable });
  }
  const further = furtherMembers(schema) ?? (place.isOpen ? 'it stands in a union, which may allow more' : undefined);
  if (further !== undefined) list([...place.path, '*'], further);
  return { kind: 'record', attributes };
}

/** Why members that `properties` does not name may be there, or undefined if there can be none. */
function furtherMembers(schema: JsonObject): string | undefined {
  const additional = member(schema, 'additionalProperties');
  if (additional?.kind === 'object' || (additional?.kind === 'boolean' && additional.value))
    return 'the schema allows arguments that it does not name';
  const word = ['patternProperties', 'allOf', 'anyOf', 'oneOf', 'if'].find(name => schema.members.has(name));
  return word === undefined ? undefined : `the schema describes it through \`${word}\``;
}

/** In JSON these members make an entity or an extension value (Cedar JSON format), and `__proto__` is no plain member. */
function unusableName(name: string): string | undefined {
  return name.startsWith('__') ? 'its name begins with `__`, which is reserved' : undefined;
}

/** `anyOf`, `oneOf` or a single-part `allOf` where nothing else says what the value is. */
export function alternatives(schema: JsonObject): readonly JsonNode[] | undefined {
  if (schema.members.has('type') || schema.members.has('properties')) return undefined;
  for (const word of ['anyOf', 'oneOf', 'allOf']) {
    const list = member(schema, word);
    if (list?.kind === 'array' && (word !== 'allOf' || list.items.length === 1)) return list.items;
  }
  return undefined;
}

function typeWords(schema: JsonObject): string[] | undefined {
  const type = schema.members.get('type');
  if (type?.kind === 'string') return [type.value];
  return type?.kind === 'array' ? names(type) : undefined;
}

function allowedValues(schema: JsonObject): readonly JsonNode[] | undefined {
  const one = schema.members.get('const');
  if (one !== undefined) return [one];
  const several = schema.members.get('enum');
  return several?.kind === 'array' && several.items.length > 0 ? several.items : undefined;
}

/** The schema behind local references (RFC 6901 pointers into the same schema; nothing is ever fetched). */
function follow(
  node: JsonNode,
  reader: Reader,
  refs: ReadonlySet<string>,
): { readonly schema: JsonObject; readonly refs: ReadonlySet<string> } | string {
  let at: JsonNode | undefined = node;
  const seen = new Set(refs);
  for (;;) {
    if (at?.kind !== 'object') return 'its schema says nothing about it';
    const ref = stringMember(at, '$ref');
    if (ref === undefined) return { schema: at, refs: seen };
    if (seen.has(ref)) return recursive;
    if (!ref.startsWith('#/')) return 'its schema refers to another document';
    seen.add(ref);
    at = ref
      .slice(2)
      .split('/')
      .reduce<JsonNode | undefined>(
        (found, step) => member(found, step.replaceAll('~1', '/').replaceAll('~0', '~')),
        reader.root,
      );
  }
}

function names(node: JsonNode | undefined): string[] {
  return node?.kind === 'array' ? node.items.flatMap(item => (item.kind === 'string' ? [item.value] : [])) : [];
}
