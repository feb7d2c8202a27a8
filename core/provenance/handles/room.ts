import { type JsonNode, type JsonObject, member, stringMember } from '../../model/json.ts';
import { alternatives } from '../../policy/input-type.ts';
import { type HandleForm, spell } from './handle.ts';

/**
 * What a tool's pinned `outputSchema` (JSON Schema 2020-12, as MCP uses it) lets stand in a place, so that a result with
 * handles still fits it. Undefined: nothing is said about the place, and anything may stand there.
 */
export interface Room {
  readonly root: JsonObject;
  /** `opaque`: it is described in a way that is not read here. */
  readonly at: JsonObject | 'opaque' | undefined;
}

export function roomOf(definition: JsonObject): Room | undefined {
  const schema = member(definition, 'outputSchema');
  return schema?.kind === 'object' ? { root: schema, at: resolved(schema, schema) } : undefined;
}

/** The form in which a handle fits here; undefined: none does. */
export function formIn(room: Room | undefined): HandleForm | undefined {
  const at = room?.at;
  if (at === undefined) return 'plain';
  if (at === 'opaque' || !allowsType(at, 'string') || tooNarrow.some(word => at.members.has(word))) return undefined;
  const form = formsByFormat.get(stringMember(at, 'format') ?? '');
  if (form === undefined) return undefined;
  const { length } = spell('hv_00000000000000000000', form);
  const [least, most] = [member(at, 'minLength'), member(at, 'maxLength')];
  const fits = (least?.kind !== 'number' || least.value <= length) && (most?.kind !== 'number' || most.value >= length);
  return fits ? form : undefined;
}

/** A pattern is not tried: it is the server's, and may never come to an end. */
const tooNarrow = ['pattern', 'enum', 'const', 'contentEncoding', 'contentMediaType', 'allOf', 'not', 'if'];
const formsByFormat: ReadonlyMap<string, HandleForm> = new Map([
  ['', 'plain'],
  ['email', 'email'],
  ['idn-email', 'email'],
  ['uri', 'uri'],
  ['iri', 'uri'],
  ['uri-reference', 'uri'],
]);

/** The schema lists this very value: it says nothing that its author did not foresee. */
export function lists(room: Room | undefined, value: string): boolean {
  if (room?.at === undefined || room.at === 'opaque') return false;
  const one = member(room.at, 'const');
  const several = member(room.at, 'enum');
  const all = several?.kind === 'array' ? several.items : one === undefined ? [] : [one];
  return all.some(node => node.kind === 'string' && node.value === value);
}

/** Whether the schema has this name for a member. */
export function names(room: Room | undefined, name: string): boolean {
  return room?.at !== undefined && room.at !== 'opaque' && member(member(room.at, 'properties'), name) !== undefined;
}

export function isRequired(room: Room | undefined, name: string): boolean {
  if (room?.at === undefined) return false;
  if (room.at === 'opaque') return true;
  const required = member(room.at, 'required');
  return required?.kind === 'array' && required.items.some(node => node.kind === 'string' && node.value === name);
}

/** Whether a member may be called by a handle. */
export function allowsAnyName(room: Room | undefined): boolean {
  if (room?.at === undefined) return true;
  if (room.at === 'opaque') return false;
  const additional = member(room.at, 'additionalProperties');
  const closed = additional?.kind === 'boolean' && !additional.value;
  return !closed && !room.at.members.has('propertyNames') && !room.at.members.has('patternProperties');
}

export function memberRoom(room: Room | undefined, name: string, node: JsonNode): Room | undefined {
  if (room?.at === undefined) return undefined;
  if (room.at === 'opaque') return room;
  const own = member(member(room.at, 'properties'), name);
  const composed = ['allOf', 'anyOf', 'oneOf', 'if', 'patternProperties'].some(word => stands(room.at, word));
  const schema = own ?? (composed ? 'opaque' : member(room.at, 'additionalProperties'));
  return { root: room.root, at: schema === 'opaque' ? 'opaque' : resolved(schema, room.root, node) };
}

export function itemRoom(room: Room | undefined, node: JsonNode): Room | undefined {
  if (room?.at === undefined) return undefined;
  if (room.at === 'opaque' || stands(room.at, 'prefixItems')) return { root: room.root, at: 'opaque' };
  return { root: room.root, at: resolved(member(room.at, 'items'), room.root, node) };
}

function stands(at: Room['at'], word: string): boolean {
  return at !== undefined && at !== 'opaque' && at.members.has(word);
}

function allowsType(schema: JsonObject, type: string): boolean {
  const stated = schema.members.get('type');
  if (stated === undefined) return true;
  const all = stated.kind === 'array' ? stated.items : [stated];
  return all.some(node => node.kind === 'string' && node.value === type);
}

const stepsMax = 64;

/** Behind local references, and of a choice the one part that this value can be; `opaque` where that cannot be told. */
function resolved(schema: JsonNode | undefined, root: JsonObject, node?: JsonNode): Room['at'] {
  let at = schema;
  for (let steps = 0; steps < stepsMax; steps++) {
    if (at?.kind !== 'object') return undefined;
    const ref = stringMember(at, '$ref');
    const choice: readonly JsonNode[] | undefined = ref === undefined ? alternatives(at) : undefined;
    if (ref === undefined && choice === undefined)
      return ['anyOf', 'oneOf'].some(word => stands(at as JsonObject, word)) ? 'opaque' : at;
    if (choice === undefined) at = referred(ref ?? '', root);
    else {
      const fitting = choice.filter(part => part.kind !== 'object' || node === undefined || allowsKind(part, node));
      if (fitting.length !== 1) return 'opaque';
      at = fitting[0];
    }
  }
  return 'opaque';
}

function allowsKind(part: JsonObject, node: JsonNode): boolean {
  const whole = node.kind === 'number' && Number.isInteger(node.value) && allowsType(part, 'integer');
  return whole || allowsType(part, node.kind);
}

function referred(ref: string, root: JsonObject): JsonNode | undefined {
  if (!ref.startsWith('#/')) return undefined;
  const steps = ref.slice(2).split('/');
  return steps.reduce<JsonNode | undefined>(
    (found, step) => member(found, step.replaceAll('~1', '/').replaceAll('~0', '~')),
    root,
  );
}
