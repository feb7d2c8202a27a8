import type { Act } from './thesaurus.ts';

/** Where an order begins. `Did you get rid of it?` orders nothing. */
const order = String.raw`(?:^|[.!?;,:\n]\s?|\b(?:and|then|please|to|just|also|(?<!\b(?:did|have|had|do)\s)you)\s+)`;
const person = String.raw`(?:\p{Lu}[\p{L}.'’-]*(?:\s+\p{Lu}[\p{L}.'’-]*){0,3}|(?:the|my|our|his|her|their)\s+(?:[\p{L}-]+\s+){0,2}?[\p{L}-]+|them|him|her|everyone|everybody)`;
const something = String.raw`(?:[^.!?;\n]{1,60}?\s)?`;
/** Words of a name alone. */
const named = String.raw`(?:(?!(?:i|we|you|he|she|they|it|who|what|when|where|which|that|how|if|not?|never|only)\b)[\p{L}\p{N}][\p{L}\p{N}_-]*\s){1,6}`;
const notMe = String.raw`(?!(?:me|us|you)\b)`;

/** What several words ask for together, and none of them by itself. English. */
const idioms: readonly (readonly [Act, RegExp])[] = (
  [
    // `drop Ann a line`, `give the crew a heads-up`
    [
      'tell',
      `(?:drop|shoot|send|write|give)\\s+${person}\\s+an?\\s+(?:quick\\s+|short\\s+)?(?:line|note|message|heads-?up|call|ring|shout)\\b`,
    ],
    ['tell', `keep\\s+${person}\\s+(?:posted|updated|informed|up\\s+to\\s+date|in\\s+the\\s+loop)\\b`],
    ['tell', `get\\s+(?:back\\s+to|in\\s+touch\\s+with)\\s+${notMe}`],
    ['tell', `pass\\s${something}on\\s+to\\s+${notMe}`],
    ['tell', `report\\s+(?:back\\s+)?${something}to\\s+${notMe}`],
    [
      'tell',
      `(?:update|brief)\\s+(?:\\p{Lu}[\\p{L}.'’-]*(?:\\s+\\p{Lu}[\\p{L}.'’-]*){0,3}|the\\s+team|them|him|her|everyone|everybody)\\s+(?:on|about)\\s`,
    ],
    // Not `summarise the thread in #moorings`: that one is read there.
    [
      'tell',
      `(?:summari[sz]e|list|describe|explain|write|put|sum)\\s+(?:it|that|this|them|these|those|everything|all)(?:\\s+up)?\\s+(?:in|into|to|on)\\s+(?:#[\\p{L}\\p{N}]|the\\s+[\\p{L}\\p{N}_-]+\\s+(?:channel|chat|group)\\b|an?\\s+(?:e-?mail|mail|message)\\b)`,
    ],
    [
      'remove',
      `(?:get\\s+rid\\s+of|do\\s+away\\s+with|(?:throw|chuck)\\s${something}(?:away|out)|call\\s${something}off)\\b`,
    ],
    // `the old server can go, with its disks`, as a sentence of its own: not what is asked, denied, awaited or told to somebody.
    [
      'remove',
      `(?<=(?:^|[.!?;\\n])\\s?)(?:the|this|that|these|those|both|all)\\s${named}can\\s+go(?:[.,;!]|$|\\s(?:too|as\\swell)\\b)`,
    ],
    ['pay', `give\\s+${something}(?:money|deposit)\\s+back\\b`],
    ['make', `(?:jot\\s${something}down|pencil\\s${something}in)\\b`],
    ['run', `(?:spin|fire)\\s${something}up\\b`],
    [
      'admit',
      `make\\s+${person}\\s+(?:(?:an?|the)\\s+)?(?:new\\s+)?(?:admin|administrator|owner|editor|member|viewer|maintainer|moderator|contributor|manager)\\b(?!['’]|-\\p{L}|\\s+(?!(?:of|on|for|in|at|to|and|or|then|please|too|instead|again|now|today|until|from|with|by|as|so|because|if|when|after|before|as|there|here|rather)\\b)\\p{L})`,
    ],
  ] as const
).map(([act, words]) => [act, new RegExp(`${order}${words}`, 'u')] as const);

export function idiomsIn(text: string): ReadonlySet<Act> {
  const first = text.replace(/(?<=^|[.!?;:\n]\s?)\p{Lu}/gu, letter => letter.toLowerCase());
  return new Set(idioms.filter(([, pattern]) => pattern.test(first)).map(([act]) => act));
}
