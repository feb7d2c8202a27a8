import type { Sha256 } from '../model/action.ts';

/**
 * A commitment to one field of a body: whoever has salt and text can check it, and nobody can guess the text from it.
 * The salt is 128 random bits or more, written in base64url, and lies with the body under the task's key.
 */
export function commitment(field: string, salt: string, text: string, sha256: Sha256): string {
  return sha256(`sallyport body v1\n${field}\n${salt}\n${text}`);
}
