import type { Sha256 } from '../model/action.ts';
import { type JsonObject, sortedText } from '../model/json.ts';

/**
 * SHA-256 of the definition's sorted normal form, base64url: what an operator accepts and every decision names. A server
 * that shuffles members has not changed anything; `1` and `1.0` are two definitions.
 */
export function pinOf(definition: JsonObject, sha256: Sha256): string {
  return sha256(`sallyport pin v1\n${sortedText(definition)}`);
}
