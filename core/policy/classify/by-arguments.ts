import type { ActionClass } from '../../model/tool.ts';
import type { Argument } from './arguments.ts';
import { networkNouns, sessionVerbs } from './nouns.ts';
import type { ClassReason } from './reason.ts';
import type { Sign } from './signs.ts';
import type { Verb } from './verbs.ts';

interface Taken {
  readonly argument: Argument;
  readonly signs: readonly Sign[];
}

interface Doing {
  readonly verbs: readonly Verb[];
  readonly objects: readonly string[];
  /** Whether the words alone already make it a write. */
  readonly changes: boolean;
  /** Its description says that it reads what stands at an address. */
  readonly fetches: boolean;
}

/** What the arguments add to the words of a name. They never take a class away. */
export function classesOfArguments(taken: readonly Taken[], doing: Doing): ClassReason[] {
  const reasons: ClassReason[] = [];
  const named = (sign: Sign): string | undefined => taken.find(({ signs }) => signs.includes(sign))?.argument.name;
  const add = (name: ActionClass, word: string | undefined) => {
    if (word !== undefined) reasons.push({ class: name, from: 'argument', word });
  };
  addCode(named, add, doing);
  addEgress(named, add, doing);
  if (doing.changes) addWrites(named, add, doing);
  else if (doing.verbs.some(verb => verb.kind === 'compute' || verb.kind === 'copyout')) add('write', named('outfile'));
  return reasons;
}

type Named = (sign: Sign) => string | undefined;
type Add = (name: ActionClass, word: string | undefined) => void;

/** SQL of the agent's own can write, unless the very name of the tool says that it reads. */
function addCode(named: Named, add: Add, doing: Doing): void {
  const program = named('code');
  const computes = doing.verbs.length > 0 && doing.verbs.every(verb => verb.kind === 'compute');
  const readsOnly = doing.verbs.some(verb => verb.word === 'read' || verb.word === 'select');
  const found = (computes ? undefined : program) ?? (readsOnly || computes ? undefined : named('sql'));
  add('code', found);
  add('write', found);
}

/**
 * A read that fetches from an address in its arguments tells that address something: it is `egress`. A write that only
 * stores an address is not, unless it is one to be called later.
 */
function addEgress(named: Named, add: Add, doing: Doing): void {
  const url = named('url');
  const local = !doing.fetches && doing.verbs.length > 0 && doing.verbs.every(verb => localOnly.has(verb.word));
  const goes = !doing.changes
    ? !local
    : doing.verbs.some(verb => reaching.has(verb.word) || verb.kind === 'egress' || verb.kind === 'light') ||
      doing.objects.some(word => networkNouns.has(word)) ||
      doing.verbs.length === 0;
  if (url !== undefined && goes) add('egress', url);
  if (doing.changes) add('egress', named('hook'));
  const method = named('httpMethod');
  if (method === undefined || url === undefined) return;
  add('egress', method);
  add('write', method);
}

/** Verbs that work on an address as on any other text. */
const localOnly = new Set(['parse', 'validate', 'encode', 'decode', 'format', 'hash', 'convert', 'match', 'extract']);

const reaching = new Set([
  'post',
  'put',
  'send',
  'submit',
  'download',
  'import',
  'clone',
  'navigate',
  'open',
  'call',
  'request',
  'sync',
  'register',
  'mirror',
  'export',
  'backup',
  'connect',
  'install',
  'forward',
  'dispatch',
  'transmit',
  'deliver',
  'proxy',
  'publish',
]);

function addWrites(named: Named, add: Add, doing: Doing): void {
  const words = doing.verbs.map(verb => verb.word);
  const removes = doing.verbs.length > 0 && doing.verbs.every(verb => verb.kind === 'destroy');
  const amount = named('amount');
  add('money', named('payment'));
  if (amount !== undefined && named('payee') !== undefined) add('money', amount);
  if (!words.some(word => sessionVerbs.has(word))) add('admin', named('secret'));
  add('admin', named('rights'));
  if (removes) return;
  const isMoney = named('amount') !== undefined || named('payment') !== undefined;
  const body = named('body');
  const to = named('addressee') ?? (body === undefined ? undefined : named('room'));
  if (!isMoney && (body !== undefined || invites(named))) add('message', to);
}

function invites(named: Named): boolean {
  return /attendee|participant|invitee|cc$|recipient/i.test(named('addressee') ?? '');
}
