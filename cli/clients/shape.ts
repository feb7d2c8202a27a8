import { isSecretName, looksRandom, secretShapes } from '@sallyport/core/journal/secret-signs.ts';
import type { Shape } from './table.ts';

/** A server as a client's file describes it, whatever words that client uses. */
export type Described =
  | {
      readonly kind: 'stdio';
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Env;
      readonly cwd: string | undefined;
    }
  | { readonly kind: 'remote'; readonly url: string; readonly headers: Env }
  /** It stays as it is, and this is why. */
  | { readonly kind: 'other'; readonly why: string };

export type Env = Readonly<Record<string, string>>;
export type Members = Readonly<Record<string, unknown>>;

/** What our own entry looks like to a client: a program and its words. */
export interface OwnEntry {
  readonly command: string;
  readonly args: readonly string[];
}

const ownValue = 'the client fills in a value by itself (a reference)';

/** Members by which a client itself finds a server's variables, headers or sign-in: behind the gateway they would be missing. */
const ownSources = /^(?:env_?(?:file|vars|keys)|env_?http_?headers|headers_?helper|bearer_?token_?env(?:_?var)?)$/i;

/** Reads one entry. What is not certain is `other`: a guess would run something else than the client did. */
export function described(entry: unknown, shape: Shape): Described {
  if (!isRecord(entry)) return { kind: 'other', why: 'it is not a mapping' };
  const words = wordsOf(shape);
  const source = Object.keys(entry).find(name => ownSources.test(name) && !isEmpty(entry[name]));
  if (source !== undefined) return { kind: 'other', why: `the client finds values for it by itself (${source})` };
  const remote = words.urls.map(name => entry[name]).find(value => value !== undefined);
  if (remote !== undefined) return remoteOf(remote, entry[words.headers], shape);
  const [command, args] = commandOf(entry, words);
  if (command === undefined) return { kind: 'other', why: 'it has neither a program nor an address' };
  const env = textsOf(entry[words.env]);
  if (args === undefined || env === undefined) return { kind: 'other', why: 'its words or variables are not all text' };
  const open = [command, ...args, ...Object.values(env)].find(each => isReference(each, shape));
  if (open !== undefined) return { kind: 'other', why: ownValue };
  const cwd = typeof entry.cwd === 'string' ? entry.cwd : undefined;
  return { kind: 'stdio', command, args, env, cwd };
}

function remoteOf(url: unknown, headers: unknown, shape: Shape): Described {
  const texts = textsOf(headers);
  if (typeof url !== 'string' || !URL.canParse(url)) return { kind: 'other', why: 'its address cannot be read' };
  if (texts === undefined) return { kind: 'other', why: 'its headers are not all text' };
  if ([url, ...Object.values(texts)].some(each => isReference(each, shape))) return { kind: 'other', why: ownValue };
  return { kind: 'remote', url, headers: texts };
}

/** `${input:key}`, `${env:KEY}`, `$KEY`, `$env:KEY`, `{file:KEY}`: what only the client can fill in (E10: left untouched). */
function isReference(text: string, shape: Shape): boolean {
  // These two put a variable's value into the middle of a text as well.
  if ((shape === 'gemini' || shape === 'copilot') && /\$\w/.test(text)) return true;
  return /\$\{[^}]+\}|^\$[A-Z_][A-Z0-9_]*$|\$env:|\{(?:env|file):[^}]+\}/.test(text);
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === '' ||
    (typeof value === 'object' && Object.keys(value).length === 0)
  );
}

/** The members that make an entry ours, in the client's own words; undefined ones are taken out. Every other stays. */
export function ownMembers({ command, args }: OwnEntry, shape: Shape, before: Members): Record<string, unknown> {
  const words = wordsOf(shape);
  const gone = Object.fromEntries(
    [...words.urls, words.headers, words.env, words.transport ?? 'auth', 'cwd', 'oauth', 'auth'].map(name => [
      name,
      undefined,
    ]),
  );
  const typed: Record<string, unknown> =
    words.type === undefined || (before[words.type.name] === undefined && shape !== 'copilot' && shape !== 'opencode')
      ? {}
      : { [words.type.name]: words.type.stdio };
  const program =
    words.args === undefined
      ? { [words.command]: [command, ...args] }
      : { [words.command]: command, [words.args]: args };
  const removed = Object.keys(gone).filter(name => Object.hasOwn(before, name));
  return { ...Object.fromEntries(removed.map(name => [name, undefined])), ...typed, ...program };
}

interface Words {
  readonly command: string;
  /** Undefined where the command is a list with its words. */
  readonly args: string | undefined;
  readonly env: string;
  readonly urls: readonly string[];
  readonly headers: string;
  readonly type: { readonly name: string; readonly stdio: string } | undefined;
  /** A member that a remote server alone has, beside its address. */
  readonly transport?: string;
}

const standard: Words = {
  ...{ command: 'command', args: 'args', env: 'env', urls: ['url'], headers: 'headers' },
  type: { name: 'type', stdio: 'stdio' },
};

function wordsOf(shape: Shape): Words {
  switch (shape) {
    case 'standard':
    case 'copilot':
      return { ...standard, urls: ['url', 'httpUrl'] };
    case 'cursor':
      return standard;
    case 'codex':
      return { ...standard, headers: 'http_headers' };
    case 'gemini':
      return { ...standard, urls: ['httpUrl', 'url'] };
    case 'serverUrl':
      return { ...standard, urls: ['serverUrl', 'url'] };
    case 'openclaw':
      return { ...standard, type: undefined, transport: 'transport' };
    case 'zed':
      return { ...standard, type: { name: 'source', stdio: 'custom' } };
    case 'kimi':
      return { ...standard, type: { name: 'transport', stdio: 'stdio' } };
    case 'goose':
      return { ...standard, command: 'cmd', env: 'envs', urls: ['uri'] };
    case 'opencode':
      return { ...standard, args: undefined, env: 'environment', type: { name: 'type', stdio: 'local' } };
  }
}

function commandOf(entry: Members, words: Words): [string | undefined, readonly string[] | undefined] {
  const value = entry[words.command];
  if (words.args === undefined) {
    const list = stringsOf(value);
    return [list?.[0], list?.slice(1)];
  }
  return [typeof value === 'string' && value !== '' ? value : undefined, stringsOf(entry[words.args] ?? [])];
}

/** Whether a variable or header holds a secret: by its name, or by what it looks like. */
export function isSecret(name: string, value: string): boolean {
  if (value === '') return false;
  const shaped = secretShapes.some(({ pattern }) => value.search(pattern) >= 0);
  return isSecretName(name) || shaped || looksRandom(value) || isVariableOfKey(name, value);
}

/** What a server's variable of such a name holds is moved for nothing at worst; a place is not a key, and what is short is none. */
function isVariableOfKey(name: string, value: string): boolean {
  const named = /(?:^|[-_])(?:keys?|pat|pass|auth|jwt|dsn|bearer|signature|seed|mnemonic)$/i.test(name);
  return named && value.length >= 8 && !/^(?:[~./]|[A-Za-z]:[\\/])/.test(value);
}

function stringsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every(item => typeof item === 'string') ? value : undefined;
}

function textsOf(value: unknown): Env | undefined {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) return undefined;
  const texts = Object.entries(value).map(([name, each]) => [
    name,
    typeof each === 'number' || typeof each === 'boolean' ? String(each) : each,
  ]);
  return texts.every(([, each]) => typeof each === 'string') ? Object.fromEntries(texts) : undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
