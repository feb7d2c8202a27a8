import { type JsonLimits, type JsonObject, member, normalText, parseJson, stringMember } from '../model/json.ts';
import { algorithmsOf, type SignatureAlgorithm } from './algorithm.ts';
import { type Proven, proven, unproven } from './fault.ts';

/** A public key to verify with, and all it may be used for. */
export interface VerificationKey {
  readonly kid: string | undefined;
  readonly algorithms: readonly SignatureAlgorithm[];
  /** JSON text of the JWK. */
  readonly jwk: string;
}

export interface KeySet {
  readonly keys: readonly VerificationKey[];
  /** X.509 certificates of a SPIFFE bundle's `x509-svid` keys: base64 of DER. */
  readonly authorities: readonly string[];
  /** Seconds after which a SPIFFE bundle wants to be asked for again. */
  readonly refreshHintSeconds: number | undefined;
}

export const keySetCharsMax = 512 * 1024;
const keysMax = 200;

const limits: JsonLimits = {
  charsMax: keySetCharsMax,
  depthMax: 8,
  valuesMax: 20_000,
  numberCharsMax: 32,
  reservedMembers: 'keep',
};

/** What the keys are for: `spiffe` reads a trust bundle, where `use` says so and `kid` is required (SPIFFE Bundle §4). */
export type KeyUse = 'sig' | 'spiffe';

/**
 * A JWK set (RFC 7517 §5). Keys of unknown kinds are left out, as the RFC demands; a set that names two keys alike or
 * publishes a private key is refused as a whole: whoever made it lost control of it.
 */
export function readKeySet(text: string, use: KeyUse): Proven<KeySet> {
  const parsed = parseJson(text, limits);
  if (!parsed.ok) return unproven('keys-unavailable', `the key set: ${parsed.fault.message}`);
  const keys = member(parsed.node, 'keys');
  if (keys?.kind !== 'array') return unproven('keys-unavailable', 'the key set holds no list of keys');
  if (keys.items.length > keysMax) return unproven('keys-unavailable', `the key set holds more than ${keysMax} keys`);
  const objects = keys.items.filter(item => item.kind === 'object');
  if (objects.some(key => key.members.has('d') || key.members.has('k')))
    return unproven('keys-unavailable', 'the key set holds a private or a symmetric key');
  const found = objects.flatMap(key => verificationKey(key, use));
  const names = found.flatMap(key => (key.kid === undefined ? [] : [key.kid]));
  if (new Set(names).size !== names.length) return unproven('keys-unavailable', 'the key set names two keys alike');
  const hint = member(parsed.node, 'spiffe_refresh_hint');
  return proven({
    keys: found,
    authorities: use === 'spiffe' ? objects.flatMap(authorityOf) : [],
    refreshHintSeconds: hint?.kind === 'number' && hint.value > 0 ? hint.value : undefined,
  });
}

function verificationKey(key: JsonObject, use: KeyUse): readonly VerificationKey[] {
  const kid = stringMember(key, 'kid');
  const marked = stringMember(key, 'use');
  const meant =
    use === 'spiffe' ? marked === 'jwt-svid' && kid !== undefined : marked === undefined || marked === 'sig';
  const algorithms = meant ? algorithmsOf(key) : [];
  return algorithms.length === 0 ? [] : [{ kid, algorithms, jwk: normalText(key) }];
}

function authorityOf(key: JsonObject): readonly string[] {
  const chain = member(key, 'x5c');
  const [first] = chain?.kind === 'array' ? chain.items : [];
  return stringMember(key, 'use') === 'x509-svid' && first?.kind === 'string' ? [first.value] : [];
}

/**
 * The one key that a token may have been signed with. A named key is that key or none; a token that names none fits
 * only where exactly one key could be meant, so that no signature is ever tried against key after key.
 */
export function keyFor(
  set: KeySet,
  header: { readonly alg: string; readonly kid: string | undefined },
  allowed: readonly SignatureAlgorithm[],
): Proven<{ readonly key: VerificationKey; readonly alg: SignatureAlgorithm }> {
  const alg = allowed.find(name => name === header.alg);
  if (alg === undefined) return unproven('algorithm', 'the algorithm is not one that is accepted here');
  const named = header.kid === undefined ? set.keys : set.keys.filter(key => key.kid === header.kid);
  if (named.length === 0) return unproven('key-unknown', 'no published key has the name that the token gives');
  const fitting = named.filter(key => key.algorithms.includes(alg));
  const [key] = fitting;
  if (key === undefined) return unproven('key-unfit', 'the key is not for the algorithm that the token names');
  if (fitting.length > 1) return unproven('key-unknown', 'the token names no key, and several could be meant');
  return proven({ key, alg });
}
