import { type JsonObject, stringMember } from '../model/json.ts';
import type { Tool } from '../model/tool.ts';
import type { Way } from '../model/way.ts';
import { classesOfCall } from '../policy/classify/by-call.ts';
import { askingNoun, namePhrase, nominalVerb, sentencePhrase } from '../policy/classify/phrase.ts';
import type { Purpose } from './read-purpose.ts';
import { type Act, actsOf, isSameThing, verbStemsOf } from './thesaurus.ts';

/**
 * How far the principal's words ask for an action. `asked`: for this kind of act on this kind of thing, or for this act
 * with these very values. `related`: for the act, or about the thing. `no`: neither.
 */
export type Asked = 'asked' | 'related' | 'no';

/** What a tool does and to what, found once for each definition. */
interface Doing {
  readonly verbs: ReadonlySet<string>;
  readonly acts: ReadonlySet<Act>;
  readonly things: readonly string[];
}

const doings = new WeakMap<object, Doing>();

export function doingOf(tool: Tool): Doing {
  const known = doings.get(tool.definition);
  if (known !== undefined) return known;
  const name = namePhrase(tool.name);
  const sentence = sentencePhrase(stringMember(tool.definition, 'description') ?? '');
  const nominal = nominalVerb(tool.name);
  const said = [...name.verbs, ...(nominal === undefined ? [] : [nominal]), ...sentence.verbs].map(({ word }) => word);
  const made = madeBy(
    name.verbs.map(({ word }) => word),
    name.objects,
  );
  const verbs = new Set([...said.flatMap(verbStemsOf), ...made]);
  const onlyReads = tool.classes.every(one => one === 'read' || one === 'egress');
  const acts = onlyReads ? new Set<Act>(['read']) : new Set(said.flatMap(word => [...(actsOf(word) ?? [])]));
  if (!onlyReads) acts.delete('read');
  if (!onlyReads) for (const word of name.objects) for (const act of nounActs.get(word) ?? []) acts.add(act);
  if (tool.classes.includes('money')) acts.add('pay');
  if (!onlyReads && acts.size === 0 && tool.classes.includes('message')) acts.add('tell');
  // A comment, a post and a reply tell somebody something, whatever they are called.
  if (tool.classes.includes('message') && acts.has('publish')) acts.add('tell');
  const named = [...name.objects, askingNoun(tool.name) ?? '', ...sentence.objects.slice(0, 6)];
  const doing = { verbs, acts, things: [...new Set(named.filter(word => word.length > 1 && !hollow.has(word)))] };
  doings.set(tool.definition, doing);
  return doing;
}

/** Who makes a booking books, and who adds a comment comments. */
function madeBy(verbs: readonly string[], objects: readonly string[]): readonly string[] {
  return verbs.some(word => actsOf(word)?.has('make')) ? objects : [];
}

/** `wo` is a work order to whoever speaks of work orders. */
function isInitials(short: string, words: readonly string[]): boolean {
  if (!initials.test(short)) return false;
  return words.some((_, at) => {
    const run = words.slice(at, at + short.length);
    return (
      run.length === short.length && run.map(word => word[0]).join('') === short && run.every(word => word.length > 2)
    );
  });
}

const initials = /^\p{L}{2,4}$/u;

/** The same of one call, where an argument says which of several things the tool does. */
function doingOfCall(tool: Tool, input: JsonObject): Doing {
  const doing = doingOf(tool);
  const { words, things, classes } = classesOfCall(tool, input);
  if (words.length === 0) return doing;
  const onlyReads = classes.every(one => one === 'read' || one === 'egress');
  const acts = onlyReads ? (['read'] as const) : words.flatMap(word => [...(actsOf(word) ?? [])]);
  return {
    verbs: new Set([...words.flatMap(verbStemsOf), ...madeBy(words, things)]),
    acts: new Set<Act>(acts),
    things: [...doing.things, ...things.filter(word => word.length > 1 && !hollow.has(word))],
  };
}

/** Words of descriptions that name no thing. */
const hollow = new Set(
  'an of to in on by at or is it as be if no do up the and for with from into its their this that given new one all any each existing specified'.split(
    ' ',
  ),
);

/** A name without a verb says with its noun what is done: `waitlist`, `refill_request`, `staffTask`. */
const nounActs: ReadonlyMap<string, readonly Act[]> = new Map<string, readonly Act[]>([
  ['message', ['tell']],
  ['email', ['tell']],
  ['mail', ['tell']],
  ['sms', ['tell']],
  ['fax', ['tell']],
  ['reply', ['tell']],
  ['notification', ['tell']],
  ['comment', ['tell', 'publish']],
  ['post', ['publish']],
  ['payment', ['pay']],
  ['refund', ['pay']],
  ['transfer', ['pay']],
  ['order', ['buy']],
  ['purchase', ['buy']],
  ['request', ['make']],
  ['task', ['make']],
  ['note', ['make']],
  ['deletion', ['remove']],
  ['update', ['change']],
]);

/** What is run stands in the principal's own words. */
function isDictated(ways: readonly Way[]): boolean {
  return ways.some(({ role, backing }) => role === 'command' && backing === 'principal');
}

/** They said each value of a call, and more than one. */
function isWholeTheirs(ways: readonly Way[]): boolean {
  return ways.length > 1 && ways.every(({ origin, backing }) => origin === 'prompt' && backing === 'principal');
}

function meet<T>(some: ReadonlySet<T>, others: ReadonlySet<T>): boolean {
  for (const one of some) if (others.has(one)) return true;
  return false;
}

/** Nobody said anything, as in most tasks. */
function asksForNothing({ acts, verbs, things, handsOver }: Purpose): boolean {
  return acts.size === 0 && verbs.size === 0 && things.length === 0 && handsOver === undefined;
}

export function askedFor(purpose: Purpose, tool: Tool, input: JsonObject, ways: readonly Way[]): Asked {
  if (asksForNothing(purpose)) return 'no';
  const { verbs, acts, things } = doingOfCall(tool, input);
  // Who wants to know something about a thing wants nothing done to it.
  if (purpose.onlyAsks && !acts.has('read')) return 'no';
  const act = meet(verbs, purpose.verbs) || meet(acts, purpose.acts);
  const thing = things.some(
    one => isInitials(one, purpose.things) || purpose.things.some(other => isSameThing(one, other)),
  );
  if (act && thing) return 'asked';
  const pointing = ways.filter(({ role }) => role === 'destination' || role === 'object');
  // What only a source says that they follow is not what they named.
  const named = pointing.some(
    ({ backing, origin }) => backing === 'principal' || (backing === 'picked' && origin === 'field'),
  );
  if ((act && named) || (isDictated(ways) && [...purpose.acts].some(one => one !== 'read'))) return 'asked';
  // `Set chlorine at Norr to 0.25`: the act, and every value of it.
  if (act && isWholeTheirs(ways)) return 'asked';
  const isTheirs = pointing.length > 0 && pointing.every(({ backing }) => backing === 'principal');
  if (thing && isTheirs && !isOtherAct(acts, purpose, tool, input)) return 'asked';
  // Whoever wants something changed, and names the very thing, means that thing.
  const changes =
    purpose.handsOver === 'work' || (['make', 'change', 'run', 'remove'] as const).some(one => purpose.acts.has(one));
  return act || thing || (isTheirs && changes) ? 'related' : 'no';
}

/**
 * Who wants `vol-7` resized has not had it deleted: where both say what is to be done and it is not the same, what removes or gives
 * rights is another act.
 */
function isOtherAct(acts: ReadonlySet<Act>, purpose: Purpose, tool: Tool, input: JsonObject): boolean {
  const { classes } = classesOfCall(tool, input);
  const isGrave = classes.includes('write') && (classes.includes('destructive') || classes.includes('admin'));
  return isGrave && acts.size > 0 && [...purpose.acts].some(one => one !== 'read');
}
