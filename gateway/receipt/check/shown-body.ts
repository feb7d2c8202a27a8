import { hash } from 'node:crypto';
import { isText, membersOf } from './members.ts';

/**
 * Holds what a receipt shows of a body against what the entry commits to (docs/formats/receipt.md). A part that is not shown
 * stands there as a hash.
 */

/** What of one body is shown: `known` by path, all paths if their list is shown. */
export interface ShownBody {
  readonly known: ReadonlyMap<string, string>;
  readonly paths: readonly (readonly string[])[] | undefined;
  /** The text as a whole, where it was not cut. */
  readonly whole: string | undefined;
  readonly hidden: number;
}

const sha = (text: string): string => hash('sha256', text, 'base64url');
const hashText = /^[A-Za-z0-9_-]{43}$/;
const saltText = /^[A-Za-z0-9_-]{22}$/;

/** The parts that `committed` commits to, or in words what is wrong. */
export function readBody(field: string, body: unknown, committed: unknown): ShownBody | string {
  if (Array.isArray(body)) return readListedParts(field, body, committed);
  const { paths, parts } = membersOf(body);
  if (!isText(paths) || !Array.isArray(parts)) return unknownForm(field);
  const values: (string | undefined)[] = [];
  let hashes = '';
  for (const part of parts) {
    const { salt, value } = membersOf(part);
    const isShown = isText(salt) && saltText.test(salt) && isText(value);
    if (!isShown && !(isText(part) && hashText.test(part))) return unknownForm(field);
    // A salt is told from what follows it by its length alone.
    hashes += isShown ? sha(`${salt}${value}`) : part;
    values.push(isShown ? value : undefined);
  }
  if (sha(`sallyport parts v2\n${field}\n${paths}\n${hashes}`) !== committed) return notCommittedTo(field);
  const hidden = values.filter(value => value === undefined).length;
  if (paths === '*') return { known: new Map(), paths: undefined, whole: values[0], hidden };
  const list = JSON.parse(paths) as readonly (readonly string[])[];
  if (list.length !== values.length) return notListed(field);
  const known = new Map<string, string>();
  for (const [at, value] of values.entries()) if (value !== undefined) known.set(JSON.stringify(list[at]), value);
  return { known, paths: list, whole: undefined, hidden };
}

function unknownForm(field: string): string {
  return `what is shown of ${field} has an unknown form`;
}

function notCommittedTo(field: string): string {
  return `what is shown of ${field} is not what the record commits to`;
}

function notListed(field: string): string {
  return `the list of what ${field} holds does not fit what is shown of it`;
}

/** As earlier versions committed to it: the list of paths is the first part, and each part names its own. */
function readListedParts(field: string, parts: readonly unknown[], committed: unknown): ShownBody | string {
  const hashes: string[] = [];
  const known = new Map<string, string>();
  let paths: readonly (readonly string[])[] | undefined;
  let whole: string | undefined;
  let hidden = 0;
  for (const [at, part] of parts.entries()) {
    const { path, salt, value } = membersOf(part);
    if (!isText(path) || !isText(salt) || !isText(value)) {
      if (!isText(part) || !hashText.test(part)) return unknownForm(field);
      hashes.push(part);
      hidden++;
      continue;
    }
    hashes.push(sha(`sallyport part v1\n${field}\n${path}\n${salt}\n${value}`));
    if (path === '[]' && at === 0) paths = JSON.parse(value) as string[][];
    else if (path === '*') whole = value;
    else known.set(path, value);
  }
  if (sha(`sallyport parts v1\n${field}\n${hashes.join('\n')}`) !== committed) return notCommittedTo(field);
  const listed = paths === undefined || isListed(parts, paths);
  return listed ? { known, paths, whole, hidden } : notListed(field);
}

/** Part number n is the one that stands at place n in the list. */
function isListed(parts: readonly unknown[], paths: readonly (readonly string[])[]): boolean {
  if (parts.length !== paths.length + 1) return false;
  return parts.slice(1).every((part, at) => {
    const { path } = membersOf(part);
    return path === undefined || path === JSON.stringify(paths[at]);
  });
}
