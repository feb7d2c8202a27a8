import type { ActionClass } from '../../model/tool.ts';
import type { Argument } from './arguments.ts';
import type { ClassReason } from './reason.ts';
import { plainVerbs, type VerbKind } from './verbs.ts';

/**
 * What a tool that reads does besides where an argument says so: `read_messages(delete: true)`, `validate(apply: true)`,
 * `get_report(email_to)`. Calls without it only read.
 */
export function classesOfFlags(all: readonly Argument[]): ClassReason[] {
  return all.flatMap(argument => {
    const found = argument.types.includes('boolean') ? byFlag(argument.words) : byAddressee(argument.words);
    return (found ?? []).map((one): ClassReason => ({ class: one, from: 'argument', word: argument.name }));
  });
}

const classOf: Readonly<Partial<Record<VerbKind, readonly ActionClass[]>>> = {
  destroy: ['write', 'destructive'],
  money: ['write', 'money'],
  admin: ['write', 'admin'],
  approve: ['write', 'admin'],
  physical: ['write', 'destructive'],
  code: ['write', 'code'],
  run: ['write', 'code'],
  message: ['write', 'message'],
  send: ['write', 'message'],
};

/** Verbs that only change, where a flag is called so. */
const changing = new Set('apply fix confirm commit submit save overwrite write create update merge'.split(' '));
/** Words with which a flag says what is shown or left out. */
const showing = new Set(
  'include show with only is has exclude no skip without can list hide allow ignore dry'.split(' '),
);

function byFlag(words: readonly string[]): readonly ActionClass[] | undefined {
  if (showing.has(words[0] ?? '')) return undefined;
  for (const word of words) {
    const found = classOf[plainVerbs.get(word) ?? 'read'];
    if (found !== undefined) return found;
  }
  return changing.has(words.find(word => word !== 'auto' && word !== 'and' && word !== 'then') ?? '')
    ? ['write']
    : undefined;
}

function byAddressee([verb = '', to = '', ...rest]: readonly string[]): readonly ActionClass[] | undefined {
  const tells = /^(?:send|email|mail|notify|share|forward|post|publish|deliver)$/.test(verb);
  return tells && to === 'to' && rest.length === 0 ? ['write', 'message'] : undefined;
}
