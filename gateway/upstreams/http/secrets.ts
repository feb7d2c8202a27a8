import { readFile } from 'node:fs/promises';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';
import type { HeaderSource, HttpLaunch } from '../config.ts';
import type { Lent } from '../credentials.ts';
import { searchable } from '../repeats.ts';

/** The operator's own headers of one endpoint. They are written to the socket and go nowhere else. */
export interface OwnHeaders {
  readonly lines: string;
  /** What must not come back: the values, and what follows a scheme word such as `Bearer`, as it is looked for. */
  readonly secrets: readonly Buffer[];
  /** The credentials among them that were issued for this. */
  readonly lent: readonly Lent[];
}

const valueCharsMax = 8 * 1024;

/** Issues one credential for these headers. */
export type Issue = (credential: string) => Promise<Checked<Lent>>;

/** Reads them anew for every connection, so that a rotated secret is used without a restart. */
export async function readOwnHeaders(headers: HttpLaunch['headers'], issue: Issue): Promise<Checked<OwnHeaders>> {
  let lines = '';
  const secrets: string[] = [];
  const lent: Lent[] = [];
  for (const [name, source] of Object.entries(headers)) {
    const found = await headerText(name, source, issue, lent);
    if (!found.ok) return found;
    const value = found.value;
    if (value.length > valueCharsMax || !/^[!-~](?:[ -~]*[!-~])?$/.test(value))
      return unavailable(name, 'its value is empty, too long, or holds characters that a header cannot');
    lines += `${name}: ${value}\r\n`;
    if (!('value' in source)) secrets.push(value, value.replace(/^[A-Za-z]+ +/, ''));
  }
  return passed({ lines, secrets: searchable(secrets), lent });
}

async function headerText(name: string, source: HeaderSource, issue: Issue, lent: Lent[]): Promise<Checked<string>> {
  if ('value' in source) return passed(source.value);
  if ('file' in source) {
    const value = await readSecret(source.file);
    return value === undefined ? unavailable(name, 'its file cannot be read') : passed(value);
  }
  const issued = await issue(source.credential);
  if (!issued.ok) return issued;
  lent.push(issued.value);
  return passed(source.scheme === undefined ? issued.value.secret : `${source.scheme} ${issued.value.secret}`);
}

async function readSecret(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch {
    return undefined;
  }
}

function unavailable(name: string, why: string): Checked<never> {
  return refused({
    code: 'credential-unavailable',
    what: `header ${name}`,
    why,
    fix: 'an operator can correct the configuration',
  });
}
