import { type JsonNode, type JsonObject, member, stringMember } from '../../model/json.ts';
import { type ActionClass, actionClasses, type Tool } from '../../model/tool.ts';
import { type ClassExplanation, explainClass, withoutSoothing } from '../classify.ts';
import { argumentsOf } from './arguments.ts';
import { changesByValue } from './by-value.ts';
import { isCarried } from './carried.ts';
import { classesByMode, type Mode, modeOf, saysOtherwise } from './mode.ts';
import { holdsAddress } from './on-the-web.ts';
import { bringsMore, namesReading } from './only-reads.ts';
import type { ClassReason } from './reason.ts';
import { signsOf } from './signs.ts';
import { plainVerbs } from './verbs.ts';
import { wordsOf } from './words.ts';

/** What one call would do. `classes` are never more than those of its tool, but where one argument chooses what is done. */
export interface CallClasses {
  readonly classes: readonly ActionClass[];
  /** No word that is understood says so: a guess from the arguments. */
  readonly unclear: boolean;
  /** The words that say what this call does, where an argument chooses it: `renew`, `delete`. */
  readonly words: readonly string[];
  /** The nouns of that argument's value: `tags` of `CreateTags`. */
  readonly things: readonly string[];
  /** A program that is not SQL is given. */
  readonly program: boolean;
  /** Nothing is given at all: there is nothing to look for. */
  readonly bare: boolean;
}

/** Of the call that was asked about last: it is asked about several times in a row. */
let newest: { readonly tool: Tool; readonly input: JsonObject; readonly found: CallClasses } | undefined;

/**
 * One tool may read and change: by an argument that says which (`action: "delete"`, `method: "GET"`), by whether
 * something to write is given at all, or by an argument that only some calls have (`iban`). What an operator said about
 * the tool holds for all its calls.
 */
export function classesOfCall(tool: Tool, input: JsonObject): CallClasses {
  if (newest?.input === input && newest.tool === tool) return newest.found;
  newest = { tool, input, found: judge(tool, input) };
  return newest.found;
}

/** What led to the tool's classes; undefined where an operator said them. */
export function judgementOf(tool: Tool): ClassExplanation | undefined {
  const { explained } = knownOf(tool.definition);
  return isFoundFor(explained, tool) ? explained : undefined;
}

/** Its classes are those that were found, in their order: no operator said others. */
function isFoundFor({ classes }: ClassExplanation, tool: Tool): boolean {
  return classes.length === tool.classes.length && classes.every((name, at) => name === tool.classes[at]);
}

function judge(tool: Tool, input: JsonObject): CallClasses {
  const known = knownOf(tool.definition);
  const unclear = known.explained.confidence === 'unclear';
  const plain = {
    unclear,
    words: [],
    things: [],
    program: known.programs.some(name => isGiven(input, name)),
    bare: input.members.size === 0,
  };
  if (!isFoundFor(known.explained, tool)) return { ...plain, classes: tool.classes, unclear: false };
  const said = knownJudge(known, tool, input, plain);
  // What only asks may still be handed a statement that does not.
  const changes = said.classes.includes('write') ? undefined : changesByValue(input);
  return changes === undefined ? said : { ...said, ...changes };
}

function knownJudge(known: Known, tool: Tool, input: JsonObject, plain: Omit<CallClasses, 'classes'>): CallClasses {
  const { classes, because } = known.explained;
  const chosen = known.mode === undefined ? undefined : byMode(known.mode, tool, input);
  if (chosen !== undefined) return { ...plain, ...chosen };
  if (!classes.includes('write')) return { ...plain, classes: ofReading(known, input) };
  const asks = asksOnly(known, input);
  if (asks !== 'no') return { ...plain, classes: ['read'], unclear: asks === 'perhaps' };
  // A class that rests on arguments alone is one of the calls that have them.
  const held = classes.filter(name =>
    because.some(
      reason => reason.class === name && holds(reason, known, input) && !(name === 'message' && isDraft(known, input)),
    ),
  );
  return { ...plain, classes: held.length > 0 ? held : ['read'] };
}

/** What is looked for on the web is told to those who are asked; only an address in it may lead elsewhere. */
function ofReading({ explained: { classes, because } }: Known, input: JsonObject): readonly ActionClass[] {
  const goes = because.filter(reason => reason.class === 'egress');
  if (goes.length === 0 || goes.some(({ from }) => from === 'argument') || holdsAddress(input)) return classes;
  return classes.filter(name => name !== 'egress');
}

/** The description says that it reads where something is not given; or nobody said anything, and nothing is brought. */
function asksOnly(
  { explained, readsWithout, carried, arguments: count }: Known,
  input: JsonObject,
): 'yes' | 'perhaps' | 'no' {
  const { classes, confidence } = explained;
  if (readsWithout.length > 0 && !classes.includes('code') && !classes.includes('egress'))
    return readsWithout.some(name => isGiven(input, name)) ? 'no' : 'yes';
  if (classes.some(name => name !== 'write' && name !== 'read')) return 'no';
  const isBrought = count === 0 || carried.some(name => isGiven(input, name));
  return confidence === 'unclear' && !isBrought ? 'perhaps' : 'no';
}

function holds(reason: ClassReason, { mode }: Known, input: JsonObject): boolean {
  if (reason.from !== 'argument' || reason.word === mode?.name) return true;
  return (
    isGiven(input, reason.word) &&
    !isRefused(input, reason.word) &&
    !(reason.class === 'egress' && isNamed(input, reason.word))
  );
}

/** `delete: false` says that it does not. */
function isRefused(input: JsonObject, name: string): boolean {
  const value = member(input, name);
  return value?.kind === 'boolean' && !value.value;
}

/** Servers take names as they come: `IBAN` and `i_ban` count as `iban`. */
function isGiven(node: JsonNode, name: string): boolean {
  return hasNamed(node, plainName(name));
}

function hasNamed(node: JsonNode, plain: string): boolean {
  if (node.kind === 'array') return node.items.some(item => hasNamed(item, plain));
  if (node.kind !== 'object') return false;
  for (const [key, value] of node.members)
    if ((value.kind !== 'null' && plainName(key) === plain) || hasNamed(value, plain)) return true;
  return false;
}

function plainName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** A `host` may be a person: what goes out goes to something that looks like an address. */
function isNamed(input: JsonObject, name: string): boolean {
  const value = stringMember(input, name);
  return value !== undefined && (/\s/.test(value.trim()) || !/[.:/]|^localhost$/i.test(value));
}

/** Members that say that it goes out after all. */
const sending = /^(?:send|publish|post|deliver|submit|schedule|status|state)(?:[_A-Z].*)?$/i;

/** What is kept as a draft reaches nobody; but a word that the tool does not know keeps nothing back. */
function isDraft({ names }: Known, input: JsonObject): boolean {
  if ([...input.members].some(([name, value]) => sending.test(name) && !(value.kind === 'boolean' && !value.value)))
    return false;
  return ['draft', 'as_draft', 'save_as_draft'].some(name => {
    const draft = names.has(name) ? member(input, name) : undefined;
    return draft?.kind === 'boolean' && draft.value;
  });
}

interface Known {
  readonly explained: ClassExplanation;
  readonly mode: Mode | undefined;
  /** Names of the arguments that bring something. */
  readonly carried: readonly string[];
  readonly arguments: number;
  readonly names: ReadonlySet<string>;
  /** Names of those that are run, but for SQL. */
  readonly programs: readonly string[];
  /** Arguments without which it only reads, as the description says. */
  readonly readsWithout: readonly string[];
}

const knownTools = new WeakMap<JsonObject, Known>();

function knownOf(definition: JsonObject): Known {
  const found = knownTools.get(definition);
  if (found !== undefined) return found;
  const all = argumentsOf(definition);
  const nouns = new Set(wordsOf(stringMember(definition, 'name') ?? ''));
  const description = stringMember(definition, 'description') ?? '';
  const made: Known = {
    explained: explainClass(withoutSoothing(definition)),
    mode: modeOf(definition, all),
    carried: all.filter(argument => isCarried(argument, nouns)).map(({ name }) => name),
    arguments: all.length,
    names: new Set(all.map(({ name }) => name)),
    programs: all
      .filter(argument => signsOf(argument).includes('code') && !signsOf(argument).includes('sql'))
      .map(({ name }) => name),
    readsWithout: withoutWhat(
      description,
      all.map(({ name }) => name),
    ),
  };
  knownTools.set(definition, made);
  return made;
}

/** The arguments of "Without text it reads, with text it appends." */
function withoutWhat(description: string, names: readonly string[]): readonly string[] {
  const [, without = ''] = readsWithout.exec(description) ?? [];
  const said = wordsOf(without);
  return names.filter(name => wordsOf(name).some(word => said.includes(word)));
}

const readsWithout =
  /\b(?:without|if no|when no|omit)\b([^.;]{0,60}?)\b(?:it |this )?(?:reads?|lists?|returns?|shows?|gets?|displays?|prints?)\b/i;

const places = new Set(['url', 'uri', 'href', 'link', 'endpoint', 'host', 'hostname', 'base_url']);

function leadsOut(input: JsonObject): boolean {
  return [...input.members].some(
    ([name, node]) =>
      node.kind === 'string' && (node.value.includes('://') || (places.has(name) && node.value.includes('.'))),
  );
}

/** `execute(action)`: no program is run, but one of its operations, and which one is said. */
function isOnlyInvoked({ definition }: Tool, { isHttp, name }: Mode, input: JsonObject): boolean {
  const because = knownOf(definition).explained.because.filter(reason => reason.class === 'code');
  const isByVerb = because.every(
    ({ from, word }) => (from === 'name' || from === 'description') && plainVerbs.get(word) === 'run',
  );
  return isByVerb && !isHttp && !bringsMore(input, name);
}

/** A link at any depth, or a host in a member that is for one. */
function goesOut(node: JsonNode, name = ''): boolean {
  if (node.kind === 'array') return node.items.some(item => goesOut(item, name));
  if (node.kind === 'object') return [...node.members].some(([key, value]) => goesOut(value, key));
  if (node.kind !== 'string') return false;
  return (
    /:\/\/|^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+\//u.test(node.value) || (places.has(name) && node.value.includes('.'))
  );
}

/** Which operations there are, nobody said: one that reads may go to an address as well. */
function runs({ classes }: Tool, { isTool }: Mode): boolean {
  return isTool || classes.includes('code');
}

/** Undefined where no value is given, or none that is understood: then the call counts as the gravest that the tool can do. */
function byMode(mode: Mode, tool: Tool, input: JsonObject): Omit<CallClasses, 'program' | 'bare'> | undefined {
  const value = member(input, mode.name) === undefined ? mode.fallback : stringMember(input, mode.name);
  const isSure = value !== undefined && !saysOtherwise(mode, value, input);
  const said = isSure ? classesByMode(mode, value, input) : undefined;
  if (said === undefined) return undefined;
  const found = new Set(said.reasons.map(reason => reason.class));
  const reads = namesReading(value ?? '') && isOnlyInvoked(tool, mode, input);
  // Of `call_tool(name)` nobody but the name says that it is less than a tool of any kind.
  if (mode.isTool && !reads && !found.has('write')) return undefined;
  // What the tool reaches, and what it may run, it does in every mode; a path alone leads to where the server is anyway.
  if (tool.classes.includes('code') && !reads) found.add('code');
  if (mode.isHttp ? leadsOut(input) : tool.classes.includes('egress') || (reads && runs(tool, mode) && goesOut(input)))
    found.add('egress');
  if (found.has('write')) found.delete('read');
  return {
    classes: actionClasses.filter(name => found.has(name)),
    unclear: false,
    words: said.words,
    things: said.things,
  };
}
