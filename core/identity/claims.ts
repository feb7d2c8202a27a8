import type { Instant } from '../model/ids.ts';
import { type JsonObject, member, stringMember } from '../model/json.ts';
import { type Proven, proven, unproven } from './fault.ts';

/** How far two clocks may be apart (D-5). */
const skewSecondsMax = 30;

export interface TimeRules {
  readonly now: Instant;
  /** Longest time between `iat` (without one: now) and `exp`; undefined: however long the issuer chose. */
  readonly lifeSecondsMax?: number | undefined;
  /** `iat` has to be there. */
  readonly issuedRequired?: true;
}

export interface Times {
  /** Milliseconds since the epoch. */
  readonly expiresAt: Instant;
  readonly issuedAt: Instant | undefined;
}

/** RFC 7519 §4.1.4 to §4.1.6. `exp` is required: a token without an end is a standing key. */
export function checkTimes(claims: JsonObject, rules: TimeRules): Proven<Times> {
  const exp = date(claims, 'exp');
  const iat = date(claims, 'iat');
  if (!exp.ok) return exp;
  if (!iat.ok) return iat;
  if (exp.value === undefined) return unproven('claim', '`exp` is missing');
  if (iat.value === undefined && rules.issuedRequired) return unproven('claim', '`iat` is missing');
  const stated = checkStated(claims, rules.now);
  if (!stated.ok) return stated;
  const now = rules.now / 1000;
  if (iat.value !== undefined && iat.value - skewSecondsMax > now) return unproven('not-yet-valid', '`iat` is to come');
  if (rules.lifeSecondsMax !== undefined && exp.value - (iat.value ?? now) > rules.lifeSecondsMax)
    return unproven('too-long-lived', `it lives longer than ${rules.lifeSecondsMax} seconds`);
  return proven({
    expiresAt: exp.value * 1000,
    issuedAt: iat.value === undefined ? undefined : iat.value * 1000,
  });
}

/** RFC 7519 §4.1.4, §4.1.5 for tokens that need have neither: what says that it counts no more, or not yet, does not. */
export function checkStated(claims: JsonObject, at: Instant): Proven<undefined> {
  const exp = date(claims, 'exp');
  const nbf = date(claims, 'nbf');
  if (!exp.ok) return exp;
  if (!nbf.ok) return nbf;
  const now = at / 1000;
  if (exp.value !== undefined && exp.value + skewSecondsMax <= now) return unproven('expired', '`exp` has passed');
  if (nbf.value !== undefined && nbf.value - skewSecondsMax > now) return unproven('not-yet-valid', '`nbf` is to come');
  return proven(undefined);
}

/** Until the year 9999: what is beyond is a mistake in units, and would never end. */
const dateMax = 253_402_300_799;

function date(claims: JsonObject, name: string): Proven<number | undefined> {
  const node = member(claims, name);
  if (node === undefined) return proven(undefined);
  if (node.kind !== 'number' || !(node.value >= 0) || node.value > dateMax)
    return unproven('claim', `\`${name}\` is no date in seconds`);
  return proven(node.value);
}

/**
 * Exactly us and nobody else (D-3): a token that is also for somebody else can be replayed by that somebody. A list of
 * one is that one.
 */
export function checkAudience(claims: JsonObject, accepted: readonly string[]): Proven<string> {
  const node = member(claims, 'aud');
  const items = node?.kind === 'array' ? node.items : node === undefined ? [] : [node];
  const [only] = items;
  if (only === undefined) return unproven('audience', '`aud` is missing');
  if (items.length > 1) return unproven('audience', '`aud` names others besides us');
  if (only.kind !== 'string') return unproven('audience', '`aud` is not a text');
  if (accepted.includes(only.value)) return proven(only.value);
  const [us] = accepted;
  return unproven('audience', `\`aud\` does not name us${us === undefined ? '' : `: it has to be ${us}`}`);
}

export function checkIssuer(claims: JsonObject, issuer: string): Proven<string> {
  const named = stringMember(claims, 'iss');
  if (named === undefined) return unproven('issuer', '`iss` is missing');
  return named === issuer ? proven(named) : unproven('issuer', '`iss` is not the configured issuer');
}

const claimCharsMax = 2_048;

/** A claim that has to be there, as text. */
export function textClaim(claims: JsonObject, name: string): Proven<string> {
  const text = stringMember(claims, name);
  if (text === undefined || text === '') return unproven('claim', `\`${name}\` is missing`);
  return text.length > claimCharsMax ? unproven('claim', `\`${name}\` is too long`) : proven(text);
}
