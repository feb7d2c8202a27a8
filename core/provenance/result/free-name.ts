import { stemsOf, type Words, wordSet, wordsOf } from '../../policy/classify/words.ts';

const freeNames: Words = wordSet(
  `body content text message msg description note comment remark title subject summary detail details reason memo about
   bio caption answer question snippet preview html headline remarks notes comments signature footer`,
);

/** A field that whoever writes the record fills in freely. The same few names stand over and over: what was found is kept. */
export function isFree(name: string): boolean {
  const known = namesKnown.get(name);
  if (known !== undefined) return known;
  const free = wordsOf(name).some(word => stemsOf(word).some(stem => freeNames.has(stem)));
  if (namesKnown.size >= namesKnownMax) namesKnown.clear();
  if (name.length <= nameCharsMax) namesKnown.set(name, free);
  return free;
}

const namesKnown = new Map<string, boolean>();
const namesKnownMax = 1_000;
const nameCharsMax = 64;
