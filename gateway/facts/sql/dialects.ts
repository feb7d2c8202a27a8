/**
 * Spellings that databases read differently: what is a comment, a string or a name in one is a command in another.
 * A text that holds one of them is not known until somebody says which database reads it.
 *
 * Strings and comments as standard SQL has them are passed over first; what is left must hold none of these.
 */
const standardStrings = /'(?:[^'\\]|'')*'|--[ \t][^\n]*(?:\n|$)|\/\*(?!!|\+)(?:[^*]|\*(?!\/))*(?:\*\/)?/g;

/** Stands where a standard string stood. */
const stringMark = '\u0001';

const differs: readonly RegExp[] = [
  /\/\*/, // `/*! … */` runs in MySQL and MariaDB; nested comments end in different places
  /\\/, // a backslash escapes a quote in MySQL, and is a character elsewhere
  /`/, // a name in MySQL and SQLite
  /\[[A-Za-z_]/, // a name in SQL Server and SQLite, an index elsewhere
  /#/, // a comment in MySQL, an operator elsewhere
  /--(?![ \t])/, // MySQL wants a space behind it
  /\$(?:\w*)\$/, // a string in PostgreSQL
  /\b[NnEeBbXxUu]&?\u0001/, // strings with a prefix
  /'/, // a quote that no standard string explains
  /\0/,
  /[-+*/<>=~!@#%^&|?]{64}/, // no database has so long an operator, and PostgreSQL's scanner reads each sign of it up to its end
];

/**
 * What a string or a comment leaves behind. A comment that does not end, or in which another begins, stays: where it ends depends
 * on who reads it.
 */
function passedOver(found: string): string {
  if (found.startsWith("'")) return stringMark;
  const isClear = !found.startsWith('/*') || (found.length >= 4 && found.endsWith('*/') && !found.includes('/*', 2));
  return isClear ? ' ' : found;
}

export function readsDifferently(text: string): boolean {
  if (text.includes(stringMark)) return true;
  const rest = text.replace(standardStrings, passedOver);
  return differs.some(pattern => pattern.test(rest));
}
