import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { quotedWord } from '@sallyport/core/facts/arguments.ts';
import { readPrivate, writePrivate } from '../secret/private-file.ts';

/** One file of a policy directory. */
export interface PolicySource {
  readonly file: string;
  readonly text: string;
}

/** A policy set as text: what a candidate is, and what was activated. */
export interface PolicyText {
  /** SHA-256 over names and texts, base64url. */
  readonly digest: string;
  readonly sources: readonly PolicySource[];
  /** The kinds of tasks beside them, `NAME.kind.yaml`; absent: none. */
  readonly kinds?: readonly PolicySource[];
}

/** The set that an operator, or the first start, activated. Kept in the state directory. */
export interface ActivePolicies extends PolicyText {
  readonly activatedAt: number;
  readonly by: string;
}

export class PolicyDirError extends Error {
  override readonly name = 'PolicyDirError';
}

const policyBytesMax = 4 * 2 ** 20;
const policyFilesMax = 1_000;

/** Every `*.cedar` and `*.kind.yaml` file of `dir`, in the order of their names. An empty directory is an error: a typo in a path must not mean "no rules". */
export function readPolicyDir(dir: string): PolicyText {
  let all: string[];
  try {
    all = readdirSync(dir).sort();
  } catch (thrown) {
    throw unreadable(dir, thrown);
  }
  const names = all.filter(name => name.endsWith('.cedar'));
  if (names.length === 0)
    throw new PolicyDirError(`${dir} holds no *.cedar file; without a policy nothing would be permitted`);
  if (names.length > policyFilesMax) throw new PolicyDirError(`${dir} holds more than ${policyFilesMax} policy files`);
  const read = (name: string): PolicySource => ({ file: join(dir, name), text: readPolicy(join(dir, name)) });
  const text = { sources: names.map(read), kinds: all.filter(name => name.endsWith('.kind.yaml')).map(read) };
  return { digest: digestOf(text), ...text };
}

function readPolicy(file: string): string {
  const bytes = bytesOf(file);
  // A link to nothing, or a file that went away since it was listed.
  if (bytes === undefined) throw new PolicyDirError(`${file} is not there, or is a link to nothing`);
  if (bytes === 'too many') throw new PolicyDirError(`${file} is larger than ${policyBytesMax} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new PolicyDirError(`${file} cannot be read as UTF-8 text`);
  }
}

function bytesOf(file: string): Buffer | 'too many' | undefined {
  try {
    const size = statSync(file, { throwIfNoEntry: false })?.size;
    return size === undefined ? undefined : size > policyBytesMax ? 'too many' : readFileSync(file);
  } catch (thrown) {
    throw unreadable(file, thrown);
  }
}

/** What the operator does about it is another thing where the machine refuses than where nothing is there. */
function unreadable(path: string, thrown: unknown): PolicyDirError {
  const { code = 'unknown fault' } = thrown as NodeJS.ErrnoException;
  return new PolicyDirError(`${path} cannot be read (${code}); ${whatToDo.get(code) ?? 'check the disk'}`);
}

const nameAnother =
  '`policies` in the configuration names the directory of *.cedar files, and the pack to begin with is policies/ of the checkout';
const openMore = 'let this process open more files (`ulimit -n`, `LimitNOFILE=`)';
const whatToDo: ReadonlyMap<string, string> = new Map([
  ['ENOENT', nameAnother],
  ['ENOTDIR', nameAnother],
  ['EACCES', 'let the user of this process read it'],
  ['EISDIR', 'a policy is a file'],
  ['EMFILE', openMore],
  ['ENFILE', openMore],
]);

/** Of a set without kinds it is what it was before there were any. */
function digestOf({ sources, kinds = [] }: Omit<PolicyText, 'digest'>): string {
  return createHash('sha256')
    .update(JSON.stringify([...sources, ...kinds].map(source => [source.file, source.text])))
    .digest('base64url');
}

export function loadActive(file: string): ActivePolicies | undefined {
  const text = readPrivate(file);
  if (text === undefined) return undefined;
  const active = activeIn(text);
  if (active !== undefined) return active;
  throw new PolicyDirError(
    `${file} is not as it was written: restore it. To begin with the policy files as they are, read them, then put it away: ${putAway(file)}`,
  );
}

function activeIn(text: string): ActivePolicies | undefined {
  try {
    const active = JSON.parse(text) as ActivePolicies;
    return active.digest === digestOf(active) ? active : undefined;
  } catch {
    return undefined;
  }
}

/** Where a person puts the set in force away, or says that it is lost: the policy files as they are come into force then, once. */
export function anewFile(file: string): string {
  return file.replace(/\.json$/, '.anew');
}

/** The command for that. */
export function putAway(file: string): string {
  return `mv ${quotedWord(file)} ${quotedWord(anewFile(file))}`;
}

export function saveActive(file: string, active: ActivePolicies): void {
  writePrivate(file, JSON.stringify(active));
}
