import { hash } from 'node:crypto';

/**
 * Holds what a receipt shows against what the entries commit to (docs/formats/receipt.md). What is not shown stands there
 * as a hash.
 */

export interface ShownPolicy {
  readonly id: string;
  readonly text: string;
}

export interface ShownTool {
  readonly server: string;
  readonly name: string;
  readonly pin: string;
  readonly classes: readonly string[];
  readonly segment: string;
  readonly status: string;
  readonly context: unknown;
}

export interface ShownWorld {
  readonly policies: readonly ShownPolicy[];
  /** Scopes of the policies that are not shown. */
  readonly otherScopes: readonly unknown[];
  readonly tools: readonly ShownTool[];
  readonly policiesInAll: number;
}

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

/** The world that `root` commits to, or in words what is wrong. */
export function readWorld(policies: unknown, tools: unknown, world: string, root: string): ShownWorld | string {
  if (!Array.isArray(policies) || !Array.isArray(tools)) return 'its policies or tools are missing';
  const lines: string[] = [];
  const shown: ShownWorld & { policies: ShownPolicy[]; otherScopes: unknown[]; tools: ShownTool[] } = {
    ...{ policies: [], otherScopes: [], tools: [], policiesInAll: policies.length },
  };
  for (const policy of policies) {
    const { scope, scopeSalt, text, textSalt, textHash } = record(policy);
    const own = isText(text) && isText(textSalt) ? sha(`sallyport policy text v1\n${textSalt}\n${text}`) : textHash;
    if (!isText(scope) || !isText(scopeSalt) || !isText(own)) return 'a policy in it has an unknown form';
    lines.push(sha(`sallyport policy v1\n${sha(`sallyport policy scope v1\n${scopeSalt}\n${scope}`)}\n${own}`));
    if (isText(text)) shown.policies.push(JSON.parse(text) as ShownPolicy);
    else shown.otherScopes.push(JSON.parse(scope));
  }
  lines.push('');
  for (const tool of tools) {
    const { text, salt } = record(tool);
    if (isText(text) && isText(salt)) shown.tools.push(JSON.parse(text) as ShownTool);
    lines.push(isText(text) && isText(salt) ? sha(`sallyport tool v1\n${salt}\n${text}`) : String(tool));
  }
  return sha(`sallyport evidence v1\n${world}\n${lines.join('\n')}`) === root
    ? shown
    : 'its policies or tools are not those that the record commits to';
}

/** The parts that `committed` commits to, or in words what is wrong. */
export function readBody(field: string, parts: unknown, committed: unknown): ShownBody | string {
  if (!Array.isArray(parts)) return `what is shown of ${field} has an unknown form`;
  const hashes: string[] = [];
  const known = new Map<string, string>();
  let paths: readonly (readonly string[])[] | undefined;
  let whole: string | undefined;
  let hidden = 0;
  for (const [at, part] of parts.entries()) {
    const { path, salt, value } = record(part);
    if (!isText(path) || !isText(salt) || !isText(value)) {
      if (!isText(part) || !hashText.test(part)) return `what is shown of ${field} has an unknown form`;
      hashes.push(part);
      hidden++;
      continue;
    }
    hashes.push(sha(`sallyport part v1\n${field}\n${path}\n${salt}\n${value}`));
    if (path === '[]' && at === 0) paths = JSON.parse(value) as string[][];
    else if (path === '*') whole = value;
    else known.set(path, value);
  }
  if (sha(`sallyport parts v1\n${field}\n${hashes.join('\n')}`) !== committed)
    return `what is shown of ${field} is not what the record commits to`;
  const listed = paths === undefined || isListed(parts, paths);
  return listed ? { known, paths, whole, hidden } : `the list of what ${field} holds does not fit what is shown of it`;
}

/** Part number n is the one that stands at place n in the list. */
function isListed(parts: readonly unknown[], paths: readonly (readonly string[])[]): boolean {
  if (parts.length !== paths.length + 1) return false;
  return parts.slice(1).every((part, at) => {
    const { path } = record(part);
    return path === undefined || path === JSON.stringify(paths[at]);
  });
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
