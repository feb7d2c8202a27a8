import { type JsonObject, member, stringMember } from '../model/json.ts';
import { decodeBase64url } from './base64url.ts';
import { looksFactorable } from './roca.ts';

/** Signature algorithms that are ever accepted (RFC 7518 §3.1, RFC 9864). No `none`, nothing symmetric. */
export const signatureAlgorithms = [
  'ES256',
  'ES384',
  'ES512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'EdDSA',
  'Ed25519',
] as const;
export type SignatureAlgorithm = (typeof signatureAlgorithms)[number];

/** JWT-SVID §2.2 leaves the Edwards curves out. */
export const svidAlgorithms: readonly SignatureAlgorithm[] = signatureAlgorithms.filter(name => !name.startsWith('Ed'));

const curveOf: Readonly<Record<string, SignatureAlgorithm>> = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' };
const rsaBytesMin = 256;
const rsaBytesMax = 1_024;

/**
 * Which algorithms a public key may be used with. They follow from the key and never from the token: a public RSA key
 * can then not become a secret, nor a key of one curve verify for another (RFC 8725 §3.1). Empty: it is not a key to
 * verify with.
 */
export function algorithmsOf(key: JsonObject): readonly SignatureAlgorithm[] {
  const possible = possibleFor(key);
  const named = stringMember(key, 'alg');
  return named === undefined ? possible : possible.filter(name => name === named);
}

function possibleFor(key: JsonObject): readonly SignatureAlgorithm[] {
  const operations = member(key, 'key_ops');
  if (operations !== undefined && !(operations.kind === 'array' && operations.items.some(isVerify))) return [];
  switch (stringMember(key, 'kty')) {
    case 'EC': {
      const curve = curveOf[stringMember(key, 'crv') ?? ''];
      return curve === undefined ? [] : [curve];
    }
    case 'RSA':
      return fitRsa(key) ? ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] : [];
    case 'OKP':
      return stringMember(key, 'crv') === 'Ed25519' ? ['EdDSA', 'Ed25519'] : [];
    default:
      return [];
  }
}

function isVerify(item: { readonly kind: string; readonly value?: unknown }): boolean {
  return item.kind === 'string' && item.value === 'verify';
}

/** RFC 7518 §3.3: 2048 bits or more. The exponent is the one that everybody uses: others are weak or very slow. */
function fitRsa(key: JsonObject): boolean {
  const modulus = decodeBase64url(stringMember(key, 'n') ?? '');
  const bytes = modulus?.length ?? 0;
  if (modulus === undefined || looksFactorable(modulus)) return false;
  return bytes >= rsaBytesMin && bytes <= rsaBytesMax && stringMember(key, 'e') === 'AQAB';
}
