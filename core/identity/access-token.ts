import type { ProofKind } from '../model/agent.ts';
import type { Instant } from '../model/ids.ts';
import { type JsonObject, member, stringMember } from '../model/json.ts';
import { checkAudience, checkIssuer, checkTimes, textClaim } from './claims.ts';
import { type Proven, proven, unproven } from './fault.ts';
import type { Jws } from './jws.ts';
import type { KeySet } from './key-set.ts';
import { type TokenPorts, verifySigned } from './workload-token.ts';

/** What an access token of ours says (RFC 9068 §2.2, RFC 8693 §4.1, RFC 9449 §6.1). */
export interface AccessToken {
  readonly jti: string;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
  readonly audience: string;
  readonly clientId: string;
  /** On whose behalf: `user:emma`, or the agent itself. */
  readonly subject: string;
  readonly agent: string | undefined;
  /** What proved the agent when the token was issued, and under which configured trust. */
  readonly proof: ProofKind | undefined;
  readonly trust: string;
  readonly scope: readonly string[];
  readonly task: string | undefined;
  /** Thumbprint of the key it is bound to. */
  readonly jkt: string | undefined;
  /** Revoked all together: what a refresh token, or a code, gave rise to. */
  readonly family: string | undefined;
  /** Names of the tokens that it was exchanged from. */
  readonly ancestors: readonly string[];
  /** Who acted before, outermost first; for the record and to forbid, never to grant (RFC 8693 §4.1). */
  readonly actors: readonly string[];
  /** The outside identity it was issued for, as the record shows it. */
  readonly origin: { readonly issuer: string; readonly subject: string; readonly id: string | undefined } | undefined;
  readonly claims: JsonObject;
}

export interface AccessTokenRules {
  readonly issuer: string;
  /** Identifiers of the resource that was asked for. */
  readonly audiences: readonly string[];
}

const accessTokenType = 'at+jwt';
const actorsMax = 8;

/** One of our own tokens, presented where it is for. Whether it was revoked is asked elsewhere, at every call. */
export async function verifyAccessToken(
  jws: Jws,
  keys: KeySet,
  rules: AccessTokenRules,
  ports: TokenPorts,
): Promise<Proven<AccessToken>> {
  const { claims } = jws;
  if (jws.header.typ !== accessTokenType) return unproven('token-type', 'it is not an access token', 'sallyport');
  const signed = await verifySigned(jws, keys, ['ES256'], ports.verify);
  const issued = signed.ok ? checkIssuer(claims, rules.issuer) : signed;
  const audience = issued.ok ? checkAudience(claims, rules.audiences) : issued;
  const times = audience.ok ? checkTimes(claims, { now: ports.now(), issuedRequired: true }) : audience;
  if (!audience.ok || !times.ok) return named(audience.ok ? times : audience);
  const read = readClaims(claims, audience.value, times.value.expiresAt, times.value.issuedAt ?? 0);
  return read.ok ? read : named(read);
}

function named(result: Proven<unknown>): Proven<never> {
  return result.ok ? unproven('claim', '') : { ok: false, fault: { ...result.fault, trust: 'sallyport' } };
}

function readClaims(claims: JsonObject, audience: string, expiresAt: Instant, issuedAt: Instant): Proven<AccessToken> {
  const jti = textClaim(claims, 'jti');
  const subject = textClaim(claims, 'sub');
  const clientId = textClaim(claims, 'client_id');
  if (!jti.ok) return jti;
  if (!subject.ok) return subject;
  if (!clientId.ok) return clientId;
  const origin = member(claims, 'origin');
  return proven({
    ...{ jti: jti.value, issuedAt, expiresAt, audience, clientId: clientId.value, subject: subject.value, claims },
    agent: stringMember(claims, 'agent'),
    proof: stringMember(claims, 'proof') as ProofKind | undefined,
    trust: stringMember(claims, 'trust') ?? 'sallyport',
    scope: (stringMember(claims, 'scope') ?? '').split(' ').filter(word => word !== ''),
    task: stringMember(claims, 'task_id'),
    jkt: stringMember(member(claims, 'cnf'), 'jkt'),
    family: stringMember(claims, 'family'),
    ancestors: textsIn(member(claims, 'from')),
    actors: actorsIn(member(claims, 'act')),
    origin:
      origin === undefined
        ? undefined
        : {
            issuer: stringMember(origin, 'iss') ?? '',
            subject: stringMember(origin, 'sub') ?? '',
            id: stringMember(origin, 'jti'),
          },
  });
}

function textsIn(list: ReturnType<typeof member>): readonly string[] {
  return list?.kind === 'array' ? list.items.flatMap(item => (item.kind === 'string' ? [item.value] : [])) : [];
}

function actorsIn(act: ReturnType<typeof member>): readonly string[] {
  const actors: string[] = [];
  for (let at = act; at !== undefined && actors.length < actorsMax; at = member(at, 'act')) {
    const sub = stringMember(at, 'sub');
    if (sub !== undefined) actors.push(sub);
  }
  return actors;
}
