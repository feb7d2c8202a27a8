import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { removePrivate } from '../secret/private-file.ts';
import { newSecret, sameSecret } from '../secret/secret.ts';
import { openSecretFile } from '../secret/secret-file.ts';

/** The secrets of local client entries: one file each, which `sallyport mcp --entry ID` reads as its user. */
export interface EntrySecrets {
  readonly matches: (entry: string, secret: string) => boolean;
}

const suffix = '.secret';

/** Where the secret of `entry` lies, below the state directory's `entries`. */
export function entrySecretFile(dir: string, entry: string): string {
  return join(dir, `${entry}${suffix}`);
}

/**
 * Makes what is missing in `dir` and removes what belongs to no configured entry. Throws `PrivateFileError` for a
 * secret that others could read or that was not made here (D-9).
 */
export function openEntrySecrets(dir: string, entries: Iterable<string>): EntrySecrets {
  const secrets = new Map<string, string>();
  for (const entry of entries) secrets.set(entry, openSecretFile(entrySecretFile(dir, entry), 'spe'));
  for (const name of readdirSync(dir))
    if (name.endsWith(suffix) && !secrets.has(name.slice(0, -suffix.length))) removePrivate(join(dir, name));
  // What an unknown entry is compared with, so that it takes as long as a known one.
  const nobody = newSecret('spe');
  return {
    matches: (entry, secret) => {
      const expected = secrets.get(entry);
      const same = sameSecret(secret, expected ?? nobody);
      return same && expected !== undefined;
    },
  };
}
