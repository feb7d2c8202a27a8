import type { ResultIndex } from '../result/result-index.ts';
import { isGrouped, squeezed } from '../spelling/fold.ts';
import { bareAddress, isAddress, type Shape, shapeOf } from '../spelling/shape.ts';

/** Addresses of one kind: a link and a host are both places. */
type Family = 'place' | 'email' | 'phone' | 'account' | 'handle' | undefined;

function familyOf(shape: Shape): Family {
  if (shape === 'url' || shape === 'host') return 'place';
  return shape === 'email' || shape === 'phone' || shape === 'account' || shape === 'handle' ? shape : undefined;
}

const words: Readonly<Record<Exclude<Family, undefined>, RegExp>> = {
  place: /\b(?:links?|urls?|web ?sites?|web ?pages?|blogs?)\b/,
  email: /\b(?:e-?mails?|mail(?: address)?|address(?:es)?|contact)\b/,
  phone: /\b(?:phones?|numbers?|mobile|fax|sms)\b/,
  account: /\b(?:ibans?|accounts?|bank details|card)\b/,
  handle: /\b(?:handles?|accounts?|profiles?)\b/,
};

/** The principal's words name the kind of value that this is: "his e-mail", "the link". */
export function isNamedKind(folded: string, said: string): boolean {
  const family = familyOf(shapeOf(folded));
  return family !== undefined && words[family].test(said.replace(given, ' '));
}

/** `number 276 03 118`: the kind of a value that they gave themselves. */
const given =
  /\b(?:numbers?|phone|mobile|fax|ibans?|accounts?|card)[\s:#.]{1,3}(?:is |no\.? )?[+(]?(?:[a-z]{2})?\d[\d ./()-]{4,}/g;

/** The source holds this one address of its kind and no other, so that nothing had to be chosen. */
export function isOnly(folded: string, index: ResultIndex): boolean {
  const shape = shapeOf(folded);
  if (!isAddress(shape)) return false;
  const family = familyOf(shape);
  let only: string | undefined;
  for (const value of index.addresses()) {
    if (familyOf(shapeOf(value)) !== family) continue;
    const plain = isGrouped(value) ? squeezed(value) : bareAddress(value);
    if (only !== undefined && plain !== only) return false;
    only = plain;
  }
  return true;
}

/**
 * The same for identifiers: the source holds no other that is built alike (`W-90310`, `W-81230`). A word is built like any
 * other word, so only what holds a digit counts.
 */
export function isOnlyBuiltAlike(folded: string, index: ResultIndex): boolean {
  if (!/\d/.test(folded) || /\s/.test(folded) || folded.length < 3) return false;
  const pattern = builtOf(folded);
  const found = new Set<string>();
  for (const { folded: text } of index.texts)
    for (const [token] of text.matchAll(/[\p{L}\p{N}][\p{L}\p{N}_.#/-]*[\p{L}\p{N}]/gu))
      if (builtOf(token) === pattern) found.add(token);
  for (const key of index.fields.keys()) if (builtOf(key) === pattern) found.add(key);
  return found.size <= 1;
}

/** Letters of a series stay (`w-9`, `doc-9`); those of a random name do not, nor where in it they stand (`i-0a7f21`, `i-9bb1`). */
export function builtOf(folded: string): string {
  const isSeries = /^\p{L}{0,6}[^\p{L}\p{N}]*\d+(?:[^\p{L}\p{N}]+\d+)*$/u.test(folded);
  if (isSeries) return folded.replace(/\d+/g, '9');
  if (isRandom(folded)) return '9';
  return folded
    .replace(mixed, '9')
    .replace(/\d+/g, '9')
    .replace(/\p{L}+/gu, 'a');
}

/** `3fa85f64-5717-…`, `3f2a-77c1`: pieces in which letters stand among digits by chance. */
function isRandom(folded: string): boolean {
  const pieces = folded.split(/[-_:.]/);
  return pieces.length > 1 && pieces.every(piece => /^[\da-f]{4,}$/.test(piece)) && /[a-f]/.test(folded);
}

/** Digits and letters in turns and many of them, as no series has them. */
const mixed = /(?<![\p{L}\p{N}])(?=[\p{L}\p{N}]{7})(?:\p{L}+\d+\p{L}|\d+\p{L}+\d)[\p{L}\p{N}]*/gu;

/** They said that such a value stands somewhere: `their fax number is in the message`. What a `mail` is in is no address. */
export function isSaidToStand(folded: string, said: string): boolean {
  const family = familyOf(shapeOf(folded));
  return family !== undefined && stands[family].test(said);
}

const where = '\\b[^.!?\\n]{0,12}\\b(?:is|are|stands?|can be found)\\b[^.!?\\n]{0,12}\\b(?:in|on|under|at)\\b';
const stands: Readonly<Record<Exclude<Family, undefined>, RegExp>> = {
  place: new RegExp(`\\b(?:links?|urls?)${where}`),
  email: new RegExp(`\\b(?:e-?mail|(?:e-?)?mail address|address)${where}`),
  phone: new RegExp(`\\b(?:phone|(?:phone|fax|mobile|telephone) number|mobile|fax)${where}`),
  account: new RegExp(`\\b(?:iban|account number|bank details)${where}`),
  handle: new RegExp(`\\b(?:handle|profile)${where}`),
};
