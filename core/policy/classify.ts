import { type JsonObject, member, stringMember } from '../model/json.ts';
import { type ActionClass, actionClasses } from '../model/tool.ts';
import { argumentsOf } from './classify/arguments.ts';
import { classesOfArguments } from './classify/by-arguments.ts';
import { classesOfNouns, classesOfVerb, graveClassOf } from './classify/by-name.ts';
import { askingNoun, namePhrase, nominalVerb, type Phrase, sentencePhrase } from './classify/phrase.ts';
import type { ClassReason } from './classify/reason.ts';
import { signsOf } from './classify/signs.ts';
import type { Verb } from './classify/verbs.ts';

export interface ClassExplanation {
  /** In the order of `actionClasses`. */
  readonly classes: readonly ActionClass[];
  readonly because: readonly ClassReason[];
}

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
  const because = reasonsFor(definition);
  const found = new Set(because.map(reason => reason.class));
  return { classes: actionClasses.filter(name => found.has(name)), because };
}

function reasonsFor(definition: JsonObject): ClassReason[] {
  const hints = hintsOf(definition);
  const title = stringMember(definition, 'name') ?? '';
  const name = namePhrase(title);
  const sentence = sentencePhrase(stringMember(definition, 'description') ?? '');
  const taken = argumentsOf(definition).map(argument => ({ argument, signs: signsOf(argument) }));

  const said = saidBy(name, sentence, { noun: askingNoun(title), verb: nominalVerb(title) }, hints);
  const reasons = said.reasons;
  reasons.push(...classesOfArguments(taken, { verbs: said.verbs, objects: name.objects, changes: changes(reasons) }));
  if (
    changes(reasons) &&
    /\b(?:irreversibl[ey]|cannot be undone)\b/i.test(stringMember(definition, 'description') ?? '')
  )
    reasons.push({ class: 'destructive', from: 'description', word: 'cannot be undone' });
  reasons.push(...admitted(hints, changes(reasons)));
  return closed(reasons);
}

interface Said {
  readonly verbs: readonly Verb[];
  readonly reasons: ClassReason[];
}

/** What the nouns of a name say where it has no verb. */
interface Nouns {
  readonly noun: string | undefined;
  readonly verb: Verb | undefined;
}

/** What name and description say. The description speaks for the name only where the name has no verb. */
function saidBy(name: Phrase, sentence: Phrase, title: Nouns, hints: Hints): Said {
  if (
    sentence.thing !== undefined &&
    name.certain === false &&
    (title.verb === undefined || title.verb.kind === 'read')
  )
    return { verbs: [], reasons: [{ class: 'read', from: 'description', word: sentence.thing }] };
  const fromName = name.verbs.flatMap(verb => classesOfVerb(verb, name.objects, 'name'));
  if (fromName.length > 0) {
    const more = sentence.verbs.flatMap(verb => graveClassOf(verb, sentence.objects));
    return { verbs: name.verbs, reasons: [...fromName, ...more] };
  }
  const objects = [...name.objects, ...sentence.objects];
  const fromSentence = sentence.verbs.flatMap(verb => classesOfVerb(verb, objects, 'description'));
  if (fromSentence.length > 0) return { verbs: sentence.verbs, reasons: fromSentence };
  if (title.noun !== undefined) return { verbs: [], reasons: [{ class: 'read', from: 'name', word: title.noun }] };
  if (title.verb !== undefined)
    return { verbs: [title.verb], reasons: classesOfVerb(title.verb, name.objects, 'name') };
  return { verbs: [], reasons: unsaid(name, hints) };
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
