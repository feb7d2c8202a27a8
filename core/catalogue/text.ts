/**
 * What text from a server may hold before a person or an agent reads it: nothing that cannot be seen, nothing that
 * reorders what is seen, nothing that makes a client fetch or render (threats B-2).
 */

export type TextFault = 'invisible' | 'bidi' | 'tags' | 'terminal' | 'control' | 'image-link' | 'html';

export interface TextConcern {
  readonly fault: TextFault;
  /** The offending place with its escapes made visible, short enough for one line. */
  readonly shown: string;
}

const tags = /[\u{e0000}-\u{e007f}]/u;
const bidi = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const terminal = /[\u001b\u009b]/;
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;
// Whatever is drawn as nothing: zero-width and filler characters, variation selectors used as bytes, odd separators.
const hidden =
  /[[\p{Default_Ignorable_Code_Point}\p{Cf}\u2028\u2029]--[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]]/v;
// Emoji are written with U+FE0F and joined with U+200D; there, and only there, the two are part of what is seen.
const emojiGlue =
  /(?<=\p{Extended_Pictographic}|[0-9#*])\ufe0f|(?<=\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)\u200d(?=\p{Extended_Pictographic})/gu;
// Between two letters of these scripts a joiner, or its absence, is how a word is spelt (Unicode, Core Specification 23.2; RFC 5892 A.1, A.2).
const joining =
  '[\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Devanagari}\\p{Script=Bengali}\\p{Script=Gurmukhi}\\p{Script=Gujarati}\\p{Script=Oriya}\\p{Script=Tamil}\\p{Script=Telugu}\\p{Script=Kannada}\\p{Script=Malayalam}\\p{Script=Sinhala}\\p{Script=Khmer}\\p{Script=Mongolian}]';
const letterGlue = new RegExp(`(?<=${joining})[\\u200c\\u200d](?=${joining})`, 'gu');
const imageLink = /!\[[^\]\n]{0,500}\][([]/;
const html =
  /<!--|<\/?(?:a|audio|base|body|button|embed|form|frame|iframe|img|input|link|math|meta|object|picture|script|source|style|svg|video)(?:\s[^<>]*)?\/?>/i;

const faults: readonly (readonly [TextFault, RegExp])[] = [
  ['tags', tags],
  ['bidi', bidi],
  ['terminal', terminal],
  ['control', control],
  ['invisible', hidden],
  ['image-link', imageLink],
  ['html', html],
];

/** The first concern of each sort in `text`. */
export function textConcerns(text: string): TextConcern[] {
  if (isPlain(text)) return [];
  const seen = text.replace(emojiGlue, '').replace(letterGlue, '');
  return faults.flatMap(([fault, pattern]) => {
    const match = pattern.exec(seen);
    return match === null ? [] : [{ fault, shown: around(seen, match.index, match[0].length) }];
  });
}

const wordsOf: Readonly<Record<TextFault, string>> = {
  invisible: 'invisible characters',
  bidi: 'characters that reverse the reading direction',
  tags: 'invisible tag characters',
  terminal: 'a terminal escape sequence',
  control: 'control characters',
  'image-link': 'a Markdown image link',
  html: 'HTML',
};

export function concernText(where: string, concern: TextConcern): string {
  return `${where} holds ${wordsOf[concern.fault]}: ${concern.shown}`;
}

/** Printable ASCII without `<` and `!` needs no further look, and is nearly everything. */
function isPlain(text: string): boolean {
  return /^[\t\n\r -;=-~]*$/.test(text) && !text.includes('![');
}

const aroundChars = 24;

function around(text: string, at: number, length: number): string {
  const from = Math.max(0, at - aroundChars);
  const to = Math.min(text.length, at + Math.min(length, aroundChars) + aroundChars);
  return `${from > 0 ? '…' : ''}${visible(text.slice(from, to))}${to < text.length ? '…' : ''}`;
}

/** Also blanks that are drawn as nothing, and marks that stand over what is no letter: those strike out or cover what is beside them. */
const notSeen =
  /[^ -~\p{L}\p{M}\p{N}\p{P}\p{S}]|[\p{Default_Ignorable_Code_Point}\u2800]|(?<!(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}]\p{M}{0,3})\p{M}/gu;

/**
 * `text` as it may be printed anywhere: every character that is not plainly visible is written as `\u{…}`, so that a
 * look-alike, a hidden character or a terminal escape shows itself. ASCII, and letters of other scripts when
 * `letters` is `keep`, stay as they are.
 */
export function visible(text: string, charsMax = 400, letters: 'keep' | 'escape' = 'keep'): string {
  const cut = text.length > charsMax ? `${text.slice(0, charsMax)}…` : text;
  const shown = letters === 'keep' ? notSeen : /[^ -~…]/gu;
  return cut
    .toWellFormed()
    .replace(/\n/g, '\\n')
    .replace(shown, char => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}
