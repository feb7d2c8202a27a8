import type { ResultIndex, Text } from '../result/result-index.ts';
import { isUnit, isWhole } from '../said/words.ts';
import { isGrouped, squeezed } from '../spelling/fold.ts';
import { numbersIn, plainNumber } from '../spelling/number.ts';
import { bareAddress, isAddress, type Shape } from '../spelling/shape.ts';
import { keysOf } from '../spelling/spellings.ts';
import { type WordMarks, wordMarks } from '../spelling/word-filter.ts';

/** How a value is looked for: made once for all results of a task, of which there are hundreds. */
export interface Wanted {
  readonly folded: string;
  /** As a whole field: the spellings, and the words of each. */
  readonly keys: readonly string[];
  readonly keyMarks: readonly WordMarks[];
  readonly number: string | undefined;
  readonly bare: string | undefined;
  /** Without what groups its digits. */
  readonly plain: string | undefined;
  /** One of these stands in a text that holds it. */
  readonly marks: readonly WordMarks[];
  /** One of these stands in a result that holds it in any way. */
  readonly anyOf: readonly WordMarks[];
}

export function wantedOf(folded: string, shape: Shape): Wanted {
  const number = shape === 'number' ? (plainNumber(folded) ?? folded).replace(/^[+-]/, '') : undefined;
  const bare = isAddress(shape) ? bareAddress(folded) : undefined;
  const plain = bare !== undefined && isGrouped(folded) ? squeezed(folded) : undefined;
  const keys = keysOf(folded, shape);
  const keyMarks = keys.map(wordMarks);
  // What is neither a number nor an address is looked for as it is.
  if (number === undefined && bare === undefined && keys.length === 1)
    return { folded, keys, keyMarks, number, bare, plain, marks: keyMarks, anyOf: keyMarks };
  const parts = number === undefined ? [bare ?? folded] : numberParts(number);
  const marks = parts.map(part => keyMarks[keys.indexOf(part)] ?? wordMarks(part));
  const others = marks.filter(some => !keyMarks.includes(some));
  // How a number is grouped where it stands, its words do not tell: it is looked for everywhere.
  const anyOf = plain === undefined ? [...keyMarks, ...others] : everywhere;
  return { folded, keys, keyMarks, number, bare, plain, marks, anyOf };
}

/** Every result holds something without words. */
const everywhere: readonly WordMarks[] = [[]];

/** Of a whole number in front of the point, what is written together whether or not its thousands are set apart. */
function numberParts(number: string): string[] {
  const whole = /^\d*/.exec(number)?.[0] ?? '';
  return whole.length > 3 ? [whole, whole.slice(-3)] : [whole];
}

export function textWith(index: ResultIndex, { folded, number, bare, plain, marks }: Wanted): Text | undefined {
  if (folded.length < 2) return undefined;
  const mayHold = mayHoldAny(index, marks);
  if (number !== undefined)
    return mayHold && index.numbers().has(number)
      ? index.texts.find(({ folded: text }) => numbersIn(text).has(number))
      : undefined;
  if (mayHold)
    for (const text of index.texts)
      if ((bare !== undefined && isWhole(text.folded, bare)) || isUnit(text.folded, folded)) return text;
  if (plain === undefined || !index.squeezedText().includes(plain)) return undefined;
  return index.texts.find(({ folded: text }) => squeezed(text).includes(plain));
}

function mayHoldAny({ words }: ResultIndex, all: readonly WordMarks[]): boolean {
  for (const marks of all) if (words.mayHold(marks)) return true;
  return false;
}
