import type { Field, ResultIndex } from '../result/result-index.ts';
import { isAddress, shapeOf } from '../spelling/shape.ts';

const charsMin = 6;
/** As long as no word of a language is. */
const runCharsMin = 24;

const secretNames =
  /(?:^|[._\]-])(?:password|passwd|passphrase|secret|api_?key|access_?key|private_?key|signing_?key|credentials?|otp|recovery_?codes?)(?:\[\d+\])?$/i;

/** Members of a secret's record that are none themselves. */
const aboutIt = /(?:name|id|version|type|status|owner|scope|created|updated|expires|rotated|_at|date)$/i;

/**
 * The values of a result that are handed out as secrets, folded: fields and texts that are called so, and of a tool that reads secrets
 * (`all`) whatever it returns; of its prose, the lines of a key.
 */
export function handedOutIn(all: boolean, index: ResultIndex): readonly string[] {
  const found: string[] = [];
  for (const value of index.fields.keys())
    if (isLong(value) && isHandedOut(index.fields.get(value) ?? [], all)) found.push(value);
  for (const { path, folded } of index.texts) {
    if (isLong(folded) && (secretNames.test(path) || (all && !folded.includes(' ')))) found.push(folded);
    else if (all) for (const word of folded.split(' ')) if (isRun(word)) found.push(word);
  }
  return found;
}

function isHandedOut(fields: readonly Field[], all: boolean): boolean {
  for (const { path } of fields) if (secretNames.test(path) || (all && !aboutIt.test(path))) return true;
  return false;
}

function isLong(value: string): boolean {
  return value.length >= charsMin;
}

/** No word of a text, and nowhere to go. */
function isRun(word: string): boolean {
  return word.length >= runCharsMin && /\d/.test(word) && !isAddress(shapeOf(word));
}
