import { hostsIn } from './hosts.ts';
import { isLook } from './lookers.ts';
import { looksLikePath } from './places.ts';
import {
  deleters,
  deleteWords,
  escalators,
  everyWordWriters,
  gitPlainOptions,
  gitReaders,
  gitWritingOptions,
  installers,
  installWords,
  interpreters,
  lastWordWriters,
  network,
  networkWords,
  persisters,
  readers,
  shells,
  writingOptions,
} from './programs.ts';
import { isRoutine } from './routine.ts';
import { readingTextAt } from './text-readers.ts';
import { mayBeOption, type Spelled } from './word.ts';
import { behind, isPlainWrapper, type WrapperOptions, wrappers } from './wrappers.ts';

/** What has been found so far in one command text. */
export interface Findings {
  unclear: boolean;
  onlyReads: boolean;
  onlyRoutine: boolean;
  readonly commands: string[];
  network: boolean;
  readonly hosts: Set<string>;
  interprets: boolean;
  installs: boolean;
  escalates: boolean;
  deletes: boolean;
  persists: boolean;
  background: boolean;
  readonly writes: Set<string>;
  readonly paths: Set<string>;
}

export interface Reader {
  readonly found: Findings;
  /** Reads another command text that stands inside this one. */
  readonly nested: (text: string) => void;
  /** Notes that so much is read, again where it is: commands stand in the words of others. Throws where that is too much. */
  readonly reading: (chars: number) => void;
}

/** One simple command: its program and its words, and the command inside it if it is one that runs others. */
export function readCommand(words: readonly Spelled[], reader: Reader): void {
  const { found } = reader;
  const [first, ...rest] = words;
  if (first === undefined) return;
  reader.reading(words.reduce((chars, { text }) => chars + text.length + 1, 0));
  if (!first.known || first.pattern || first.text === '') {
    found.unclear = true;
    note(rest, false, found);
    return;
  }
  const program = baseName(first.text);
  // `./cat` is whatever stands there, not the program of that name.
  const isElsewhere = first.text.includes('/') && !/^\/(?:usr\/)?(?:local\/)?s?bin\/[^/]+$/.test(first.text);
  found.commands.push(program);
  // What such a text holds is the program's own, and no path.
  const textAt = isElsewhere ? undefined : readingTextAt(program, rest);
  if (textAt === undefined) judge(program, rest, found);
  const reads = !isElsewhere && (textAt !== undefined || isReading(program, rest));
  if (!reads) found.onlyReads = false;
  // Words for `xargs` come from elsewhere, and a change of folder gives all that follows another meaning.
  const readsHere = reads && !['xargs', 'cd', 'pushd', 'popd'].includes(program);
  if (isElsewhere || !(readsHere || isRoutine(program, rest) || isLook(program, rest))) found.onlyRoutine = false;
  if (rest.some(word => !word.known)) found.unclear = true;
  note(textAt === undefined ? rest : rest.toSpliced(textAt, 1), found.network, found);
  inside(program, rest, reader);
}

function judge(program: string, rest: readonly Spelled[], found: Findings): void {
  const has = (table: Readonly<Record<string, ReadonlySet<string>>>) => {
    const listed = Object.hasOwn(table, program) ? table[program] : undefined;
    return listed !== undefined && rest.some(word => listed.has(word.text));
  };
  if (network.has(program) || has(networkWords) || installers.has(program)) found.network = true;
  if (installers.has(program) || has(installWords)) found.installs = true;
  if (interpreters.has(program) || shells.has(program)) found.interprets = true;
  if (escalators.has(program)) found.escalates = true;
  if (deleters.has(program) || has(deleteWords)) found.deletes = true;
  if (persisters.has(program)) found.persists = true;
  const files = rest.filter(word => !word.text.startsWith('-')).map(word => word.text);
  if (everyWordWriters.has(program)) for (const file of files) found.writes.add(file);
  // Without a word it goes home.
  if ((program === 'cd' || program === 'pushd') && files.length === 0) found.paths.add('~');
  const last = files.at(-1);
  if (lastWordWriters.has(program) && files.length > 1 && last !== undefined) found.writes.add(last);
  if (program === 'dd')
    for (const word of files) if (word.startsWith('of=')) found.writes.add(word.slice('of='.length));
}

function isReading(program: string, rest: readonly Spelled[]): boolean {
  const writing = Object.hasOwn(writingOptions, program) ? (writingOptions[program] ?? []) : [];
  if (program === 'xargs') return feedsPlainReader(rest);
  if (Object.hasOwn(wrappers, program)) return isPlainWrapper(program, rest) && !hasOption(rest, writing);
  if (!readers.has(program)) return false;
  // A file may be called `--output=x`.
  if (isSpecial(program) && rest.some(mayBeOption)) return false;
  if (program === 'git') return gitReads(rest);
  // The second file of `uniq` is written, and `arch` runs its words.
  if (program === 'uniq')
    return rest.filter(({ text }) => !/^-./.test(text)).length < 2 && !rest.some(word => isEnd(word) || word.pattern);
  if (program === 'arch') return rest.length === 0;
  if (showsEnvironment(program, rest)) return false;
  // Other shells than Bash compute numbers here, subscripts with commands in them included.
  if (['test', '[', 'printf'].includes(program) && rest.some(({ text }) => /\w\[[^\]]*(?:\$\(|`)/.test(text)))
    return false;
  if (program === 'date' || program === 'hostname')
    return rest.every(word => /^[-+]/.test(word.text)) && !hasOption(rest, writing);
  return !hasOption(rest, writing);
}

/** What an environment holds is often a key: that of `jq`, also by a text of another file, or those of all that runs. */
function showsEnvironment(program: string, rest: readonly Spelled[]): boolean {
  if (program === 'jq')
    return rest.some(({ text }) => /\benv\b|\$ENV\b|\$__prog|\b(?:include|import)[\s#"]/.test(text));
  const isValue = (at: number): boolean => /^-\w*[uUCoOptgGsq]$/.test(rest[at - 1]?.text ?? '');
  const shows = ({ text }: Spelled, at: number): boolean =>
    /^-\w*E|environ/.test(text) || (/^[a-df-zA-Z]*e[a-zA-Z]*$/.test(text) && !isValue(at));
  return program === 'ps' && rest.some(shows);
}

/** Some of its words, or how many they are, decide whether it does more than read. */
function isSpecial(program: string): boolean {
  return Object.hasOwn(writingOptions, program) || ['git', 'uniq', 'arch', 'hostname', 'date'].includes(program);
}

function gitReads(rest: readonly Spelled[]): boolean {
  // An option that takes the next word (`--namespace log push`) hides what is the sub-command.
  const sub = rest.find(({ text }) => !gitPlainOptions.has(text));
  const isReader = sub !== undefined && gitReaders.has(sub.text);
  // Whether a signature is good another program is asked.
  return isReader && !hasOption(rest, gitWritingOptions, false) && !rest.some(({ text }) => text.includes('%G'));
}

/** Words from elsewhere may be options: only a reader that has none which do more may get them. */
function feedsPlainReader(rest: readonly Spelled[]): boolean {
  if (!isPlainWrapper('xargs', rest)) return false;
  const command = behind(rest, wrappers.xargs ?? {});
  const [inner] = command;
  if (inner === undefined) return true;
  // What `-I` stands for is put into the command's name too.
  const own = rest.slice(0, rest.length - command.length).map(({ text }) => text);
  const isNamedBy = (text: string, at: number): boolean =>
    text.startsWith('-I') && inner.text.includes(text === '-I' ? (own[at + 1] ?? '') : text.slice(2));
  return readers.has(inner.text) && !isSpecial(inner.text) && !own.some(isNamedBy);
}

function isEnd({ text }: Spelled): boolean {
  return text === '--';
}

/** Long options may be shortened (`--outp=x`), and short ones stand together (`sort -uo x`). */
function hasOption(rest: readonly Spelled[], options: readonly string[], clusters = true): boolean {
  return rest.some(({ text }) => {
    const [name = ''] = text.split('=', 1);
    return options.some(option => {
      if (text.startsWith(option)) return true;
      if (option.startsWith('--')) return name.length > 2 && option.startsWith(name);
      return clusters && option.length === 2 && /^-[A-Za-z0-9]/.test(text) && text.includes(option.charAt(1));
    });
  });
}

/** Paths and hosts among the words; `NAME=value` and `--name=value` are looked into. */
function note(rest: readonly Spelled[], isNetwork: boolean, found: Findings): void {
  for (const { text } of rest) {
    const value =
      /^(?:[-\w]{1,64}=(.+)|-[A-Za-z]((?:[~/]|\.\.\/).*))$/s.exec(text)?.slice(1).find(Boolean) ??
      text.replace(/^@/, '');
    if (looksLikePath(value)) found.paths.add(value);
    for (const host of hostsIn(value, isNetwork)) found.hosts.add(host);
  }
}

function inside(program: string, rest: readonly Spelled[], reader: Reader): void {
  if (shells.has(program)) shell(rest, reader);
  else if (program === 'eval') whole(rest, reader);
  else if (program === 'find') findExec(rest, reader);
  else if (Object.hasOwn(wrappers, program)) wrapped(rest, wrappers[program] ?? {}, reader);
}

function wrapped(rest: readonly Spelled[], options: WrapperOptions, reader: Reader): void {
  const command = behind(rest, options);
  if (command.length > 0) readCommand(command, reader);
  else if (options.feeds === true) reader.found.unclear = true;
}

function shell(rest: readonly Spelled[], reader: Reader): void {
  const flag = rest.findIndex(word => /^-[a-z]*c$/.test(word.text));
  const text = flag < 0 ? undefined : rest[flag + 1];
  if (text === undefined || !text.known) {
    // A script file, or whatever comes down the pipe.
    reader.found.unclear = true;
    return;
  }
  reader.nested(text.text);
}

function whole(rest: readonly Spelled[], reader: Reader): void {
  if (rest.every(word => word.known)) reader.nested(rest.map(word => word.text).join(' '));
}

/** `find … -exec COMMAND ;` and its kin. */
function findExec(rest: readonly Spelled[], reader: Reader): void {
  rest.forEach((word, at) => {
    if (!/^-(?:exec|ok)(?:dir)?$/.test(word.text)) return;
    const end = rest.findIndex((other, index) => index > at && (other.text === ';' || other.text === '+'));
    readCommand(rest.slice(at + 1, end < 0 ? rest.length : end), reader);
  });
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
