import { readFile } from 'node:fs/promises';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';
import type { HttpLaunch } from '../config.ts';

/** The operator's own headers of one endpoint. They are written to the socket and go nowhere else. */
export interface OwnHeaders {
  readonly lines: string;
  /** What must not come back: the values, and what follows a scheme word such as `Bearer`. */
  readonly secrets: readonly Buffer[];
}

/** A shorter value is found in answers by accident. */
const secretCharsMin = 8;
const valueCharsMax = 8 * 1024;

/** Reads them anew for every connection, so that a rotated secret is used without a restart. */
export async function readOwnHeaders(headers: HttpLaunch['headers']): Promise<Checked<OwnHeaders>> {
  let lines = '';
  const secrets: string[] = [];
  for (const [name, source] of Object.entries(headers)) {
    const value = 'file' in source ? await readSecret(source.file) : source.value;
    if (value === undefined) return unavailable(name, 'its file cannot be read');
    if (value.length > valueCharsMax || !/^[!-~](?:[ -~]*[!-~])?$/.test(value))
      return unavailable(name, 'its value is empty, too long, or holds characters that a header cannot');
    lines += `${name}: ${value}\r\n`;
    if ('file' in source) secrets.push(value, value.replace(/^[A-Za-z]+ +/, ''));
  }
  const kept = new Set(secrets.filter(secret => secret.length >= secretCharsMin));
  return passed({ lines, secrets: [...kept].map(secret => Buffer.from(secret)) });
}

/** True if one of the secrets that went out stands in what came back, plainly, in base64 or percent-encoded. */
export function repeatsSecret(bytes: Buffer, { secrets }: OwnHeaders): boolean {
  return secrets.some(
    secret =>
      bytes.includes(secret) ||
      bytes.includes(secret.toString('base64').replace(/=+$/, '').slice(0, -1)) ||
      bytes.includes(encodeURIComponent(secret.toString())),
  );
}

async function readSecret(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch {
    return undefined;
  }
}

function unavailable(name: string, why: string): Checked<OwnHeaders> {
  return refused({
    code: 'credential-unavailable',
    what: `header ${name}`,
    why,
    fix: 'an operator can correct the configuration',
  });
}
