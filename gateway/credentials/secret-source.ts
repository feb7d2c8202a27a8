import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';
import { within } from '../obtain/within.ts';
import { programFor, type SecretKeeper, type SecretProgram } from './secret-program.ts';

/** Where the operator keeps a secret. Programs are run without a shell. */
export type SecretPlace =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'env'; readonly variable: string }
  | { readonly kind: 'command'; readonly argv: readonly string[] }
  | SecretKeeper;

const secretCharsMax = 64 * 1024;

/** Reads it anew each time, until `signal` ends that, so that a rotated secret is used without a restart. Nothing of it stands in a refusal. */
export async function readSecret(what: string, place: SecretPlace, signal: AbortSignal): Promise<Checked<string>> {
  const taken = await take(place, signal);
  const no = (why: string): Checked<never> =>
    refused({ code: 'credential-unavailable', what, why, fix: 'an operator can correct the configuration' });
  if (taken.text === undefined) return no(taken.why);
  const secret = taken.text.replace(/\r?\n$/, '');
  if (secret === '') return no('it is empty');
  return secret.length > secretCharsMax ? no('it is too long') : passed(secret);
}

type Taken = { readonly text: string } | { readonly text: undefined; readonly why: string };

async function take(place: SecretPlace, signal: AbortSignal): Promise<Taken> {
  switch (place.kind) {
    case 'env': {
      const text = process.env[place.variable];
      return text === undefined ? { text, why: `the variable ${place.variable} is not set` } : { text };
    }
    case 'file':
      return await within(read(place.file), signal).catch(() => ({ text: undefined, why: 'its file cannot be read' }));
    case 'command':
      return await output({ argv: place.argv, why: () => undefined }, 'its command', signal);
    default: {
      const program = programFor(place);
      return await output(program, `\`${program.argv[0]}\``, signal);
    }
  }
}

async function read(file: string): Promise<Taken> {
  // Nothing ends the opening of a named pipe that nobody writes to.
  const isPipe = (await stat(file)).isFIFO();
  if (!isPipe) return { text: await readFile(file, 'utf8') };
  return { text: undefined, why: 'its file is a named pipe; let a command read it: `command: [cat, FILE]`' };
}

/** What a program wrote, or why there is nothing. Its own words may hold secrets: they are read here and kept nowhere. */
function output({ argv, env, why }: SecretProgram, name: string, signal: AbortSignal): Promise<Taken> {
  const [program = '', ...args] = argv;
  const { promise, resolve } = Promise.withResolvers<Taken>();
  const limits = { signal, maxBuffer: secretCharsMax, windowsHide: true, killSignal: 'SIGKILL' as const };
  const options = env === undefined ? limits : { ...limits, env: { ...process.env, ...env } };
  const ended = (thrown: (Error & { code?: unknown }) | null, stdout: string, stderr: string): void => {
    if (thrown === null) {
      resolve({ text: stdout });
      return;
    }
    const code = typeof thrown.code === 'number' ? thrown.code : undefined;
    const known = signal.aborted
      ? `${name} did not end in time`
      : thrown.code === 'ENOENT'
        ? `${name} is not to be found: the program is not on the gateway’s PATH`
        : why(code, stderr.slice(0, secretCharsMax));
    resolve({ text: undefined, why: known ?? `${name} failed${code === undefined ? '' : ` with status ${code}`}` });
  };
  execFile(program, args, options, ended).stdin?.end();
  return promise;
}

/** Days since a secret's file was written; undefined where nobody can say. */
export async function ageDays(place: SecretPlace, now: number): Promise<number | undefined> {
  if (place.kind !== 'file') return undefined;
  const stats = await stat(place.file).catch(() => undefined);
  return stats === undefined ? undefined : Math.max(0, Math.floor((now - stats.mtimeMs) / 86_400_000));
}
