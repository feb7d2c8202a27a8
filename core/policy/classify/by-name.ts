import type { ActionClass } from '../../model/tool.ts';
import * as noun from './nouns.ts';
import type { ClassReason } from './reason.ts';
import type { Verb } from './verbs.ts';
import type { Words } from './words.ts';

/** What a description's verb adds to a name that has a verb of its own: the grave classes of the verb alone. */
export function graveClassOf(verb: Verb, objects: readonly string[]): ClassReason[] {
  const found = asks(verb, objects) ? undefined : classOfKind(verb, objects);
  if (found === undefined || found === 'egress') return [];
  return [
    { class: 'write', from: 'description', word: verb.word },
    { class: found, from: 'description', word: verb.word },
  ];
}

/** The classes that one verb and its objects put a tool in. Never empty. */
export function classesOfVerb(verb: Verb, objects: readonly string[], from: 'name' | 'description'): ClassReason[] {
  const reasons: ClassReason[] = [];
  const add = (name: ActionClass, word: string) => reasons.push({ class: name, from, word });
  if (asks(verb, objects)) {
    add('read', verb.word);
    const secret = readsSecret(verb, objects);
    if (secret !== undefined) add('admin', `${verb.word} ${secret}`);
    return reasons;
  }
  add('write', verb.word);
  const own = classOfKind(verb, objects);
  if (own !== undefined) add(own, verb.word);
  for (const [name, word] of classesOfObjects(verb, objects)) add(name, `${verb.word} ${word}`);
  return reasons;
}

function asks(verb: Verb, objects: readonly string[]): boolean {
  switch (verb.kind) {
    case 'read':
      return true;
    case 'compute':
      return !writesAfterAll(verb, objects);
    case 'open':
      return objects.length === 0 || firstOf(objects, noun.openedThings) !== undefined;
    case 'run':
      return firstOf(objects, noun.askedRuns) !== undefined && !objects.includes('sql');
    case 'light':
      return firstOf(objects, noun.askedRuns) !== undefined;
    case 'write':
      if (verb.word === 'recall') return objects.some(word => remembered.has(word)) || objects.length === 0;
      return (verb.word === 'resolve' || verb.word === 'track') && firstOf(objects, noun.askedThings) !== undefined;
    default:
      return false;
  }
}

const remembered = new Set(['memory', 'memories', 'fact', 'conversation', 'information', 'note', 'context']);

/** Two verbs that usually only compute, and their objects that are changed by it. */
function writesAfterAll(verb: Verb, objects: readonly string[]): boolean {
  if (verb.word === 'format') return firstOf(objects, noun.disks) !== undefined;
  return (verb.word === 'extract' || verb.word === 'decompress') && objects.includes('archive');
}

/** The class of the verb alone, where its object does not say otherwise. */
function classOfKind(verb: Verb, objects: readonly string[]): ActionClass | undefined {
  switch (verb.kind) {
    case 'destroy':
      return takesOut.has(verb.word) && firstOf(objects, noun.easilyUndone) !== undefined ? undefined : 'destructive';
    case 'compute':
      return verb.word === 'format' ? 'destructive' : undefined;
    case 'money':
      return verb.word === 'transfer' && movesThings(objects) ? undefined : 'money';
    case 'commit':
      // An agent is ordered to do something.
      if (verb.word === 'order' && firstOf(objects, noun.ordered) !== undefined) return 'message';
      return isPaidFor(verb, objects) ? 'money' : undefined;
    case 'message':
      return 'message';
    case 'send':
      return sendClass(objects);
    case 'admin':
      return givesMoney(verb, objects) ? 'money' : 'admin';
    case 'approve':
      return firstOf(objects, noun.moneyNouns) === undefined ? 'admin' : undefined;
    case 'physical':
      return 'destructive';
    case 'switch':
    case 'open':
      return switched(objects);
    case 'write':
      return verb.word === 'release' && firstOf(objects, noun.heldBack) !== undefined ? 'admin' : undefined;
    case 'code':
      return 'code';
    case 'run':
      return 'code';
    case 'egress':
      return 'egress';
    default:
      return undefined;
  }
}

/** A table that is booked costs nothing, a hotel does; whatever is ordered or hired is paid for. */
function isPaidFor(verb: Verb, objects: readonly string[]): boolean {
  if (firstOf(objects, noun.freeBookings) !== undefined) return false;
  return verb.word === 'order' || verb.word === 'hire' || firstOf(objects, noun.paidBookings) !== undefined;
}

/** `grant_credit` hands out money, not access. */
function givesMoney(verb: Verb, objects: readonly string[]): boolean {
  return verb.word === 'grant' && firstOf(objects, noun.perhapsMoney) !== undefined;
}

/** Opening a door lets people in; turning off a guard leaves something without it; machines move. */
function switched(objects: readonly string[]): ActionClass | undefined {
  if (firstOf(objects, noun.doors) !== undefined || firstOf(objects, noun.guards) !== undefined) return 'admin';
  return firstOf(objects, noun.machines) === undefined ? undefined : 'destructive';
}

/** Money is transferred unless something else is named. */
function movesThings(objects: readonly string[]): boolean {
  return (
    objects.some(word => /^\p{L}{2,}$/u.test(word) && word !== 'to') && firstOf(objects, noun.moneyNouns) === undefined
  );
}

function sendClass(objects: readonly string[]): ActionClass | undefined {
  if (firstOf(objects, noun.messageNouns) !== undefined) return 'message';
  if (firstOf(objects, noun.moneyNouns) !== undefined) return undefined;
  if (firstOf(objects, noun.machineSignals) !== undefined) return undefined;
  if (firstOf(objects, noun.networkNouns) !== undefined || objects.includes('request')) return 'egress';
  return firstOf(objects, noun.codeNouns) === undefined ? 'message' : 'code';
}

function classesOfObjects(verb: Verb, objects: readonly string[]): [ActionClass, string][] {
  const found: [ActionClass, string][] = [];
  const add = (name: ActionClass, word: string | undefined) => {
    if (word !== undefined) found.push([name, word]);
  };
  const addresses = verb.kind === 'message' || verb.kind === 'send';
  add('money', moneyNoun(verb, objects));
  if (
    makes(verb) ||
    verb.kind === 'commit' ||
    verb.kind === 'light' ||
    verb.kind === 'destroy' ||
    treating.has(verb.word)
  )
    add('destructive', firstOf(objects, noun.treatments));
  if (!noun.sessionVerbs.has(verb.word)) add('admin', adminNoun(verb, objects));
  if (makes(verb) && firstOf(objects, noun.unsentNouns) === undefined)
    add('message', firstOf(objects, noun.messageNouns));
  if (makes(verb) || addresses) add('message', firstOf(objects, noun.inviteeNouns));
  if (verb.kind === 'light' || starting.has(verb.word)) add('code', firstOf(objects, noun.codeNouns));
  if (verb.kind === 'light') add('egress', firstOf(objects, noun.networkNouns));
  if (objects.includes('webhook') && makes(verb)) add('egress', 'webhook');
  return found;
}

/** What the nouns of a name without any known verb give away. */
export function classesOfNouns(objects: readonly string[]): ClassReason[] {
  return classesOfObjects({ word: '', kind: 'write' }, objects).map(([name, word]) => ({
    class: name,
    from: 'name',
    word,
  }));
}

/** Not every order is bought: work orders, sort orders. */
function moneyNoun(verb: Verb, objects: readonly string[]): string | undefined {
  return objects.find(
    (word, at) =>
      noun.moneyNouns.has(word) &&
      !(word === 'order' && noun.otherOrders.has(objects[at - 1] ?? '')) &&
      !(noun.easilyUndone.has(word) && (filling.has(verb.word) || takesOut.has(verb.word))),
  );
}

/** Verbs that put something in and take it out again. */
const filling = new Set(['add', 'put', 'update', 'change', 'set', 'create', 'save', 'move']);
const takesOut = new Set(['remove', 'delete', 'clear', 'discard', 'empty']);
const treating = new Set(['change', 'renew', 'refill', 'adjust', 'increase', 'stop', 'start', 'give', 'approve']);

function adminNoun(verb: Verb, objects: readonly string[]): string | undefined {
  // Without a verb nothing says that the person is what is changed.
  const addresses = verb.word === '' || (verb.kind === 'message' && verb.word !== 'invite') || verb.kind === 'send';
  const found = objects.find(word => noun.adminNouns.has(word) && !(addresses && noun.personNouns.has(word)));
  return found ?? keyOf(objects);
}

const making = new Set([
  'create',
  'add',
  'write',
  'make',
  'submit',
  'schedule',
  'update',
  'edit',
  'insert',
  'generate',
  'do',
  'perform',
  'place',
  'reschedule',
  'append',
  'set',
  'put',
  'register',
  'start',
]);

/** Verbs that bring something new before others' eyes; marking, moving and archiving do not. */
function makes(verb: Verb): boolean {
  return making.has(verb.word);
}

/** Verbs that run what stands beside them, and store or hand in anything else. */
const starting = new Set(['start', 'restart', 'queue', 'enqueue', 'submit', 'apply']);

function readsSecret(verb: Verb, objects: readonly string[]): string | undefined {
  if (!['get', 'read', 'fetch', 'retrieve', 'show', 'display', 'view', 'dump', 'access', 'return'].includes(verb.word))
    return undefined;
  if (firstOf(objects, noun.aboutSecrets) !== undefined) return undefined;
  const env = objects.includes('env') ? 'env' : undefined;
  return env ?? firstOf(objects, noun.secretNouns) ?? keyOf(objects);
}

function keyOf(objects: readonly string[]): string | undefined {
  const kind = firstOf(objects, noun.keyKinds);
  return kind !== undefined && objects.includes('key') ? `${kind} key` : undefined;
}

function firstOf(words: readonly string[], set: Words): string | undefined {
  return words.find(word => set.has(word));
}
