import { singleBlanks } from '../../model/blanks.ts';
import { fold } from './fold.ts';
import { displayedIn, isAddress, shapeOf } from './shape.ts';

const addressOrDigit = /[@./:\d]/;
const punycode = /(?:^|[.@/])xn--/;
const notAscii = /[^\x20-\x7e]/;

/**
 * An address with characters that are not seen or are others' forms (full-width digits), one that a display name gives as another one,
 * or a host in the ASCII form of other scripts: who means well has no need of them.
 */
export function isDisguised(value: string, folded: string): boolean {
  if (!addressOrDigit.test(folded)) return false;
  const shown = displayedIn(folded);
  if (shown?.name.includes('@') && !shown.name.includes(shown.address)) return true;
  if (punycode.test(folded)) return true;
  return notAscii.test(value) && fold(value) !== plainFold(value) && isAddress(shapeOf(folded));
}

function plainFold(value: string): string {
  return singleBlanks(value.toLowerCase()).trim();
}
