import { PrivateFileError, readPrivate, writePrivate } from './private-file.ts';
import { isWellMade, newSecret, type SecretPrefix } from './secret.ts';

/**
 * The secret that `file` holds, made on first use. Throws `PrivateFileError` if others could read it or if it was not
 * made here (D-9).
 */
export function openSecretFile(file: string, prefix: SecretPrefix): string {
  const secret = readPrivate(file)?.trimEnd();
  if (secret === undefined) {
    const made = newSecret(prefix);
    writePrivate(file, `${made}\n`);
    return made;
  }
  if (isWellMade(prefix, secret)) return secret;
  throw new PrivateFileError(`${file} does not hold a secret that sallyport made; delete it to have a new one made`);
}
