import { singleBlanks } from '../model/blanks.ts';
import { fold } from './fold.ts';
import { isAddress, shapeOf } from './shape.ts';

const addressOrDigit = /[@./:\d]/;
const punycode = /(?:^|[.@/])xn--/;
const notAscii = /[^\x20-\x7e]/;
const namedAddress = /^(.*@.*)<([^<>]+@[^<>]+)>$/;

/**
 * An address with characters that are not seen or are others' forms (full-width digits), one that a display name gives as another one,
 * or a host in the ASCII form of other scripts: who means well has no need of them.
 */
export function isDisguised(value: string, folded: string): boolean {
  if (!addressOrDigit.test(folded)) return false;
  const named = folded.includes('<') ? namedAddress.exec(folded) : null;
  if (named !== null && named[1]?.includes(named[2] ?? '') === false) return true;
  if (punycode.test(folded)) return true;
  return notAscii.test(value) && fold(value) !== plainFold(value) && isAddress(shapeOf(folded));
}

function plainFold(value: string): string {
  return singleBlanks(value.toLowerCase()).trim();
}
