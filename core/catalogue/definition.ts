import { type JsonNode, type JsonObject, member, normalText, stringMember } from '../model/json.ts';
import { paramHeadersOf } from './param-headers.ts';
import { schemaConcerns } from './schema.ts';
import { type Sign, signOfArgument, signsIn, whyHeld } from './signs.ts';
import { concernText, textConcerns, visible } from './text.ts';

/** Limits on one definition, in UTF-16 units. */
const definitionLimits = {
  /** Beyond this a definition is quarantined: people do not read it, and models pay for it in every turn. */
  definitionCharsMax: 64 * 1024,
  /** Beyond this it is not kept at all. */
  definitionCharsFinal: 256 * 1024,
  textCharsMax: 16 * 1024,
} as const;

/** Why a definition is quarantined. A `final` concern stays one, whoever accepts it. */
export interface Concern {
  readonly why: string;
  readonly final: boolean;
}

export interface Examined {
  readonly concerns: readonly Concern[];
  readonly signs: readonly Sign[];
}

/** What stands in every definition, whatever its sort: size, and the text that people and models read. */
export function examine(definition: JsonObject): Examined {
  const chars = normalText(definition).length;
  const { definitionCharsMax, definitionCharsFinal } = definitionLimits;
  if (chars > definitionCharsMax) {
    const why = `the definition has ${chars} characters, more than ${definitionCharsMax}`;
    return { concerns: [{ why, final: chars > definitionCharsFinal }], signs: [] };
  }
  const concerns: Concern[] = [];
  const signs: Sign[] = [];
  for (const { where, text } of textsIn(definition, '')) {
    if (text.length > definitionLimits.textCharsMax)
      concerns.push({ why: `${where} has more than ${definitionLimits.textCharsMax} characters`, final: false });
    concerns.push(...textConcerns(text).map(found => ({ why: concernText(where, found), final: false })));
    signs.push(...signsIn(text));
  }
  signs.push(...argumentSigns(definition));
  const held = whyHeld(signs);
  if (held !== undefined) concerns.push({ why: held, final: false });
  return { concerns, signs };
}

function argumentSigns(definition: JsonObject): Sign[] {
  const properties = member(member(definition, 'inputSchema'), 'properties');
  return properties?.kind === 'object'
    ? [...properties.members.keys()].flatMap(name => signOfArgument(name) ?? [])
    : [];
}

/** What a tool's definition must satisfy beyond that (MCP 2026-07-28, Tools). */
export function examineTool(definition: JsonObject): Examined {
  const { concerns, signs } = examine(definition);
  if (concerns.some(({ final }) => final)) return { concerns, signs };
  const more: Concern[] = [];
  for (const name of ['inputSchema', 'outputSchema']) {
    const schema = member(definition, name);
    if (schema?.kind === 'object') more.push(...schemaConcerns(name, schema));
  }
  more.push(...twinArguments(definition), ...iconConcerns(definition));
  return { concerns: [...concerns, ...more], signs };
}

/** Why this is not a tool at all, or undefined. Such a tool is dropped: there is nothing to accept. */
export function toolFault(definition: JsonObject): string | undefined {
  for (const [name, kind] of memberKinds) {
    const value = definition.members.get(name);
    if (value !== undefined && value.kind !== kind)
      return `${name} is not ${kind === 'string' ? 'text' : `an ${kind}`}`;
  }
  const schema = member(definition, 'inputSchema');
  if (schema === undefined) return 'it has no inputSchema, so its arguments could not be checked';
  if (stringMember(schema, 'type') !== 'object') return 'its inputSchema is not of type "object"';
  const headers = paramHeadersOf(schema);
  return headers.ok ? undefined : headers.why;
}

const memberKinds: readonly (readonly [string, JsonNode['kind']])[] = [
  ['title', 'string'],
  ['description', 'string'],
  ['inputSchema', 'object'],
  ['outputSchema', 'object'],
  ['annotations', 'object'],
  ['icons', 'array'],
  ['_meta', 'object'],
];

/** Arguments that a reader, or a language that normalises names, would take for one another. */
function twinArguments(definition: JsonObject): Concern[] {
  const properties = member(member(definition, 'inputSchema'), 'properties');
  if (properties?.kind !== 'object') return [];
  const seen = new Map<string, string>();
  for (const name of properties.members.keys()) {
    const folded = name.normalize('NFKC').toLowerCase();
    const twin = seen.get(folded);
    if (twin !== undefined)
      return [
        {
          why: `the arguments "${visible(twin, 64, 'escape')}" and "${visible(name, 64, 'escape')}" look alike`,
          final: false,
        },
      ];
    seen.set(folded, name);
  }
  return [];
}

function iconConcerns(definition: JsonObject): Concern[] {
  const icons = member(definition, 'icons');
  if (icons?.kind !== 'array') return [];
  const odd = icons.items
    .map(icon => stringMember(icon, 'src') ?? '')
    .find(src => !/^(?:https:\/\/|data:image\/)/.test(src));
  return odd === undefined
    ? []
    : [{ why: `an icon is neither https nor an image: "${visible(odd, 80)}"`, final: false }];
}

interface Placed {
  readonly where: string;
  readonly text: string;
}

/** Every string of a definition, member names included, with its place. */
function* textsIn(node: JsonNode, where: string): Generator<Placed> {
  if (node.kind === 'string') yield { where: where === '' ? 'it' : where, text: node.value };
  if (node.kind === 'array')
    for (const [index, item] of node.items.entries()) yield* textsIn(item, `${where}[${index}]`);
  if (node.kind !== 'object') return;
  for (const [name, value] of node.members) {
    const here = where === '' ? visible(name, 64) : `${where}.${visible(name, 64)}`;
    yield { where: `the name ${here}`, text: name };
    yield* textsIn(value, here);
  }
}
