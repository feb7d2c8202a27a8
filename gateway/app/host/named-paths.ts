import { resolve } from 'node:path';
import type { JsonNode } from '@sallyport/core/model/json.ts';

/** Words of one call that are looked at however they read; of those behind them only the telling ones are. */
const wordsMax = 2_000;
/** The same of one text: what is written to a file is longer. */
const partsMax = 500;
const pathCharsMax = 4_096;

/** Texts of one call that could be the bare name of a file; what stands behind them is not looked at. */
const namesMax = 2_000;
const nameCharsMax = 255;

export interface NamedWords {
  /** Words that could name a file. */
  readonly words: readonly string[];
  /** False where there were more than are looked at. */
  readonly areAll: boolean;
  /** Texts without any sign of a path: the name of a link in the folder that paths begin in, if anything. */
  readonly names: readonly string[];
}

/**
 * Every text of the input, members' names among them, and the words of those that are more than one: a command is looked at
 * word by word. Only what holds `pathLike` can name a file. `telling`: what a word that leads to a place in question holds,
 * unless it goes there over a link. Undefined: even of those there are more than are looked at.
 */
export function namedWords(input: JsonNode, pathLike: RegExp, telling: RegExp): NamedWords | undefined {
  // Each once: what is written to a file says the same ones again and again.
  const words = new Set<string>();
  const behind = new Set<string>();
  const names = new Set<string>();
  let areAll = true;
  const take = (text: string): void => {
    if (!pathLike.test(text)) {
      if (names.size < namesMax && text.length <= nameCharsMax) names.add(text);
      return;
    }
    for (const word of spelled(text, pathLike, telling))
      if (words.size < wordsMax) words.add(word);
      else if (!words.has(word)) {
        areAll = false;
        if (telling.test(word)) behind.add(word);
      }
  };
  const walk = (at: JsonNode): void => {
    if (at.kind === 'string') take(at.value);
    if (at.kind === 'array') for (const item of at.items) walk(item);
    if (at.kind !== 'object') return;
    for (const [name, value] of at.members) {
      take(name);
      walk(value);
    }
  };
  walk(input);
  return behind.size > wordsMax ? undefined : { words: [...words, ...behind], areAll, names: [...names] };
}

/** A program of C ends a text at its first zero. */
const separators = /[\s"'`=;|&<>(){},\0]+/;

function spelled(text: string, pathLike: RegExp, telling: RegExp): string[] {
  // Nothing new comes of reading a word without a sign in it.
  const tells = (part: string): boolean =>
    telling.test(part) || (part.includes('%') && decoded(part).some(plain => telling.test(plain)));
  const isOne = !separators.test(text);
  const parts = isOne ? [] : text.split(separators, tells(text) ? undefined : partsMax);
  const looked = parts.filter((part, at) => at < partsMax || tells(part));
  // However long one word is, who takes its `..` and `.` away may find a short one in it.
  const mayBePath = (part: string): boolean => part.length <= pathCharsMax || tells(part);
  return [...(isOne || text.length <= pathCharsMax ? [text] : []), ...looked]
    .filter(part => part !== '' && pathLike.test(part) && mayBePath(part))
    .flatMap(decoded)
    .flatMap(part => [part, ...withinWord(part).filter(piece => pathLike.test(piece))]);
}

/** `-v/a:/b`, `host:/a`, `-d@/a`, `file:/a`: what stands in one word with something else. Not the path of a web address. */
function withinWord(word: string): string[] {
  const pieces = /[:@]/.test(word) ? word.split(/[:@]/).filter(piece => !piece.startsWith('//')) : [];
  return [word, ...pieces].flatMap(piece => (/^-[A-Za-z]/.test(piece) ? [piece.slice(2)] : [])).concat(pieces);
}

function decoded(text: string): string[] {
  const plain = text.replace(/^file:\/\/(?:localhost)?/i, '').replaceAll('\\', '/');
  if (!/%[0-9a-f]{2}/i.test(plain)) return [plain];
  const read = (run: string): string => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8');
  return [plain, plain.replace(/(?:%[0-9a-f]{2})+/gi, read)];
}

/** The path that `word` names for whoever begins in `cwd`: as it is written, its `..` still in it. Undefined: none that exists. */
export function absolutePath(word: string, cwd: string | undefined, home: string): string | undefined {
  const at = word
    .replace(/^(?:~|\$HOME|\$\{HOME\})(?=\/|$)/, home)
    .replace(/^\/proc\/(?:thread-)?self\/cwd(?=\/|$)/, own => cwd ?? own);
  const path = at.startsWith('/') ? at : cwd === undefined ? undefined : `${cwd}/${at}`;
  if (path === undefined || path.includes('\0')) return undefined;
  return path.length <= pathCharsMax ? path : shortened(path);
}

function shortened(path: string): string | undefined {
  const short = resolve(path);
  return short.length <= pathCharsMax ? short : undefined;
}
