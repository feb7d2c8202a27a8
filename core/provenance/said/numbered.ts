import { type Knowing, knowing } from '../../model/knowing.ts';
import { stemsOf, wordsOf } from '../../policy/classify/words.ts';
import type { Sink } from '../call/sinks.ts';
import type { Words } from './words.ts';

/**
 * A small number is a name where the principal's words put it behind what the argument is called: `lotNo: 231` of who said `lots 214
 * and 231`. Elsewhere it stands by chance.
 */
export function isNumbered({ argument, role, folded }: Sink, words: Words): boolean {
  if (role !== 'object' || words.isEmpty || !smallNumber.test(folded)) return false;
  const pattern = behind(argument.replace(/\[\d+\]/g, '').replace(/^.*\./, ''));
  if (pattern === undefined) return false;
  for (const [, list = ''] of words.folded.matchAll(pattern)) if (list.match(/\d+/g)?.includes(folded)) return true;
  return false;
}

const smallNumber = /^\d{1,3}$/;
/** Of a name, words that say that it is a number and not of what. */
const numbering = new Set(['id', 'ids', 'no', 'nr', 'num', 'number', 'numbers', 'ref', 'key']);

const patternsKept: Knowing = { most: 1_024, charsMost: 64 };

/** By the name of the argument: the names come again with every call. */
const behind = knowing((name): RegExp | undefined => {
  const kind = wordsOf(name).findLast(word => !numbering.has(word)) ?? '';
  const stems = stemsOf(kind).filter(stem => stem.length >= 3);
  if (stems.length === 0) return undefined;
  return new RegExp(
    `(?<![\\p{L}\\p{N}])(?:${stems.join('|')})s? ?(?:no\\.? ?|nr\\.? ?|number |id )?#?(\\d{1,3}(?:(?: ?, ?| and | & | or )\\d{1,3})*)(?![\\p{L}\\p{N}]|[.,:/-]\\d)`,
    'gu',
  );
}, patternsKept);
