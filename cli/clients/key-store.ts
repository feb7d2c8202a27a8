import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import {
  dropping,
  type KeychainCall,
  type KeychainItem,
  keeping,
  reading,
} from '@sallyport/gateway/credentials/keychain.ts';
import { programFor } from '@sallyport/gateway/credentials/secret-program.ts';
import { readPrivate, writePrivate } from '@sallyport/gateway/secret/private-file.ts';
import { CliError } from '../exit.ts';

/** Where a key lies, in the words of the gateway's configuration (`credentials.NAME`). */
export type KeyPlace = { readonly file: string } | { readonly keychain: KeychainItem };

/** Where the keys go that leave other programs' files (E10), by the name of the credential that takes their place. */
export type KeyStore = (credential: string) => KeyPlace;

/** Where a keychain's programs are looked for. */
export interface KeychainHost {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
}

export const thisHost: KeychainHost = { platform: process.platform, env: process.env };

const service = 'sallyport';
/** A keychain may have to ask its user whether to open. */
const programMillisMax = 60_000;

export function fileStore(folder: string): KeyStore {
  return credential => ({ file: join(folder, credential) });
}

/** One keychain serves every state directory, so its items carry a mark of theirs. */
export function keychainStore(stateDir: string): KeyStore {
  const mark = createHash('sha256').update(resolve(stateDir)).digest('hex').slice(0, 8);
  return credential => ({ keychain: { service, account: `${credential}.${mark}` } });
}

/**
 * Why there is no keychain here to keep anything in; undefined: there is one. Asks for an item that nobody has, and changes
 * nothing.
 */
export function keychainMissing(host: KeychainHost): string | undefined {
  const nothing = { service, account: 'nothing' };
  const { status, complaint, known } = called(reading(nothing, host.platform), host);
  if (known !== undefined) return known;
  const { why } = programFor({ kind: 'keychain', ...nothing }, host.platform);
  const said = status === 0 ? undefined : (why(status, complaint) ?? 'the keychain does not answer');
  return said === 'the keychain has no such item' ? undefined : said;
}

/** All of them or none: what was kept before one failed is taken out again, and the failure thrown. */
export function putKeys(
  keys: readonly { readonly place: KeyPlace; readonly secret: string }[],
  host: KeychainHost,
): void {
  for (const [index, { place, secret }] of keys.entries())
    try {
      putKey(place, secret, host);
    } catch (thrown) {
      for (const { place: kept } of keys.slice(0, index)) dropKey(kept, host);
      throw thrown;
    }
}

/** Throws where the key could not be kept, or does not come back as it was; then nothing of it is left. */
function putKey(place: KeyPlace, secret: string, host: KeychainHost): void {
  if ('file' in place) {
    mkdirSync(dirname(place.file), { recursive: true, mode: 0o700 });
    writePrivate(place.file, `${secret}\n`);
    return;
  }
  const { status, known } = called(keeping(place.keychain, secret, host.platform), host);
  if (status === 0 && keyAt(place, host) === secret) return;
  if (status === 0) dropKey(place, host);
  throw new CliError(
    'keychain',
    `the keychain did not keep the key ${place.keychain.account}: ${known ?? (status === 0 ? 'it did not come back as it was' : `its program ended with ${status}`)}`,
    'Nothing was changed. Unlock the keychain, or keep keys in private files: --keys file',
  );
}

/** Undefined where nobody has it, or nobody may read it. */
export function keyAt(place: KeyPlace, host: KeychainHost): string | undefined {
  if ('file' in place) return readPrivate(place.file)?.trimEnd();
  const { status, output } = called(reading(place.keychain, host.platform), host);
  return status === 0 ? output.replace(/\r?\n$/, '') : undefined;
}

/** False where it is still there. */
export function dropKey(place: KeyPlace, host: KeychainHost): boolean {
  if ('file' in place) {
    rmSync(place.file, { force: true });
    return true;
  }
  called(dropping(place.keychain, host.platform), host);
  return keyAt(place, host) === undefined;
}

/** What a person calls it. */
export function nameOf(place: KeyPlace): string {
  return 'file' in place ? basename(place.file) : place.keychain.account;
}

interface Called {
  readonly status: number | undefined;
  readonly output: string;
  readonly complaint: string;
  /** What became of the program itself. */
  readonly known: string | undefined;
}

function called({ argv, env, input = '' }: KeychainCall, host: KeychainHost): Called {
  const [program = '', ...words] = argv;
  const { status, stdout, stderr, error } = spawnSync(program, words, {
    ...{ input, encoding: 'utf8', timeout: programMillisMax, killSignal: 'SIGKILL', windowsHide: true },
    env: { ...host.env, ...env },
  });
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const known =
    code === undefined
      ? undefined
      : code === 'ENOENT'
        ? `there is no ${program} here`
        : `${program} did not end in time`;
  return { status: status ?? undefined, output: stdout ?? '', complaint: stderr ?? '', known };
}
