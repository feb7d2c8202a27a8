import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';

/** Where the operator keeps a secret. A command is run without a shell: `op read …`, `vault kv get -field=…`, `security …`. */
export type SecretPlace =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'env'; readonly variable: string }
  | { readonly kind: 'command'; readonly argv: readonly string[] };

const secretCharsMax = 64 * 1024;

/** Reads it anew each time, so that a rotated secret is used without a restart. Nothing of it stands in a refusal. */
export async function readSecret(what: string, place: SecretPlace, signal: AbortSignal): Promise<Checked<string>> {
  const text = await taken(place, signal);
  const no = (why: string): Checked<never> =>
    refused({ code: 'credential-unavailable', what, why, fix: 'an operator can correct the configuration' });
  if (text === undefined) return no(failed(place, signal));
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') return no('it is empty');
  return secret.length > secretCharsMax ? no('it is too long') : passed(secret);
}

async function taken(place: SecretPlace, signal: AbortSignal): Promise<string | undefined> {
  switch (place.kind) {
    case 'env':
      return process.env[place.variable];
    case 'file':
      return await readFile(place.file, { encoding: 'utf8', signal }).catch(() => undefined);
    case 'command':
      return await output(place.argv, signal);
  }
}

/** What a command wrote, or undefined if it failed. Its own words may hold secrets and are not kept. */
function output([program = '', ...args]: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const options = { signal, maxBuffer: secretCharsMax, windowsHide: true, killSignal: 'SIGKILL' as const };
  execFile(program, args, options, (thrown, stdout) => resolve(thrown === null ? stdout : undefined)).stdin?.end();
  return promise;
}

function failed(place: SecretPlace, signal: AbortSignal): string {
  if (place.kind === 'env') return `the variable ${place.variable} is not set`;
  if (place.kind === 'file') return 'its file cannot be read';
  return signal.aborted ? 'its command did not end in time' : 'its command failed';
}

/** Days since a secret's file was written; undefined where nobody can say. */
export async function ageDays(place: SecretPlace, now: number): Promise<number | undefined> {
  if (place.kind !== 'file') return undefined;
  const stats = await stat(place.file).catch(() => undefined);
  return stats === undefined ? undefined : Math.max(0, Math.floor((now - stats.mtimeMs) / 86_400_000));
}
