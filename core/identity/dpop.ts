import type { Instant } from '../model/ids.ts';
import { member, normalText, stringMember } from '../model/json.ts';
import { algorithmsOf, type SignatureAlgorithm } from './algorithm.ts';
import { checkStated, textClaim } from './claims.ts';
import { type Proven, proven, unproven } from './fault.ts';
import { type Jws, readJws } from './jws.ts';
import type { VerifySignature } from './workload-token.ts';

/** What an exchange expects of the proof that comes with it (RFC 9449 §4.3). */
export interface DpopRules {
  readonly method: string;
  /** Without query and fragment. */
  readonly urls: readonly string[];
  /** The access token that it accompanies; undefined at the token endpoint. */
  readonly token: string | undefined;
}

export interface DpopPorts {
  readonly now: () => Instant;
  readonly verify: VerifySignature;
  /** SHA-256, base64url. */
  readonly sha256: (text: string) => string;
  /** Whether the nonce is one that we gave and that still counts. */
  readonly nonceCounts: (nonce: string) => boolean;
  /** Takes the proof's name for this key, once; false if it was used before. */
  readonly use: (key: string, until: Instant) => boolean;
}

export const dpopAlgorithms: readonly SignatureAlgorithm[] = ['ES256', 'EdDSA', 'Ed25519'];
/** How old a proof may be, and how far ahead its clock. */
const dpopSecondsMax = 60;
const jtiCharsMax = 128;

/**
 * The thumbprint of the key whose possession was proven for exactly this exchange. The nonce is always asked for: it
 * holds the proof to our clock, and after a restart, when what was used is forgotten, no earlier nonce counts (D-6).
 */
export async function verifyDpop(text: string, rules: DpopRules, ports: DpopPorts): Promise<Proven<string>> {
  const jws = readJws(text, { embeddedKey: true });
  if (!jws.ok) return jws;
  const key = keyIn(jws.value);
  if (!key.ok) return key;
  const good = await ports.verify(
    text,
    { kid: undefined, algorithms: [key.value.alg], jwk: key.value.text },
    key.value.alg,
  );
  if (!good) return unproven('signature', 'the signature of the DPoP proof is not that of its key');
  const said = checkSaid(jws.value, rules, ports);
  if (!said.ok) return said;
  const thumbprint = ports.sha256(key.value.canonical);
  const used = !ports.use(`${thumbprint}.${said.value.jti}`, said.value.until);
  return used ? unproven('replayed', 'the DPoP proof was used before') : proven(thumbprint);
}

interface ProofKey {
  readonly alg: SignatureAlgorithm;
  readonly text: string;
  /** RFC 7638 §3: the required members in alphabetical order. */
  readonly canonical: string;
}

function keyIn({ header }: Jws): Proven<ProofKey> {
  if (header.typ !== 'dpop+jwt') return unproven('token-type', 'the DPoP proof is not of type dpop+jwt');
  const { jwk } = header;
  if (jwk === undefined) return unproven('header', 'the DPoP proof holds no key');
  if (jwk.members.has('d') || jwk.members.has('k')) return unproven('key-unfit', 'the DPoP proof holds a private key');
  const alg = dpopAlgorithms.find(name => name === header.alg);
  if (alg === undefined) return unproven('algorithm', 'the DPoP proof names an algorithm that is not accepted');
  if (!algorithmsOf(jwk).includes(alg))
    return unproven('key-unfit', 'the key of the DPoP proof is for another algorithm');
  const names = stringMember(jwk, 'kty') === 'EC' ? ['crv', 'kty', 'x', 'y'] : ['crv', 'kty', 'x'];
  const values = names.map(name => [name, stringMember(jwk, name)] as const);
  if (values.some(([, value]) => value === undefined))
    return unproven('key-unfit', 'the key of the DPoP proof is incomplete');
  return proven({ alg, text: normalText(jwk), canonical: JSON.stringify(Object.fromEntries(values)) });
}

function checkSaid(
  { claims }: Jws,
  rules: DpopRules,
  ports: DpopPorts,
): Proven<{ readonly jti: string; readonly until: Instant }> {
  const jti = textClaim(claims, 'jti');
  if (!jti.ok) return jti;
  if (jti.value.length > jtiCharsMax) return unproven('claim', '`jti` of the DPoP proof is too long');
  if (stringMember(claims, 'htm') !== rules.method)
    return unproven('binding', '`htm` is not the method of the request');
  const htu = stringMember(claims, 'htu');
  if (htu === undefined || !rules.urls.includes(htu))
    return unproven('binding', '`htu` is not the address of the request');
  const iat = member(claims, 'iat');
  if (iat?.kind !== 'number') return unproven('claim', '`iat` of the DPoP proof is missing');
  const age = ports.now() / 1000 - iat.value;
  if (age > dpopSecondsMax) return unproven('expired', 'the DPoP proof is too old');
  if (age < -dpopSecondsMax) return unproven('not-yet-valid', '`iat` of the DPoP proof is to come');
  const times = checkStated(claims, ports.now());
  if (!times.ok) return times;
  const ath = stringMember(claims, 'ath');
  if (rules.token !== undefined && ath !== ports.sha256(rules.token))
    return unproven('binding', '`ath` is not the hash of the access token');
  const nonce = stringMember(claims, 'nonce');
  if (nonce === undefined || !ports.nonceCounts(nonce))
    return unproven('nonce', 'the DPoP proof lacks a nonce of ours');
  return proven({ jti: jti.value, until: (iat.value + 2 * dpopSecondsMax) * 1000 });
}
