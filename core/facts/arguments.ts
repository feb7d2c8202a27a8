import type { JsonNode, JsonObject } from '../model/json.ts';
import { type Argument, argumentsOf } from '../policy/classify/arguments.ts';
import { signsOf } from '../policy/classify/signs.ts';
import { wordsOf } from '../policy/classify/words.ts';

/** The language that an argument's text is written in. */
export type Language = 'shell' | 'sql' | 'path' | 'text';

/** One text among a call's arguments. */
export interface Leaf {
  readonly language: Language;
  readonly text: string;
}

export interface Leaves {
  readonly leaves: readonly Leaf[];
  /** False if there were more than are looked at. */
  readonly all: boolean;
}

const shellNames = new Set([
  'command',
  'cmd',
  'commands',
  'shell',
  'bash',
  'shell_command',
  'cmdline',
  'command_line',
  'argv',
]);
const pathWords = new Set([
  'path',
  'paths',
  'file',
  'files',
  'filename',
  'filepath',
  'dir',
  'directory',
  'folder',
  'cwd',
]);
const leavesMax = 10_000;

/** By name, what each argument of a tool's pinned schema is written in. */
export type Languages = ReadonlyMap<string, Language>;

export function languagesOf(definition: JsonObject): Languages {
  return new Map(argumentsOf(definition).map(argument => [argument.name, languageOf(argument)]));
}

function languageOf(argument: Argument): Language {
  const name = argument.words.join('_');
  const signs = signsOf(argument);
  if (signs.includes('sql')) return 'sql';
  if (shellNames.has(name) || (name === 'script' && /\b(?:shell|bash|sh)\b/i.test(argument.description)))
    return 'shell';
  return argument.words.some(word => pathWords.has(word)) ? 'path' : 'text';
}

/**
 * Every text of a call's input, each with its language. A list of words for a shell (`argv`) is one text, its words
 * quoted. A member that the schema does not name is judged by its name alone. Beyond `leavesMax` it stops and `all` is false.
 */
export function leavesOf(input: JsonNode, languages: Languages): Leaves {
  const leaves: Leaf[] = [];
  const walk = (node: JsonNode, language: Language): void => {
    if (leaves.length >= leavesMax) return;
    if (node.kind === 'string') leaves.push({ language, text: node.value });
    if (node.kind === 'array') {
      const words =
        language === 'shell' ? node.items.flatMap(item => (item.kind === 'string' ? [item.value] : [])) : [];
      if (words.length > 0) leaves.push({ language, text: words.map(quotedWord).join(' ') });
      else for (const item of node.items) walk(item, language);
    }
    if (node.kind === 'object')
      for (const [name, value] of node.members) walk(value, languages.get(name) ?? languageOf(unnamed(name)));
  };
  walk(input, 'text');
  return { leaves, all: leaves.length < leavesMax };
}

function unnamed(name: string): Argument {
  return { name, words: wordsOf(name), description: '', format: undefined, types: [], ofSql: false };
}

/** A word as a POSIX shell reads it back unchanged. */
export function quotedWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
