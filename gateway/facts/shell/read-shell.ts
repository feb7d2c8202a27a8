import { isStartupPlace } from '@sallyport/core/facts/path.ts';
import { type ShellFacts, unclearShell } from '@sallyport/core/facts/shell.ts';
import { type Command, forEachChild, type ParsedScript, parse, type Redirection, type SyntaxNode } from 'unbash';
import { type Findings, type Reader, readCommand } from './command.ts';
import { hostsIn, reachesDevice } from './hosts.ts';
import { isSink, looksLikePath } from './places.ts';
import { isHarmlessVariable } from './routine.ts';
import { spelled } from './word.ts';

const shellCharsMax = 65_536;
/** Commands inside commands (`bash -c`, `eval`) deeper than this are not read. */
const nestedMax = 5;
/**
 * Substitutions that hold more than plain words (`"${a:-"${b:-…`), times the length of their text: the parser looks for the end of
 * each in all that follows, so that those inside each other cost their product.
 */
const substitutedMax = 4_000_000;
const substitutions = /[$<>]\(|\$\{|`/g;
/** Here-documents (`<<`), times the length of their text: each that is not ended is looked for to the end of it. */
const documentsMax = 64_000_000;
/** Nothing opens in one of these, so none is inside another. */
const plainSubstitutions = /\$\([^$`(){}<>'"\\]*\)|\$\{[^$`(){}<>'"\\]*\}|`[^$`(){}<>'"\\]*`/g;
/**
 * Nothing in a here-document with a quoted word (`cat > FILE <<'EOF'`) is substituted. It is one for certain where all before it is
 * plain words: after a quote, a comment or a parenthesis the same signs may be text, and what follows them not.
 */
const plainDocument = /[\w\s./>|&;-]*[\w./-] *<<(['"])(\w+)\1[\w ./>|&;-]*(?:\n[^\n]*)*?\n\2(?:\n|$)/y;
/** What all commands hold, those inside others counted each time: `find -exec find -exec find …` would be read 2ⁿ times. */
const readCharsMax = 4 * shellCharsMax;
/** Characters that some shells and terminals take for a line end, or that hide text from a reader (C-9). */
const hidden = /[\r\0\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/;

/**
 * The facts of a shell command, from its syntax tree. Bash and POSIX sh; the text of another shell gives errors, and so
 * `unclear`, or facts of what Bash would do with it. Never throws.
 */
export function readShell(text: string): ShellFacts {
  if (text.trim() === '') return { ...unclearShell, unclear: false, readOnly: true, routine: true };
  if (text.length > shellCharsMax) return unclearShell;
  const found: Findings = emptyFindings();
  let charsRead = 0;
  const reading = (chars: number): void => {
    charsRead += chars;
    if (charsRead > readCharsMax) throw new Error('the commands are too deep inside each other');
  };
  try {
    readScript(text, found, reading, 0);
  } catch {
    return unclearShell;
  }
  return factsOf(found);
}

function readScript(text: string, found: Findings, reading: Reader['reading'], depth: number): void {
  if (depth > nestedMax || hidden.test(text)) {
    found.unclear = true;
    if (depth > nestedMax) return;
  }
  if (text.length * substituted(text) > substitutedMax || text.length * countOf(text, /<</g) > documentsMax)
    throw new Error('too much is substituted in so long a text');
  const reader: Reader = { found, nested: inner => readScript(inner, found, reading, depth + 1), reading };
  visit(parse(text), reader);
}

function substituted(text: string): number {
  return countOf(withoutDocuments(text).replace(plainSubstitutions, ''), substitutions);
}

function withoutDocuments(text: string): string {
  let end = 0;
  plainDocument.lastIndex = 0;
  while (plainDocument.test(text)) end = plainDocument.lastIndex;
  return text.slice(end);
}

function countOf(text: string, signs: RegExp): number {
  return (text.match(signs) ?? []).length;
}

function visit(node: SyntaxNode, reader: Reader): void {
  const { found } = reader;
  switch (node.type) {
    case 'Script':
      if (((node as ParsedScript).errors ?? []).length > 0) found.unclear = true;
      break;
    case 'Statement':
      if (node.background === true) found.background = true;
      break;
    case 'Function':
    // Bash evaluates what stands in these, subscripts with commands in them included: `[[ 'a[$(rm x)]' -eq 0 ]]`.
    case 'TestCommand':
    // Their variable may be one that programs heed: `for PATH in .`.
    case 'For':
    case 'Select':
    case 'ArithmeticCommand':
    case 'ArithmeticFor':
    case 'ArithmeticExpansion':
      found.onlyReads = false;
      found.onlyRoutine = false;
      break;
    case 'Coproc':
      found.background = true;
      break;
    case 'Command':
      command(node, reader);
      break;
    case 'Redirect':
    case 'HereString':
    case 'HereDoc':
      redirection(node, found);
      break;
  }
  forEachChild(node, child => visit(child, reader));
}

function command(node: Command, reader: Reader): void {
  const assigned = node.prefix.filter(part => part.type === 'Assignment');
  // A variable may change what a program does (`LD_PRELOAD`, `PATH`, `GIT_SSH_COMMAND`): this one, or all that follow.
  if (assigned.length > 0) reader.found.onlyReads = false;
  if (!assigned.every(({ text }) => isHarmlessVariable(text))) reader.found.onlyRoutine = false;
  if (node.name === undefined) return;
  const words = [spelled(node.name)];
  for (const part of node.suffix) {
    if (part.type === 'Word') words.push(spelled(part));
    else if (part.type === 'Assignment') words.push({ text: part.text, known: true, pattern: false });
  }
  readCommand(words, reader);
}

function redirection(node: Redirection, found: Findings): void {
  if (node.type !== 'Redirect') return;
  const target = node.target === undefined ? undefined : spelled(node.target);
  if (target === undefined) return;
  if (reachesDevice(target.text)) {
    found.network = true;
    found.onlyRoutine = false;
    for (const host of hostsIn(target.text, true)) found.hosts.add(host);
  }
  const duplicates = (node.operator === '>&' || node.operator === '<&') && /^(?:\d+-?|-)$/.test(target.text);
  if (duplicates || isSink(target.text)) return;
  if (!target.known) found.unclear = true;
  if (node.operator === '<' || node.operator === '<&') {
    if (looksLikePath(target.text)) found.paths.add(target.text);
    return;
  }
  found.onlyReads = false;
  found.onlyRoutine = false;
  found.writes.add(target.text);
}

function emptyFindings(): Findings {
  return {
    unclear: false,
    onlyReads: true,
    onlyRoutine: true,
    commands: [],
    network: false,
    hosts: new Set(),
    interprets: false,
    installs: false,
    escalates: false,
    deletes: false,
    persists: false,
    background: false,
    writes: new Set(),
    paths: new Set(),
  };
}

function acts({ background, network, interprets, installs, escalates, deletes, persists }: Findings): boolean {
  return background || network || interprets || installs || escalates || deletes || persists;
}

function factsOf(found: Findings): ShellFacts {
  const writes = [...found.writes];
  const persists = found.persists || writes.some(isStartupPlace);
  return {
    present: true,
    unclear: found.unclear,
    readOnly: found.onlyReads && !found.unclear && !acts(found),
    // Whatever a routine program does with the network or with a text of its own it was listed with.
    routine: found.onlyRoutine && !found.unclear && !found.background && !found.escalates && !persists,
    commands: [...new Set(found.commands)],
    count: found.commands.length,
    network: found.network,
    hosts: [...found.hosts],
    interprets: found.interprets,
    installs: found.installs,
    escalates: found.escalates,
    deletes: found.deletes,
    persists,
    background: found.background,
    writes,
    paths: [...new Set([...found.paths, ...writes])],
  };
}
