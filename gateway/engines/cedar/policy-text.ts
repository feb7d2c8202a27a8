import type { PolicyProblem } from './problem.ts';

/** One policy file as it was read. */
export interface PolicySource {
  readonly file: string;
  readonly text: string;
}

/** The text of one policy, cut out of its file, from its first annotation to its semicolon. */
export interface PolicyText {
  readonly file: string;
  /** Line of the first token, from 1. */
  readonly line: number;
  readonly text: string;
  /** Where in `text` the scope stands: what is between the parentheses after `permit` or `forbid`. */
  readonly scope: { readonly from: number; readonly to: number };
}

const sourceCharsMax = 1024 * 1024;
const policyCharsMax = 64 * 1024;
/** The engine's parser runs out of stack at about 160 nested parentheses, and takes the whole instance with it (DF2). */
const nestingMax = 64;

/**
 * Cuts a file into its policies without the engine's parser, which hostile text can break for good. What does not look
 * like a list of policies, nests too deep, or holds an integer that a double cannot hold is a problem here already.
 * Whether each part really is one policy is for the engine to say.
 */
export function splitPolicies(source: PolicySource): { policies: PolicyText[]; problems: PolicyProblem[] } {
  const policies: PolicyText[] = [];
  const problems: PolicyProblem[] = [];
  try {
    if (source.text.length > sourceCharsMax) throw new Fault(0, `the file is longer than ${sourceCharsMax} characters`);
    const tokens = [...tokensOf(source.text)];
    let from = 0;
    for (const [index, token] of tokens.entries()) {
      if (token.text !== ';') continue;
      policies.push(policyOf(source, tokens.slice(from, index + 1)));
      from = index + 1;
    }
    const rest = tokens[from];
    if (rest !== undefined) throw new Fault(rest.at, 'the policy that begins here has no end', 'write `;` after it');
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    const line = lineAt(source.text, thrown.at);
    const fix = thrown.fix === undefined ? {} : { fix: thrown.fix };
    problems.push({ file: source.file, line, message: thrown.message, ...fix });
  }
  return { policies, problems };
}

export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

class Fault extends Error {
  readonly at: number;
  readonly fix: string | undefined;
  constructor(at: number, message: string, fix?: string) {
    super(message);
    this.at = at;
    this.fix = fix;
  }
}

interface Token {
  readonly kind: 'word' | 'integer' | 'string' | 'mark';
  readonly text: string;
  readonly at: number;
}

/** Cedar's tokens (grammar of Cedar 4, "lexical structure"); comments and white space are left out. */
function* tokensOf(text: string): Generator<Token> {
  const pattern =
    /(\s+|\/\/[^\n\r]*)|([_a-zA-Z][_a-zA-Z0-9]*)|([0-9]+)|("(?:\\[\s\S]|[^"\\])*")|([@.,;:(){}[\]=!<>|&+\-*?/%])/y;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) throw new Fault(at, unreadable(text, at));
    const [whole, space, word, integer, string] = match;
    if (space !== undefined) continue;
    const kind =
      word !== undefined ? 'word' : integer !== undefined ? 'integer' : string !== undefined ? 'string' : 'mark';
    yield { kind, text: whole, at };
  }
}

function unreadable(text: string, at: number): string {
  if (text[at] === '"') return 'a string has no end';
  return `the character ${JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0))} means nothing here`;
}

function policyOf(source: PolicySource, tokens: readonly Token[]): PolicyText {
  const first = tokens[0];
  const last = tokens.at(-1);
  if (first === undefined || last === undefined) throw new Fault(0, 'there is no policy before this `;`');
  if (tokens.length === 1) throw new Fault(first.at, 'there is no policy before this `;`');
  const text = source.text.slice(first.at, last.at + 1);
  if (text.length > policyCharsMax) throw new Fault(first.at, `the policy is longer than ${policyCharsMax} characters`);
  checkIntegers(tokens);
  checkNesting(tokens);
  const { from, to } = scopeOf(tokens);
  return {
    file: source.file,
    line: lineAt(source.text, first.at),
    text,
    scope: { from: from - first.at, to: to - first.at },
  };
}

/** The JSON forms of policies and requests hold numbers as doubles: beyond 2^53 they would silently be others. */
function checkIntegers(tokens: readonly Token[]): void {
  const tooLarge = tokens.find(
    ({ kind, text }) => kind === 'integer' && BigInt(text) > BigInt(Number.MAX_SAFE_INTEGER),
  );
  if (tooLarge !== undefined)
    throw new Fault(tooLarge.at, 'an integer lies beyond ±(2^53−1)', 'compare it as a string or a decimal');
}

function checkNesting(tokens: readonly Token[]): void {
  let depth = 0;
  let ifs = 0;
  for (const { kind, text, at } of tokens) {
    if (kind === 'mark' && '([{'.includes(text)) depth++;
    if (kind === 'mark' && ')]}'.includes(text)) depth--;
    if (kind === 'word' && text === 'if') ifs++;
    if (depth > nestingMax || ifs > nestingMax)
      throw new Fault(at, `the policy nests deeper than ${nestingMax}`, 'split it into several policies');
  }
}

/** `permit (` … `)` after the annotations; the scope itself holds no parentheses. */
function scopeOf(tokens: readonly Token[]): { from: number; to: number } {
  const effect = tokens.findIndex(({ text }, index) => isEffect(text) && tokens[index - 1]?.text !== '@');
  const open = tokens[effect + 1];
  const close = tokens.slice(effect + 1).find(({ text }) => text === ')');
  if (effect < 0) {
    const at = tokens[0]?.at ?? 0;
    throw new Fault(at, 'a policy begins with `permit` or `forbid`, after its annotations');
  }
  if (open?.text !== '(' || close === undefined)
    throw new Fault(tokens[effect]?.at ?? 0, 'a scope `(principal, action, resource)` is missing');
  return { from: open.at + 1, to: close.at };
}

function isEffect(word: string): boolean {
  return word === 'permit' || word === 'forbid';
}

/** The policy as it stands for requests that its scope is known to match: `permit (principal, action, resource) …`. */
export function withoutScope({ text, scope }: PolicyText): string {
  return `${text.slice(0, scope.from)}principal, action, resource${text.slice(scope.to)}`;
}
