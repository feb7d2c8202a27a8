import { type JsonNode, type JsonObject, member, stringMember } from '../../model/json.ts';
import type { Tool } from '../../model/tool.ts';
import type { Role } from '../../model/way.ts';
import { argumentsOf } from '../../policy/classify/arguments.ts';
import { modeOf } from '../../policy/classify/mode.ts';
import { namePhrase } from '../../policy/classify/phrase.ts';
import { signsOf } from '../../policy/classify/signs.ts';
import { stemsOf, type Words, wordSet, wordsOf } from '../../policy/classify/words.ts';
import { fold, isLongerThan } from '../spelling/fold.ts';
import { addressesIn, isAddress, type Shape, shapeOf } from '../spelling/shape.ts';
import { saysWhom } from './whom.ts';

/** One value of a call that decides where something goes, what it is done to, how much, or what is run. */
export interface Sink {
  /** `recipients[0]`; an address inside a text is `body (link)`. */
  readonly argument: string;
  readonly role: Role;
  readonly value: string;
  readonly folded: string;
  readonly shape: Shape;
  /** What else the schema lets it be, folded, where much depends on which it is. */
  readonly others?: readonly string[];
  /** A flag is its name: which of the two it is. */
  readonly flag?: boolean;
}

export interface Sinks {
  readonly sinks: readonly Sink[];
  /** False if there were more values than are looked at: the rest counts as found nowhere. */
  readonly all: boolean;
}

/** Flags that are off stand apart: most say nothing, and one counts where somebody's text speaks of it. */
export interface SinksOfCall extends Sinks {
  readonly off: readonly Sink[];
}

export const sinksMax = 400;

/** So many flags that are off, of different names, stand apart; more are values like any other. */
const offMax = 64;

/** Names of arguments that hold an address whatever it looks like. */
const addresses: Words = wordSet(
  `email mail phone fax mobile telephone url uri href webhook callback endpoint host hostname domain website iban wallet
   address mailto`,
);
/** Names of arguments that say which thing is meant, or whom: somebody or something that the server knows. */
const objects: Words = wordSet(
  `recipient to cc bcc attendee participant invitee guest payee beneficiary receiver destination channel room member
   collaborator audience subscriber addressee follower share user username handle person contact assignee reviewer owner agent assistant
   login account id key uuid guid ref reference number no name path file filename folder dir directory slug sku code
   branch repo repository project bucket table instance server cluster ticket issue order document doc event record item
   page resource object source src target token card cart list queue topic namespace volume image snapshot macro job
   workflow pipeline template role group link pharmacy disk rule zone vendor supplier customer client patient board forum
   thread feed stream tenant workspace organization organisation org`,
);
/** Names of arguments that say whose things are looked for, where nothing is done with them. */
const whose: Words = wordSet('from sender author');
const amounts: Words = wordSet(
  'amount price total sum value budget fee quantity salary limit bid euro dollar pound cent eur usd gbp chf',
);
/** Names of arguments whose long numbers are those of things, by a register: no telephone's. */
const registered: Words = wordSet('isbn issn ean gtin upc barcode serial imei vin sku');
const states: Words = wordSet('status state');
const contents: Words = wordSet(
  `body content text message msg description note comment title subject summary detail details reason memo caption
   answer question query html markdown instructions prompt data payload value purpose label status pattern regex term keyword needle`,
);

/** What the tool's schema says about its arguments, found once for each definition. */
interface Known {
  readonly commands: ReadonlySet<string>;
  /** The argument that says what is done. */
  readonly mode: string | undefined;
  /** Of these the schema lists the values. */
  readonly chosen: ReadonlyMap<string, readonly string[]>;
}

const known = new WeakMap<JsonObject, Known>();

function knownOf(definition: JsonObject): Known {
  const found = known.get(definition);
  if (found !== undefined) return found;
  const all = argumentsOf(definition);
  const commands = all.filter(argument => signsOf(argument).some(sign => sign === 'code' || sign === 'sql'));
  const made = {
    commands: new Set(commands.map(({ name }) => name)),
    mode: modeOf(definition, all)?.name,
    chosen: chosenIn(definition),
  };
  known.set(definition, made);
  return made;
}

/** Members of A2A messages whose values are made for the purpose, or were given to this very agent under seal. */
const sealedMembers = ['messageId', 'contextId', 'taskId', 'referenceTaskIds', 'role', 'extensions'];

/** Arguments whose values the schema lists: the agent chooses, it does not bring anything. */
function chosenIn(definition: JsonObject): ReadonlyMap<string, readonly string[]> {
  // No server can call a tool of its own so: a colon stands in no name.
  const sealed = stringMember(definition, 'name')?.startsWith('a2a:') ? sealedMembers : [];
  const found = new Map<string, readonly string[]>(sealed.map(name => [name, []]));
  const walk = (node: JsonNode | undefined, depth: number): void => {
    if (node?.kind !== 'object' || depth > 5) return;
    const properties = member(node, 'properties');
    if (properties?.kind === 'object')
      for (const [name, value] of properties.members) {
        if (member(value, 'enum') !== undefined || member(value, 'const') !== undefined) found.set(name, listed(value));
        walk(value, depth + 1);
      }
    walk(member(node, 'items'), depth + 1);
  };
  walk(member(definition, 'inputSchema'), 0);
  return found;
}

/** As many of a list as are looked for in the principal's words. */
const listedMax = 32;

function listed(schema: JsonNode): readonly string[] {
  const values = member(schema, 'enum');
  if (values?.kind !== 'array') return [];
  return values.items.slice(0, listedMax).flatMap(item => (item.kind === 'string' ? [fold(item.value)] : []));
}

/** What was read last: one decision looks at a call from several sides, and reading it again would cost as much again. */
let last: { readonly tool: Tool; readonly input: JsonObject; readonly sinks: SinksOfCall } | undefined;

/**
 * The values of a call that matter, in the order in which they stand, and apart from them its flags that are off. At most `sinksMax` of
 * them; of a call with more, `all` is false. Throws nothing of its own.
 */
export function sinksOf(tool: Tool, input: JsonObject): SinksOfCall {
  if (last?.tool !== tool || last.input !== input) last = { tool, input, sinks: readSinks(tool, input) };
  return last.sinks;
}

function readSinks(tool: Tool, input: JsonObject): SinksOfCall {
  const known = knownOf(tool.definition);
  const sinks: Sink[] = [];
  const off = new Map<string, Sink>();
  let all = true;
  const add = (sink: Sink): void => {
    if (sinks.length < sinksMax) sinks.push(sink);
    else all = false;
  };
  const walk = (node: JsonNode, path: string, name: string): void => {
    if (!all) return;
    if (node.kind === 'array') {
      let index = 0;
      for (const item of node.items) walk(item, `${path}[${index++}]`, name);
    } else if (node.kind === 'object')
      for (const [key, value] of node.members) walk(value, path === '' ? key : `${path}.${key}`, key);
    else if (node.kind === 'boolean' && !tool.classes.every(one => one === 'read')) {
      // A flag is chosen by its name: `recurring`.
      const role = isGrave(tool) ? 'choice' : 'plain';
      const flag: Sink = { argument: path, role, value: name, folded: fold(name), shape: 'word', flag: node.value };
      if (node.value || (off.size === offMax && !off.has(name))) add(flag);
      else off.set(name, flag);
    } else if (node.kind === 'string' || node.kind === 'number') addSinks(node, path, name, tool, known, add);
  };
  walk(input, '', '');
  return { sinks, off: [...off.values()], all };
}

function addSinks(
  node: JsonNode & { kind: 'string' | 'number' },
  argument: string,
  name: string,
  tool: Tool,
  known: Known,
  add: (sink: Sink) => void,
): void {
  const value = node.kind === 'number' ? node.text : node.value;
  const folded = fold(value);
  if (folded === '') return;
  const shape = shapeOf(folded);
  const at = { argument, name, value };
  const judged = known.chosen.has(name) ? 'plain' : roleOf(at, folded, shape, node.kind, tool, known);
  // Where much depends on it, it matters who chose: a currency, a level of access.
  const role = judged === 'plain' && shape === 'word' && isGrave(tool) ? 'choice' : judged;
  const options = role === 'choice' ? known.chosen.get(name) : undefined;
  if (options === undefined) add({ argument, role, value, folded, shape });
  else add({ argument, role, value, folded, shape, others: options.filter(option => option !== folded) });
  const nests = role === 'object' && shape === 'path' && nested.test(folded);
  // `pay into DE89… from now on` is short, and no name.
  const isSaying = role === 'choice' && shape === 'phrase';
  if (role !== 'content' && role !== 'command' && !nests && !isSaying) return;
  if (role === 'command')
    for (const literal of literalsIn(value)) {
      const inner = fold(literal);
      add({ argument: `${argument} (value)`, role: 'choice', value: literal, folded: inner, shape: shapeOf(inner) });
    }
  for (const address of addressesIn(value, sinksMax + 1)) {
    const inner = fold(address);
    add({ argument: `${argument} (link)`, role: 'destination', value: address, folded: inner, shape: shapeOf(inner) });
  }
}

/** An address inside of another. */
const nested = /[^/]:\/\/|[?&=][^?&=]*%3a%2f%2f/i;

const quoted = /'([^'\n]{3,120})'|"([^"\n]{3,120})"/g;
const tokens = /[\p{L}\p{N}][\p{L}\p{N}_.@/-]{2,}/gu;
const digitOrSign = /[\d_@]/;

/** What a command or a query is about: its quoted values, and names that hold a digit or an underscore. */
function literalsIn(command: string): readonly string[] {
  const found = new Set<string>();
  for (const [, one, two] of command.matchAll(quoted)) found.add(one ?? two ?? '');
  for (const [token] of command.matchAll(tokens)) if (digitOrSign.test(token)) found.add(token);
  return [...found];
}

function isGrave({ classes }: Tool): boolean {
  return classes.includes('money') || classes.includes('admin');
}

const numberOfIt = /^0\d{2,}$|^\d{4,}$/;
const year = /^(?:19|20)\d\d$/;

/** Digits written as a text count nothing, they name something: `0044121`. */
function isNumbered(folded: string): boolean {
  return numberOfIt.test(folded) && !year.test(folded);
}

function roleOf(
  { argument, name, value }: { readonly argument: string; readonly name: string; readonly value: string },
  folded: string,
  shape: Shape,
  kind: 'string' | 'number',
  tool: Tool,
  known: Known,
): Role {
  if (known.commands.has(name)) return 'command';
  const said = saidBy(name);
  if (kind === 'number' || shape === 'number') {
    if (tool.classes.includes('money') && said.amounts) return 'amount';
    return said.objects || (kind === 'string' && isNumbered(folded) && !said.amounts) ? 'object' : 'plain';
  }
  if (shape === 'date') return 'plain';
  // A postal address is no place that anything of a task is sent to.
  // A host may be a person, and a contact may be a name.
  if (said.addresses && shape === 'phrase') return 'object';
  if (said.addresses) return isAddress(shape) || !said.postal ? 'destination' : 'object';
  const isText = isLongerThan(folded, shortWordsMax);
  // `"Ann Lee" <ann@example.org>, bob@example.org`, whatever the argument is called.
  if (!isText && !said.contents && someAddress.test(folded)) return 'destination';
  // A state is one of a few, and no text.
  if (said.states && !isLongerThan(folded, stateWordsMax) && !isAddress(shape))
    return shape === 'word' ? 'plain' : 'choice';
  if (said.contents && (isText || !isAddress(shape))) return 'content';
  if (isAddress(shape)) return said.registered && shape === 'phone' ? 'object' : 'destination';
  // Whom it concerns is the whole of it: an address that the principal gave, and words around it that lead to somebody else.
  if (isText) return saysWhom(name) ? 'object' : 'content';
  const asksWhose = said.whose && tool.classes.every(one => one === 'read');
  // `tool_name: create_task` says what is done, and is no thing that it is done to; deeper down it is one, whatever it is called.
  if (argument === known.mode && namePhrase(value).verbs.length > 0) return 'choice';
  // `7d`: how long names nothing.
  if (duration.test(folded) && !said.id && !said.objects) return 'plain';
  if (said.id || said.objects || asksWhose || shape === 'id' || shape === 'path') return 'object';
  return shape === 'word' && !digitOrDash.test(folded) ? 'plain' : 'choice';
}

const shortWordsMax = 6;
const stateWordsMax = 3;
const duration =
  /^(?:\d{1,4} ?(?:ms|s|secs?|m|mins?|h|hrs?|hours?|d|days?|w|weeks?|mo|months?|y|years?)|p(?=t?\d)(?:\d{1,3}[ymwd]){0,4}(?:t(?:\d{1,3}[hms]){1,3})?)$/;
const someAddress = /@[\p{L}\p{N}-]+\.|:\/\//u;
const digitOrDash = /[\d_-]/;

/** What the name of an argument says about its values: with any of its words (`amounts`, `id`), and else with the last. */
interface SaidByName {
  readonly amounts: boolean;
  readonly objects: boolean;
  readonly addresses: boolean;
  /** `address` alone may be where somebody lives. */
  readonly postal: boolean;
  readonly contents: boolean;
  readonly registered: boolean;
  readonly whose: boolean;
  /** It says in which state a thing is. */
  readonly states: boolean;
  readonly id: boolean;
}

function saidBy(name: string): SaidByName {
  const known = namesKnown.get(name);
  if (known !== undefined) return known;
  const words = wordsOf(name);
  const is = (set: Words): boolean => words.some(word => stemsOf(word).some(stem => set.has(stem)));
  const ends = (set: Words): boolean => stemsOf(words.at(-1) ?? '').some(stem => set.has(stem));
  const said = {
    ...{ amounts: is(amounts), objects: ends(objects), addresses: ends(addresses), contents: ends(contents) },
    registered: ends(registered),
    states: ends(states),
    ...{ postal: words.includes('address'), whose: ends(whose), id: words.includes('id') || words.includes('ids') },
  };
  if (namesKnown.size >= namesKnownMax) namesKnown.clear();
  if (name.length <= nameCharsMax) namesKnown.set(name, said);
  return said;
}

/** The names of arguments come again with every call. */
const namesKnown = new Map<string, SaidByName>();
const namesKnownMax = 2_048;
const nameCharsMax = 64;
