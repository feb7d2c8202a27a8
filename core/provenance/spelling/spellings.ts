import { isGrouped, squeezed } from './fold.ts';
import { plainNumber } from './number.ts';
import { bareAddress, isAddress, type Shape, shapeOf } from './shape.ts';

/** The spellings under which a whole value is found. */
export function keysOf(folded: string, shape?: Shape): string[] {
  const keys = [folded];
  // Most values are words; the patterns below cost more than to see that they cannot match.
  if (startsNumeral(folded)) addKey(keys, plainNumber(folded) ?? folded);
  if (shape === undefined ? addressSign.test(folded) && isAddress(shapeOf(folded)) : isAddress(shape))
    addKey(keys, bareAddress(folded));
  if (folded.length >= 7 && isGrouped(folded)) addKey(keys, squeezed(folded));
  return keys;
}

const addressSign = /[@./:]/;

function startsNumeral(folded: string): boolean {
  const first = folded.charCodeAt(0);
  return (first >= 0x30 && first <= 0x39) || first === 0x2d;
}

function addKey(keys: string[], key: string): void {
  if (key.length > 1 && !keys.includes(key)) keys.push(key);
}
