import { emptyObject, type JsonObject, member, stringMember } from '../model/json.ts';
import { type ActionClass, actionClasses } from '../model/tool.ts';
import { type Argument, argumentsOf } from './classify/arguments.ts';
import { classesOfArguments } from './classify/by-arguments.ts';
import { classesOfNouns, classesOfVerb, graveClassOf } from './classify/by-name.ts';
import { isCarried } from './classify/carried.ts';
import { classesOfFlags } from './classify/flags.ts';
import { classesByMode, modeOf } from './classify/mode.ts';
import { otherOrders } from './classify/nouns.ts';
import { classesOfWeb, readsFromAddress } from './classify/on-the-web.ts';
import { askingNoun, namePhrase, nominalVerb, type Phrase, sentencePhrase } from './classify/phrase.ts';
import type { ClassReason } from './classify/reason.ts';
import { signsOf } from './classify/signs.ts';
import { classesOfAgents } from './classify/to-an-agent.ts';
import type { Verb } from './classify/verbs.ts';
import { stemsOf, wordsOf } from './classify/words.ts';

export interface ClassExplanation {
  /** In the order of `actionClasses`. */
  readonly classes: readonly ActionClass[];
  readonly because: readonly ClassReason[];
  readonly confidence: Confidence;
}

/**
 * How sure the words make it. `sure`: a verb of the name says so. `likely`: the description does, or a word that may be a noun.
 * `unclear`: no verb was understood, and the arguments alone led to it.
 */
export type Confidence = 'sure' | 'likely' | 'unclear';

/**
 * What a tool that nobody has described can do, from its definition as in MCP `tools/list`. Pure, and a judgement of
 * words: the server chose them, so an operator's own classes in the catalogue always win over these.
 *
 * The name's verb decides first, arguments and the description's first sentence can only add. Annotations are hints
 * (MCP, Tools, "Tool annotations": untrusted unless the server is): they add what they admit to, and take away only
 * where nothing else was said. A verb that is not known is a `write`.
 */
export function classify(definition: JsonObject): readonly ActionClass[] {
  return explainClass(definition).classes;
}

/** The same, with the words that led to each class. */
export function explainClass(definition: JsonObject): ClassExplanation {
  const { reasons: because, confidence } = reasonsFor(definition);
  const found = new Set(because.map(reason => reason.class));
  return { classes: actionClasses.filter(name => found.has(name)), because, confidence };
}

function reasonsFor(definition: JsonObject): Omit<Said, 'verbs'> {
  const hints = hintsOf(definition);
  const title = stringMember(definition, 'name') ?? '';
  const description = stringMember(definition, 'description') ?? '';
  const all = argumentsOf(definition);
  const asks = asksOnly(title, all);
  const taken = all.map(argument => ({ argument, signs: signsOf(argument) }));
  const words = new Set(wordsOf(title));
  // `openNote(note)` opens a note that is there.
  const tells = taken.some(
    ({ argument, signs }) => signs.includes('body') && !argument.words.every(word => words.has(word)),
  );
  const name = heldAgainst(withKindOfOrder(namePhrase(title), description), wordsOf(title), {
    asks: asks && !beginsWithVerb(title, description),
    tells,
  });
  const { thing, ...done } = sentencePhrase(description);
  // Of what is only looked at nobody says that it cannot be undone.
  const sentence = thing === undefined || cannotBeUndone.test(description.toLowerCase()) ? done : { ...done, thing };

  const nouns = { noun: askingNoun(title), verb: nominalVerb(title), asks, several: pluralIn(title) };
  const said = saidBy(name, sentence, nouns, hints);
  const reasons = said.reasons;
  const fetches = readsFromAddress(description);
  reasons.push(
    ...classesOfArguments(taken, { verbs: said.verbs, objects: name.objects, changes: changes(reasons), fetches }),
  );
  if (changes(reasons)) {
    if (cannotBeUndone.test(description.toLowerCase()))
      reasons.push({ class: 'destructive', from: 'description', word: 'cannot be undone' });
    if (
      /\b(?:costs? appl|fees? (?:may )?appl|(?:will be|is|are) (?:charged|billed)|incurs? (?:a |an )?(?:cost|fee|charge))/i.test(
        description,
      )
    )
      reasons.push({ class: 'money', from: 'description', word: 'costs' });
  }
  if (!changes(reasons)) reasons.push(...classesOfFlags(all), ...classesOfAgents(title, description, all));
  if (reasons.every(reason => reason.class !== 'write' && reason.class !== 'egress'))
    reasons.push(...classesOfWeb(title, description, all));
  reasons.push(...ofModes(definition, all));
  reasons.push(...admitted(hints, changes(reasons)));
  return { reasons: closed(reasons), confidence: said.confidence };
}

/** In the words that descriptions use for it, in the seven languages and in lower case. */
const cannotBeUndone =
  /\b(?:irr[eé]v(?:e|o)[rc][a-zà-ÿ]+|cannot be (?:undone|reversed|recovered|retracted|taken back|called back)|can(?:not|'t) undo|permanently|unwiderruflich|endgültig|nicht (?:rückgängig|widerrufen|wiederhergestellt)|(?:no|não) se puede (?:deshacer|revertir|recuperar)|no (?:puede|pueden) (?:deshacerse|recuperarse)|não pode(?:m)? ser desfeit[ao]s?|ne peu(?:t|vent) (?:pas |plus )?être (?:annul|récupér|rétabli)\p{L}*|non può essere (?:annullat|ripristinat|recuperat)[ao]|niet ongedaan|onherroepelijk)(?!\p{L})/u;

/**
 * What the arguments make of a doubtful verb. One that ends the name and takes nothing but where to look is a noun
 * (`catalogue_record`); what is opened with a text is made (`open_ticket`).
 */
function heldAgainst(
  name: Phrase,
  words: readonly string[],
  { asks, tells }: { asks: boolean; tells: boolean },
): Phrase {
  const [verb] = name.verbs;
  if (verb === undefined || name.certain === true) return name;
  if (verb.kind === 'open' && tells) return { ...name, verbs: [{ word: 'create', kind: 'write' }] };
  return asks && words.length > 1 && words.at(-1) === verb.word && verb.kind !== 'open'
    ? { verbs: [], objects: [...name.objects, ...stemsOf(verb.word)] }
    : name;
}

/** `Gear.Rent`: "Rent gear on an order". Not `customer_record`: "Record of a customer". */
function beginsWithVerb(title: string, description: string): boolean {
  const [first = '', next = ''] = wordsOf(description.slice(0, 80));
  return /^\p{L}/u.test(next) && !behindNouns.has(next) && stemsOf(first).includes(wordsOf(title).at(-1) ?? '');
}

const behindNouns = new Set(
  'of for by on in from to at with as and or about per that which is are was were id ids number numbers name names'.split(
    ' ',
  ),
);

/** `createOrder`, of which the description says that it is a work order. */
function withKindOfOrder(name: Phrase, description: string): Phrase {
  const words = wordsOf(description.slice(0, 400));
  const kind = words.find((word, at) => otherOrders.has(word) && stemsOf(words[at + 1] ?? '').includes('order'));
  if (kind === undefined) return name;
  return { ...name, objects: name.objects.flatMap(word => (word === 'order' ? [kind, word] : [word])) };
}

/** Where an argument chooses what is done, the tool can do all of it. */
function ofModes(definition: JsonObject, all: readonly Argument[]): ClassReason[] {
  const mode = modeOf(definition, all);
  const values = mode?.isHttp ? ['POST', 'DELETE'] : (mode?.values ?? []);
  return values.flatMap(value =>
    mode === undefined
      ? []
      : (classesByMode(mode, value, emptyObject)?.reasons ?? []).map(reason => ({
          ...reason,
          from: 'argument' as const,
          word: mode.name,
        })),
  );
}

function pluralIn(title: string): string | undefined {
  const last = wordsOf(title).at(-1) ?? '';
  return /[^s]s$/.test(last) && stemsOf(last).some(stem => stem !== last) ? last : undefined;
}

/** Every argument only says where to look, and there is one: a noun with such arguments is asked for. */
function asksOnly(title: string, all: readonly Argument[]): boolean {
  const nouns = new Set(wordsOf(title));
  return all.length > 0 && !all.some(argument => isCarried(argument, nouns));
}

interface Said {
  readonly verbs: readonly Verb[];
  readonly reasons: ClassReason[];
  readonly confidence: Confidence;
}

/** What the nouns of a name say where it has no verb. */
interface Nouns {
  readonly noun: string | undefined;
  readonly verb: Verb | undefined;
  readonly asks: boolean;
  /** The last word, where it is a plural. */
  readonly several: string | undefined;
}

/** What name and description say. The description speaks for the name only where the name has no verb. */
function saidBy(name: Phrase, sentence: Phrase, title: Nouns, hints: Hints): Said {
  const read = (from: ClassReason['from'], word: string, confidence: Confidence): Said => ({
    verbs: [],
    reasons: [{ class: 'read', from, word }],
    confidence,
  });
  if (
    sentence.thing !== undefined &&
    name.certain !== true &&
    title.asks &&
    (title.verb === undefined || title.verb.kind === 'read')
  )
    return read('description', sentence.thing, 'likely');
  const fromName = name.verbs.flatMap(verb => classesOfVerb(verb, name.objects, 'name'));
  if (fromName.length > 0) {
    const more = sentence.verbs.flatMap(verb => graveClassOf(verb, sentence.objects));
    return {
      verbs: name.verbs,
      reasons: [...fromName, ...more],
      confidence: name.certain === true ? 'sure' : 'likely',
    };
  }
  const objects = [...name.objects, ...sentence.objects];
  const fromSentence = sentence.verbs.flatMap(verb => classesOfVerb(verb, objects, 'description'));
  if (fromSentence.length > 0) return { verbs: sentence.verbs, reasons: fromSentence, confidence: 'likely' };
  if (title.noun !== undefined) return read('name', title.noun, 'likely');
  if (title.verb !== undefined)
    return { verbs: [title.verb], reasons: classesOfVerb(title.verb, name.objects, 'name'), confidence: 'likely' };
  // Several of a thing, and nothing but where to look for them: a list, as far as one can tell.
  if (title.several !== undefined && title.asks)
    return { verbs: [], reasons: [{ class: 'read', from: 'name', word: title.several }], confidence: 'unclear' };
  return { verbs: [], reasons: unsaid(name, hints), confidence: 'unclear' };
}

/** A server that answers for its tool with `readOnlyHint` is believed; its silence is MCP's default, a write. */
function unsaid(name: Phrase, hints: Hints): ClassReason[] {
  if (hints.readOnly === true) return [{ class: 'read', from: 'annotation', word: 'readOnlyHint' }];
  return [{ class: 'write', from: 'default', word: 'no known verb' }, ...classesOfNouns(name.objects)];
}

interface Hints {
  readonly readOnly: boolean | undefined;
  readonly destructive: boolean | undefined;
}

function hintsOf(definition: JsonObject): Hints {
  const annotations = member(definition, 'annotations');
  const flag = (name: string): boolean | undefined => {
    const value = member(annotations, name);
    return value?.kind === 'boolean' ? value.value : undefined;
  };
  return { readOnly: flag('readOnlyHint'), destructive: flag('destructiveHint') };
}

/** Hints that admit to more than the words show. `destructiveHint` means something only where the tool may write. */
function admitted(hints: Hints, writes: boolean): ClassReason[] {
  const reasons: ClassReason[] = [];
  if (hints.readOnly === false) reasons.push({ class: 'write', from: 'annotation', word: 'readOnlyHint: false' });
  if (hints.destructive === true && (writes || hints.readOnly === false))
    reasons.push({ class: 'destructive', from: 'annotation', word: 'destructiveHint: true' });
  return reasons;
}

function changes(reasons: readonly ClassReason[]): boolean {
  return reasons.some(reason => reason.class === 'write');
}

/** What changes something is a `write` and no `read`; where nothing but a read was found, it is one. */
function closed(reasons: readonly ClassReason[]): ClassReason[] {
  return changes(reasons) ? reasons.filter(reason => reason.class !== 'read') : [...reasons];
}

/**
 * Hints are the server's own words about itself, and may only make a tool look worse (MCP 2026-07-28, Tools: "clients
 * MUST consider tool annotations to be untrusted"; threats B-6). This is the definition without what soothes.
 */
export function withoutSoothing(definition: JsonObject): JsonObject {
  const hints = member(definition, 'annotations');
  if (hints?.kind !== 'object') return definition;
  const kept = [...hints.members].filter(([name, value]) => !soothes(name, value.kind === 'boolean' && value.value));
  return {
    kind: 'object',
    members: new Map(definition.members).set('annotations', { kind: 'object', members: new Map(kept) }),
  };
}

function soothes(name: string, value: boolean): boolean {
  return name === 'readOnlyHint' || name === 'idempotentHint' ? value : !value;
}
