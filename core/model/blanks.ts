/** White space that is no single blank: of most texts there is none, and each match is an object. */
const wide = /(?:[^\S ]| \s)\s*/g;

/** All white space as single blanks, also at its ends. */
export function singleBlanks(text: string): string {
  return text.replace(wide, ' ');
}
