import { type JsonNode, type JsonObject, member, stringMember } from '../../model/json.ts';
import type { Argument } from './arguments.ts';
import { classesOfVerb } from './by-name.ts';
import { askingNoun, namePhrase, type Phrase } from './phrase.ts';
import type { ClassReason } from './reason.ts';
import { signsOf } from './signs.ts';
import { plainVerbs, type Verb, type VerbKind } from './verbs.ts';
import { type Words, wordSet, wordsOf } from './words.ts';

/** The argument that says what a call does. */
export interface Mode {
  readonly name: string;
  /** `method` of HTTP; the path says on what. */
  readonly isHttp: boolean;
  /** `call_tool(name)`: it is said by nothing but its name that it is an operation. */
  readonly isTool: boolean;
  /** Those that the schema lists. */
  readonly values: readonly string[];
  readonly fallback: string | undefined;
  readonly objects: readonly string[];
}

/** Names of arguments whose value is what is done. */
const modes: Words = wordSet(
  `op operation action method verb mode command cmd act do function task request_type action_type op_type
   tool_name function_name operation_name action_name method_name operation_id`,
);
/** Verbs of names that leave it to an argument. */
const open: ReadonlySet<string> = new Set([
  'manage',
  'handle',
  'process',
  'perform',
  'do',
  'make',
  'request',
  'call',
  'run',
  'execute',
  'invoke',
]);

/** A name that says for certain what is done leaves nothing to an argument. */
export function modeOf(definition: JsonObject, all: readonly Argument[]): Mode | undefined {
  const name = namePhrase(stringMember(definition, 'name') ?? '');
  if (name.certain === true && !open.has(name.verbs[0]?.word ?? '')) return undefined;
  const said = all.find(one => isMode(one));
  const argument = said ?? all.find(one => isNamedTool(one, name));
  if (argument === undefined) return undefined;
  const schema = member(member(member(definition, 'inputSchema'), 'properties'), argument.name);
  const values = enumOf(schema);
  // A program says what is done in a language of its own.
  if (values.length === 0 && signsOf(argument).includes('code')) return undefined;
  const isHttp =
    argument.words.includes('method') &&
    (values.length === 0 || values.some(value => /^(?:get|post|delete)$/i.test(value)));
  if (!isHttp && argument.name === 'mode' && !values.some(value => verbsIn(value).length > 0)) return undefined;
  const isTool = said === undefined;
  return {
    name: argument.name,
    isHttp,
    isTool,
    values,
    fallback: stringMember(schema, 'default'),
    objects: name.objects,
  };
}

function isMode({ words, types }: Argument): boolean {
  return modes.has(words.join('_')) && !types.includes('boolean');
}

/** `call_tool(name)`, `run_tool(tool)`: which of them says what is done. Elsewhere a tool is a thing, as a drill is. */
function isNamedTool({ words, types }: Argument, { verbs: [verb], objects }: Phrase): boolean {
  const isOne = words.length === 1 && (words[0] === 'tool' || words[0] === 'name');
  return isOne && !types.includes('boolean') && objects.includes('tool') && calling.has(verb?.word ?? '');
}

/** Not `make_tool(name)`. */
const calling: ReadonlySet<string> = new Set(['call', 'run', 'execute', 'invoke']);

function enumOf(schema: JsonNode | undefined): string[] {
  const values = member(schema, 'enum');
  return values?.kind === 'array' ? values.items.flatMap(item => (item.kind === 'string' ? [item.value] : [])) : [];
}

/** Whoever calls writes a value: of `delete.view` either may be done. */
function verbsIn(value: string): readonly Verb[] {
  const { verbs } = namePhrase(value);
  const others = /[./:]/.test(value) ? namePhrase(value.replace(/[./:]/g, ' ')).verbs : [];
  return [...verbs, ...others.filter(({ word }) => !verbs.some(verb => verb.word === word))];
}

/** Methods of HTTP (RFC 9110 §9.3) as what they do. */
const httpVerbs: Readonly<Record<string, string>> = {
  get: 'get',
  head: 'get',
  options: 'get',
  post: 'create',
  put: 'put',
  patch: 'update',
  delete: 'delete',
};

/** `status`, `state`: a value that is no verb and names what one asks for. */
function asked(value: string): ByMode | undefined {
  const noun = value.toLowerCase() === 'state' ? 'state' : askingNoun(value);
  return noun === undefined
    ? undefined
    : { reasons: [{ class: 'read', from: 'argument', word: noun }], words: [noun], things: [] };
}

export interface ByMode {
  readonly reasons: readonly ClassReason[];
  /** What the value says is done. */
  readonly words: readonly string[];
  /** And to what: `CreateTags` makes tags. A path is none of these: whoever calls may write any word into it. */
  readonly things: readonly string[];
}

/**
 * Whether it may be that something else is done than the value says: it is none of those listed, it is not written in the
 * letters that one sees, or another member of the call says what is done as well.
 */
export function saysOtherwise({ name, values, isHttp }: Mode, value: string, input: JsonObject): boolean {
  const plain = value.toLowerCase();
  if (values.length > 0 && !values.some(one => one.toLowerCase() === plain)) return true;
  if (
    /[\p{Cf}\p{Cc};,|&+]/u.test(value) ||
    (/\p{Script=Latin}/u.test(value) && /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(value))
  )
    return true;
  if (isHttp && (overrides(input) || (/^get$/i.test(value) && hasBody(input)))) return true;
  if (choosesInside(input, name)) return true;
  return [...input.members].some(([key, other]) => {
    if (key === name || other.kind === 'boolean' || !modes.has(wordsOf(key.toLowerCase()).join('_'))) return false;
    // `mode: "fast"` says how; a verb, or the same name spelled in another way, says what.
    return other.kind !== 'string' || key.toLowerCase() === name.toLowerCase() || verbsIn(other.value).length > 0;
  });
}

/** What a GET does with a body, only its server knows (RFC 9110 §9.3.1: it has no generally defined semantics). */
function hasBody(input: JsonObject): boolean {
  return [...input.members].some(
    ([key, value]) =>
      /^(?:body|payload|data|json|form|content)$/i.test(key) &&
      value.kind !== 'null' &&
      !(value.kind === 'string' && value.value === '') &&
      !(value.kind === 'object' && value.members.size === 0),
  );
}

/** `options: { operation: "purge" }`, `?action=delete`: deeper down, something else is chosen. */
function choosesInside(node: JsonNode, name: string, depth = 0): boolean {
  if (depth > 5) return false;
  if (node.kind === 'string')
    return [...node.value.matchAll(/[?&;]([\w-]{2,24})=([\p{L}_-]{2,40})(?=[&;#]|$)/giu)].some(
      ([, key = '', value = '']) => modes.has(wordsOf(key).join('_')) && changesAs(value),
    );
  if (node.kind === 'array') return node.items.some(item => choosesInside(item, name, depth + 1));
  if (node.kind !== 'object') return false;
  return [...node.members].some(([key, value]) => {
    if (depth === 0 && key === name) return false;
    const chooses = depth > 0 && value.kind === 'string' && modes.has(wordsOf(key).join('_')) && changesAs(value.value);
    const does = depth > 0 && value.kind === 'boolean' && value.value && changesAs(key);
    return chooses || does || choosesInside(value, name, depth + 1);
  });
}

function changesAs(value: string): boolean {
  return verbsIn(value).some(({ kind }) => kind !== 'read' && kind !== 'compute' && kind !== 'open');
}

/** Many servers let a header, a member or the query of a path say another method than the one that is sent. */
function overrides(node: JsonNode): boolean {
  if (node.kind === 'string') return /[?&;](?:_|x-)?(?:http-?)?method(?:-?override)?=/i.test(node.value);
  if (node.kind === 'array') return node.items.some(overrides);
  if (node.kind !== 'object') return false;
  return [...node.members].some(([key, value]) => /method[-_]?override|^_method$/i.test(key) || overrides(value));
}

/** Undefined where the value is no word that is known: then the call counts as the gravest that the tool can do. */
export function classesByMode(mode: Mode, value: string, input: JsonObject): ByMode | undefined {
  const said = mode.isHttp ? (httpVerbs[value.toLowerCase()] ?? '') : value;
  const verbs = verbsIn(said);
  if (verbs.length === 0) return asked(said);
  const things = mode.isHttp ? [] : namePhrase(said).objects;
  const objects = mode.isHttp ? pathObjects(input) : [...mode.objects, ...things];
  const more = mode.isHttp ? pathVerbs(input, said === 'get') : [];
  const reasons = [...verbs, ...more].flatMap(verb => classesOfVerb(verb, objects, 'name'));
  // Reading a secret by a path is the server's to refuse: the method alone reads, but for a path that says what is done.
  const read = mode.isHttp && said === 'get' && more.length === 0;
  return {
    reasons: read ? reasons.filter(reason => reason.class === 'read') : reasons,
    words: [...verbs, ...(read ? [] : more)].map(({ word }) => word),
    things,
  };
}

const pathNames = new Set(['path', 'url', 'uri', 'endpoint', 'route', 'resource']);

/** The words of the path that an HTTP call names: what it is done to. */
function pathObjects(input: JsonObject): string[] {
  for (const [name, value] of input.members)
    if (pathNames.has(name) && value.kind === 'string')
      return wordsOf(value.value.replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/[?#].*/s, ''))
        .filter(word => /^\p{L}{2,}$/u.test(word))
        .map(singular);
  return [];
}

/** `/instances/web-1/stop`, `/users/delete/5`, `/deleteUser/5`: a path may say more than its method. */
function pathVerbs(input: JsonObject, isRead: boolean): readonly Verb[] {
  for (const [name, value] of input.members)
    if (pathNames.has(name) && value.kind === 'string') {
      const path = unescaped(value.value).replace(/^[a-z]+:\/\/[^/]*/i, '');
      const steps = path
        .replace(/[?#].*/s, '')
        .split(/[/;]/)
        .filter(step => step !== '');
      const last = steps.at(-1) ?? '';
      const ends = isRead ? verbAlone(last) : verbsIn(last).filter(({ kind }) => kind !== 'read' && kind !== 'light');
      return [...ends, ...steps.flatMap(verbThatOpens)];
    }
  return [];
}

/** What is read may be called like something that is done (`/invoice-hook`): here a step says so that is a verb and no more. */
function verbAlone(step: string): Verb[] {
  const words = wordsOf(step);
  const kind = words.length === 1 ? plainVerbs.get(words[0] ?? '') : undefined;
  return kind === undefined || harmless.has(kind) ? [] : [{ word: words[0] ?? '', kind }];
}

/** The first word of a step, where it is surely a verb and not the plural of a thing. */
function verbThatOpens(step: string): Verb[] {
  const word = wordsOf(step)[0] ?? '';
  const kind = plainVerbs.get(word);
  return kind !== undefined && grave.has(kind) ? [{ word, kind }] : [];
}

const harmless: ReadonlySet<VerbKind> = new Set(['read', 'light', 'copyout', 'compute', 'open']);
const grave: ReadonlySet<VerbKind> = new Set(['destroy', 'admin', 'money', 'approve', 'physical', 'code']);

function unescaped(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function singular(word: string): string {
  return word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}
