import type { Argument } from './arguments.ts';
import { keyKinds } from './nouns.ts';
import { stemIn, type Words, wordSet, wordsOf } from './words.ts';

/** What an argument's name, format and description give away about the tool that takes it. */
export type Sign =
  | 'url'
  | 'hook'
  | 'code'
  | 'sql'
  | 'body'
  | 'addressee'
  | 'room'
  | 'payment'
  | 'amount'
  | 'payee'
  | 'secret'
  | 'rights'
  | 'outfile'
  | 'httpMethod';

const codeNames: Words = wordSet(
  `command cmd script sql shell bash python javascript program source_code shell_command sourcecode js
   powershell commands argv cmdline command_line js_code python_code`,
);
/** `params: { cmd }`, `shellCommand`, `code`: what its name says is run. */
export function namesProgram(name: string): boolean {
  const words = wordsOf(name);
  return words.some(word => codeNames.has(word) || moreCode.has(word));
}

const moreCode: Words = wordSet(
  `code expression snippet stmt ddl cypher gremlin macro lambda fn func exec eval executable exe binary entrypoint
   interpreter perl lua ruby py jq plugin hook webhook callback`,
);

const payees: Words = wordSet('recipient payee beneficiary iban destination to receiver vendor merchant');
const addressees: Words = wordSet('recipient attendee participant invitee cc bcc receiver');

export function signsOf(argument: Argument): Sign[] {
  const { words, format, description } = argument;
  const name = words.join('_');
  const text = takesText(argument);
  const has = (...set: string[]) => set.some(word => words.includes(word) || words.includes(`${word}s`));
  const signs: Sign[] = [];
  const add = (sign: Sign, holds: boolean) => {
    if (holds) signs.push(sign);
  };
  add('url', text && (has('url', 'uri', 'href', 'link') || ['host', 'hostname', 'endpoint', 'website'].includes(name)));
  add('url', text && (format === 'uri' || format === 'url' || format === 'hostname'));
  add('url', text && /\b(?:full |target |web )?URL\b/.test(description.slice(0, 60)) && !has('id', 'name', 'query'));
  add('hook', text && has('webhook', 'callback'));
  add(
    'sql',
    text && (has('sql') || (has('query', 'statement') && (argument.ofSql || /\bSQL\b|\bSELECT\b/.test(description)))),
  );
  add('code', text && codeNames.has(name));
  add('code', text && ['code', 'code_snippet', 'expression', 'function'].includes(name) && runsIt(description));
  add('code', text && name === 'function' && /=>|\bcode\b/i.test(description));
  // `message_id` says which one is meant.
  add(
    'body',
    text && !has('id') && has('body', 'message', 'content', 'text', 'subject', 'html', 'caption', 'attachment'),
  );
  add('addressee', text && words.some(word => stemIn(addressees, word) !== undefined));
  add('addressee', text && ['to', 'phone', 'phone_number', 'email_to', 'to_email', 'mailto'].includes(name));
  add('room', text && has('channel', 'chat', 'room', 'thread', 'conversation'));
  add('payment', has('iban', 'payment', 'card', 'currency', 'payee', 'wallet', 'price', 'salary', 'payout', 'cvv'));
  add('amount', has('amount'));
  add('payee', text && payees.has(words.at(-1) ?? ''));
  add('payee', has('account') && has('to', 'from', 'destination', 'source', 'number'));
  add('secret', text && has('password', 'passphrase', 'secret', 'credential', 'apikey'));
  add('secret', text && has('key') && words.some(word => keyKinds.has(word)));
  add('rights', has('permission', 'role', 'privilege', 'acl', 'visibility', 'scopes'));
  add(
    'outfile',
    text && has('output', 'save', 'out', 'dest', 'target') && has('path', 'file', 'filename', 'dir', 'to'),
  );
  add('httpMethod', name === 'method' || name === 'http_method');
  return signs;
}

/** A flag or a number holds no address and no program. A schema that says nothing may take anything. */
export function takesText({ types }: Argument): boolean {
  return types.length === 0 || types.some(type => type === 'string' || type === 'array' || type === 'object');
}

function runsIt(description: string): boolean {
  return /\b(?:execut\w*|run|evaluat\w*|python|javascript|typescript|bash|shell|snippet|program|source code)\b/i.test(
    description,
  );
}
