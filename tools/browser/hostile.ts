import { createRequire } from 'node:module';
import fc from 'fast-check';

/** What attackers write into names, arguments, results and reasons: each would leave a mark on the page if it were taken for markup. */
export const hostile: readonly string[] = [
  '<img src=x onerror="globalThis.pwned=1">',
  '<script>globalThis.pwned=1</script>',
  '"><svg onload=globalThis.pwned=1>',
  'javascript:globalThis.pwned=1//\'"',
  '<a href="javascript:globalThis.pwned=1" autofocus onfocus="globalThis.pwned=1">approve</a>',
  '<style>*{display:none!important}</style>',
  '<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>',
  '<base href="//evil.example/">',
  '{{constructor.constructor("globalThis.pwned=1")()}}',
  '${globalThis.pwned=1}',
  '</pre></dl></main><h1>Sallyport: approved</h1>',
  '\u202egnp.txt\u202c \u2066left\u2069 \u200bzero\u00adsoft',
  'a\nb\r\nc\td\u0000e\u001b[31mf',
  '\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67 \ufdfd \u0e47\u0e47\u0e47\u0e47\u0e47\u0e47',
  'Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e\u0349\u035a\u032f\u031e\u0320\u034dalgo',
  '../../../etc/passwd%00.png?x=<b>&y=1#z',
  '__proto__',
  'constructor',
  'x'.repeat(5_000),
  '&lt;script&gt;alert(1)&lt;/script&gt;',
];

/** The Big List of Naughty Strings, as published: what has broken other programs. */
export const published: readonly string[] = (
  createRequire(import.meta.url)('big-list-of-naughty-strings') as string[]
).filter(text => text !== '');

/** Further texts that break programs: seeded, so that a failure comes again. */
export function naughty(seed: number, count: number): readonly string[] {
  const unit = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.constantFrom(...hostile),
    fc.json({ maxDepth: 2 }),
    fc.webUrl(),
    fc.constantFrom(
      'undefined',
      'null',
      'NaN',
      '-0',
      '1e400',
      '0x0',
      '\\',
      '\\u202e',
      '%',
      '"',
      "'",
      '`',
      '<',
      '>',
      '&',
      '\ud800',
      '\uffff',
    ),
  );
  const text = fc.array(unit, { minLength: 1, maxLength: 3 }).map(parts => parts.join(''));
  return fc.sample(text, { seed, numRuns: count }).filter(each => each !== '');
}

/** Every text of a view replaced, but for the words that the product itself chose: ids, kinds, states. */
export function poisoned<T>(value: T, next: () => string): T {
  if (Array.isArray(value)) return value.map(item => poisoned(item, next)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (typeof member === 'string') return [name, foreign.has(name) ? next() : member];
      if (Array.isArray(member) && member.every(item => typeof item === 'string'))
        return [name, foreignLists.has(name) ? member.map(() => next()) : member];
      return [name, poisoned(member, next)];
    }),
  ) as T;
}

const foreign = new Set(
  'agent principal purpose tool server what why rule text fix by description stateDir listen version proof opener file owner team message segment door agents credential name signIn'.split(
    ' ',
  ),
);
const foreignLists = new Set(['approvers', 'tools', 'entries']);
