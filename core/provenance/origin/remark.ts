import { type Words as Nouns, stemIn, wordSet, wordsOf } from '../../policy/classify/words.ts';
import type { Remembered } from '../memory/memory.ts';
import type { ResultIndex, Text } from '../result/result-index.ts';
import type { Words } from '../said/words.ts';

/**
 * `notes`, `info`, `bio` of a record: not the text that a mail or a page is. A member called `text` or `body` is that one only
 * where a mail or a page was read, and not as a part of something else: the `text` of a supplier or of a comment is a remark.
 */
export function isRemark({ path, record }: Text, { index, source }: Remembered, words: Words): boolean {
  const name = path.replace(/\[\d+\]/g, '').replace(/^.*\./, '');
  if (name === '' || (index.records[record]?.values.length ?? 0) === 0) return false;
  if (!mainTexts.test(name) || isPart(path, index)) return true;
  const said = [...wordsOf(source.tool.name), ...(words.folded.match(/\p{L}+/gu) ?? [])];
  return !said.some(word => stemIn(kindsOfText, word) !== undefined);
}

const mainTexts = /^(?:body|body_?text|content|contents|text|plain|html|markdown|md)$/i;
const kindsOfText: Nouns = wordSet(
  'mail email message letter page file document doc article post thread chat note memo text transcript pdf attachment notice wiki ticket issue',
);

/** The record has an id of its own, which they did not say: another one in a remark of it is not the one that it is known by. */
export function isBesideOwnId(folded: string, { path, record }: Text, index: ResultIndex, words: Words): boolean {
  if (path === '' || index.records[record] === undefined) return false;
  for (const [value, places] of index.fields)
    if (value !== folded && places.some(at => at.record === record && identifies.test(at.path)) && !words.say(value))
      return true;
  return false;
}

const identifies = /(?:^|[._])(?:id|uid|uuid|guid|ref|number|no|code|key)$|(?:Id|Ref|Number|Code|Key)$/;

/** An object around the one that it stands in has values of its own: a comment of a record. */
function isPart(path: string, { fields }: ResultIndex): boolean {
  const around = new Set<string>();
  for (let at = cut(cut(path)); at !== undefined; at = cut(at)) around.add(at);
  if (around.size === 0) return false;
  for (const places of fields.values())
    for (const { path: place } of places) if (around.has(cut(place) ?? '')) return true;
  return false;
}

/** `a[0].text` → `a[0]` → `a` → the whole. */
function cut(path: string | undefined): string | undefined {
  if (path === undefined || path === '') return undefined;
  return path.slice(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['), 0));
}
