import { type JsonLimits, type JsonObject, parseJsonBytes, stringMember } from '../model/json.ts';
import { decodeBase64url } from './base64url.ts';
import { type Proven, proven, unproven } from './fault.ts';

/** A JWS in compact form (RFC 7515 §7.1) whose every byte has one meaning. Nothing in it is verified yet. */
export interface Jws {
  readonly text: string;
  readonly header: JwsHeader;
  readonly claims: JsonObject;
}

export interface JwsHeader {
  readonly alg: string;
  readonly kid: string | undefined;
  readonly typ: string | undefined;
  /** Only where `jwk` was asked for: the key that a DPoP proof brings with it. */
  readonly jwk: JsonObject | undefined;
}

/** Larger than the largest token of any issuer that was looked at, smaller than the listener's header limit. */
export const jwsBytesMax = 8 * 1024;
const kidCharsMax = 256;

const limits: JsonLimits = {
  charsMax: jwsBytesMax,
  depthMax: 16,
  valuesMax: 1_000,
  numberCharsMax: 32,
  reservedMembers: 'keep',
};

export interface JwsRules {
  /** Members of the header that may stand there and mean nothing to us, such as `x5t` of some issuers. */
  readonly ignored?: readonly string[];
  /** The header has to hold a `jwk` (RFC 9449 §4.2); otherwise it must not. */
  readonly embeddedKey?: true;
}

const always: readonly string[] = ['alg', 'kid', 'typ'];

/**
 * Reads a compact JWS. Header members outside the allow-list are refused, whatever they say: `jku`, `x5u` and `jwk`
 * bring keys of the sender's choice, `crit` and `b64` change what is signed (RFC 8725 §3, D-1, DF14).
 */
export function readJws(text: string, rules: JwsRules = {}): Proven<Jws> {
  const compact = readCompact(text, rules);
  if (!compact.ok) return compact;
  const claims = readObject(compact.value.payload, 'claims');
  return claims.ok ? proven({ text, header: compact.value.header, claims: claims.value }) : claims;
}

/** The same, whatever the payload is. */
export function readCompact(
  text: string,
  rules: JwsRules = {},
): Proven<{ readonly header: JwsHeader; readonly payload: Uint8Array }> {
  if (text.length > jwsBytesMax) return unproven('too-large', `the token is longer than ${jwsBytesMax} bytes`);
  const parts = text.split('.');
  const [head = '', body = '', signature = ''] = parts;
  if (parts.length !== 3) return unproven('malformed', 'the token is not three parts between two dots');
  const decoded = [head, body, signature].map(part => (part === '' ? undefined : decodeBase64url(part)));
  const [headBytes, payload, signatureBytes] = decoded;
  if (headBytes === undefined || payload === undefined || signatureBytes === undefined)
    return unproven('encoding', 'a part of the token is not base64url in its one spelling');
  const header = readHeader(headBytes, rules);
  return header.ok ? proven({ header: header.value, payload }) : header;
}

function readHeader(bytes: Uint8Array, rules: JwsRules): Proven<JwsHeader> {
  const parsed = readObject(bytes, 'header');
  if (!parsed.ok) return parsed;
  const header = parsed.value;
  const allowed = [...always, ...(rules.ignored ?? []), ...(rules.embeddedKey === undefined ? [] : ['jwk'])];
  for (const name of header.members.keys())
    if (!allowed.includes(name)) return unproven('header', `the header holds \`${shown(name)}\`, which is not allowed`);
  for (const name of always)
    if (header.members.has(name) && stringMember(header, name) === undefined)
      return unproven('header', `\`${name}\` of the header is not a text`);
  const alg = stringMember(header, 'alg');
  const kid = stringMember(header, 'kid');
  if (alg === undefined) return unproven('header', 'the header names no algorithm');
  if (kid !== undefined && (kid.length > kidCharsMax || !/^[\x21-\x7e]+$/.test(kid)))
    return unproven('header', 'the name of the key is no plain text of at most 256 characters');
  const jwk = header.members.get('jwk');
  if (rules.embeddedKey && jwk?.kind !== 'object') return unproven('header', 'the header holds no key');
  return proven({ alg, kid, typ: stringMember(header, 'typ'), jwk: jwk?.kind === 'object' ? jwk : undefined });
}

function readObject(bytes: Uint8Array, what: string): Proven<JsonObject> {
  const parsed = parseJsonBytes(bytes, limits);
  if (!parsed.ok) return unproven('malformed', `the ${what}: ${parsed.fault.message}`);
  if (parsed.node.kind !== 'object') return unproven('malformed', `the ${what} is not a JSON object`);
  return proven(parsed.node);
}

function shown(name: string): string {
  return /^[A-Za-z0-9#_-]{1,32}$/.test(name) ? name : 'a member with an odd name';
}
