import { knowing } from '../../model/knowing.ts';
import { abbreviated } from './abbreviations.ts';
import { inEnglish } from './languages.ts';

/**
 * Words of names and descriptions. A name is an identifier in any of the usual spellings; everything here works on
 * lower-case words, so that `sendMail`, `send_mail`, `mail.send` and `send-mail` are read alike.
 */

export type Words = ReadonlySet<string>;

export function wordSet(text: string): Words {
  return new Set(text.trim().split(/\s+/));
}

/** Names and sentences beyond this are cut: a server chooses them, and splitting is not linear. */
const identifierCharsMax = 512;

/**
 * `getHTTPUrl2` → `get http url 2`; separators are everything that is neither a letter nor a digit. Words of some other
 * languages come out in English, and abbreviations in full: `rechnungLesen` → `invoice read`, `upd_cust` → `update customer`.
 */
export const wordsOf = knowing(split);

function split(identifier: string): readonly string[] {
  return identifier
    .slice(0, identifierCharsMax)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/(?<![A-Z])([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(word => word !== '')
    .map(word => abbreviated.get(word) ?? inEnglish(word) ?? word);
}

/** The word itself, and what it may be an inflection of: `deletes`, `copies`, `searches`, `sending`, `payments`. */
export const stemsOf = knowing(stems);

function stems(word: string): readonly string[] {
  const found = [word];
  if (word.endsWith('ies')) found.push(`${word.slice(0, -3)}y`);
  if (word.endsWith('es')) found.push(word.slice(0, -2));
  if (word.endsWith('s') && !word.endsWith('ss')) found.push(word.slice(0, -1));
  if (word.endsWith('ing') && word.length > 5) {
    const base = word.slice(0, -3);
    found.push(base, `${base}e`);
    if (base.at(-1) === base.at(-2)) found.push(base.slice(0, -1));
  }
  return found;
}

/** The first of the word's stems that `set` holds. */
export function stemIn(set: { readonly has: (word: string) => boolean }, word: string): string | undefined {
  return stemsOf(word).find(stem => set.has(stem));
}
