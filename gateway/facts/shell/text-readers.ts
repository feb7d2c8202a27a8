import type { Spelled } from './word.ts';

/**
 * Programs with a language of their own whose text, as it stands there, only reads: `awk`, `sed` and `sqlite3`. What their
 * languages can do besides has words and signs of its own, and a text that holds one of them, be it in a name or a string, is
 * not taken for a reading one. Answers which word the text is, for it is no path; undefined: more may happen.
 */
export function readingTextAt(program: string, rest: readonly Spelled[]): number | undefined {
  if (!rest.every(isSettled)) return undefined;
  const read = Object.hasOwn(languages, program) ? languages[program] : undefined;
  return read?.(rest.map(({ text }) => text));
}

type ReadWords = (words: readonly string[]) => number | undefined;

const languages: Readonly<Record<string, ReadWords>> = {
  ...{ awk: awkText, gawk: awkText, mawk: awkText, nawk: awkText, sed: sedText, sqlite3: sqliteText },
};

/** Its words are all there; a pattern comes to names of files, and to no option. */
function isSettled({ text, known, pattern }: Spelled): boolean {
  return known && (!pattern || /^\w[\w*./-]*$/.test(text));
}

/** Runs, opens what it chooses by itself, calls by a name put together, or shows the environment. */
const awkReaches = /system|getline|ENVIRON|PROCINFO|SYMTAB|FUNCTAB|ARG[VC]|@|\\\r?\n/;

function awkText(words: readonly string[]): number | undefined {
  let at = 0;
  for (; words[at]?.startsWith('-'); at++) {
    if (words[at] === '-F' || words[at] === '-v') at++;
    else if (!/^-F./.test(words[at] ?? '')) return undefined;
  }
  const [text = '', ...files] = words.slice(at);
  if (text === '' || awkReaches.test(text) || text.replaceAll('||', '').includes('|')) return undefined;
  // Until something is printed `>` compares; behind it, it may name a file.
  const printing = text.indexOf('print');
  if (printing >= 0 && text.includes('>', printing)) return undefined;
  return files.some(file => file.startsWith('-') || file.startsWith('/inet')) ? undefined : at;
}

const sedAddress = String.raw`(?:\d+|\$|/(?:[^/\\\n]|\\.)+/)`;
/** One command that prints, leaves out, ends, counts or replaces: never `e` or `w`, and no second one behind it. */
const sedCommand = new RegExp(
  String.raw`^(?:${sedAddress}(?:,${sedAddress})?)?\s*(?:[pdq=]|s/(?:[^/\\\n]|\\.)*/(?:[^/\\\n]|\\.)*/[gpI0-9]*)$`,
);

function sedText(words: readonly string[]): number | undefined {
  const at = words.findIndex(word => !/^-[nErs]+$/.test(word));
  const [text = '', ...files] = at < 0 ? [] : words.slice(at);
  return sedCommand.test(text) && !files.some(file => file.startsWith('-')) ? at : undefined;
}

const sqliteOption = /^-(?:readonly|safe|header|noheader|csv|json|box|table|markdown|line|column|list)$/;
/** What a statement that begins by asking could still change, open or run. */
const sqliteReaches =
  /\b(?:insert|update|delete|replace|readfile|writefile|edit|load_extension|zipfile|fsdir|lsmode|(?:fts\d|shell|sqlar)_\w+)\b/i;

function sqliteText(words: readonly string[]): number | undefined {
  const at = words.length - 1;
  const [file = '', text = '', ...more] = words.filter(word => !sqliteOption.test(word));
  if (more.length > 0 || words[at] !== text || /^-|[:?]/.test(file)) return undefined;
  if (/^\.(?:schema|tables|indexes)(?: +\w+)?$/.test(text)) return at;
  const asks = /^\s*(?:select|with|explain\s+query\s+plan)\b[^;]*(?:;\s*)?$/i.test(text);
  return asks && !sqliteReaches.test(text) ? at : undefined;
}
