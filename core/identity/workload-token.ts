import type { Instant } from '../model/ids.ts';
import { type JsonObject, member, stringMember } from '../model/json.ts';
import { type SignatureAlgorithm, signatureAlgorithms, svidAlgorithms } from './algorithm.ts';
import { checkAudience, checkIssuer, checkTimes, textClaim } from './claims.ts';
import type { Evidence } from './evidence.ts';
import { type Proven, proven, unproven } from './fault.ts';
import type { Jws } from './jws.ts';
import { type KeySet, keyFor, type VerificationKey } from './key-set.ts';
import { parseSpiffeId } from './spiffe-id.ts';

/** An issuer of tokens that workloads get from their platform. */
export interface TokenTrust {
  readonly name: string;
  readonly kind: 'spiffe-jwt' | 'kubernetes' | 'github-actions' | 'oidc';
  /** Exact `iss`; for SPIFFE, the trust domain. */
  readonly issuer: string;
  /** Whom its tokens have to be for: exactly one of these. */
  readonly audiences: readonly string[];
  readonly lifeSecondsMax: number | undefined;
}

/** Whether `key` made the signature of `jws` with `alg`. Rejects only if it could not find out. */
export type VerifySignature = (jws: string, key: VerificationKey, alg: SignatureAlgorithm) => Promise<boolean>;

export interface TokenPorts {
  readonly now: () => Instant;
  readonly verify: VerifySignature;
}

/**
 * A platform's token → evidence. Signature first, since nothing it says is worth an answer before; then when, for whom,
 * and who.
 */
export async function verifyWorkloadToken(
  jws: Jws,
  trust: TokenTrust,
  keys: KeySet,
  ports: TokenPorts,
): Promise<Proven<Evidence>> {
  const { claims } = jws;
  if (!typesOf[trust.kind].includes(jws.header.typ))
    return unproven('token-type', 'the token is of another kind than a workload presents', trust.name);
  const signed = await verifySigned(jws, keys, algorithmsFor(trust), ports.verify);
  const issued = signed.ok && trust.kind !== 'spiffe-jwt' ? checkIssuer(claims, trust.issuer) : signed;
  const audience = issued.ok ? checkAudience(claims, trust.audiences) : issued;
  const times = audience.ok ? checkTimes(claims, { now: ports.now(), lifeSecondsMax: trust.lifeSecondsMax }) : audience;
  const who = times.ok ? identify(claims, trust) : times;
  if (!times.ok || !who.ok) return { ok: false, fault: { ...(who.ok ? missing : who.fault), trust: trust.name } };
  return proven({
    ...{ kind: trust.kind, trust: trust.name, issuer: trust.issuer, ...times.value },
    ...{ subject: who.value.subject, attributes: who.value.attributes, id: stringMember(claims, 'jti') },
  });
}

const missing = { reason: 'claim', detail: 'the token says nothing about who it is' } as const;

/** The signature, with the one key that it may have been made with. */
export async function verifySigned(
  jws: Jws,
  keys: KeySet,
  allowed: readonly SignatureAlgorithm[],
  verify: VerifySignature,
): Promise<Proven<undefined>> {
  const found = keyFor(keys, jws.header, allowed);
  if (!found.ok) return found;
  const good = await verify(jws.text, found.value.key, found.value.alg);
  return good ? proven(undefined) : unproven('signature', 'the signature is not that of the key');
}

/** A token for another purpose, an ID-JAG, a DPoP proof or an access token, names another type (RFC 8725 §3.11). */
const typesOf: Record<TokenTrust['kind'], readonly (string | undefined)[]> = {
  'spiffe-jwt': [undefined, 'JWT', 'JOSE'],
  kubernetes: [undefined, 'JWT'],
  'github-actions': [undefined, 'JWT'],
  oidc: [undefined, 'JWT'],
};

function algorithmsFor({ kind }: TokenTrust): readonly SignatureAlgorithm[] {
  return kind === 'spiffe-jwt' ? svidAlgorithms : signatureAlgorithms;
}

interface Identified {
  readonly subject: string;
  readonly attributes: ReadonlyMap<string, string>;
}

function identify(claims: JsonObject, trust: TokenTrust): Proven<Identified> {
  const subject = textClaim(claims, 'sub');
  if (!subject.ok) return subject;
  switch (trust.kind) {
    case 'spiffe-jwt':
      return spiffeWorkload(subject.value, trust.issuer);
    case 'kubernetes':
      return serviceAccount(subject.value, claims);
    case 'github-actions':
    case 'oidc':
      return proven({ subject: subject.value, attributes: plainClaims(claims) });
  }
}

/** JWT-SVID §3.1. The bundle that verified it was that of `domain`, so the ID has to lie in it. */
function spiffeWorkload(subject: string, domain: string): Proven<Identified> {
  const id = parseSpiffeId(subject);
  if (id === undefined) return unproven('subject', '`sub` is no SPIFFE ID');
  if (id.domain !== domain) return unproven('subject', '`sub` lies in another trust domain');
  return proven({ subject, attributes: new Map([['spiffeId', subject]]) });
}

/** The subject and the private claim have to tell the same; names are reused, the uid is not. */
function serviceAccount(subject: string, claims: JsonObject): Proven<Identified> {
  const bound = member(claims, 'kubernetes.io');
  const account = member(bound, 'serviceaccount');
  const named: readonly (readonly [string, string | undefined])[] = [
    ['namespace', stringMember(bound, 'namespace')],
    ['serviceAccount', stringMember(account, 'name')],
    ['uid', stringMember(account, 'uid')],
    ['pod', stringMember(member(bound, 'pod'), 'name')],
    ['podUid', stringMember(member(bound, 'pod'), 'uid')],
    ['node', stringMember(member(bound, 'node'), 'name')],
  ];
  const attributes = new Map(named.filter((pair): pair is [string, string] => pair[1] !== undefined));
  const expected = `system:serviceaccount:${attributes.get('namespace')}:${attributes.get('serviceAccount')}`;
  if (!attributes.has('uid')) return unproven('claim', '`kubernetes.io` does not name a service account');
  return subject === expected
    ? proven({ subject, attributes })
    : unproven('subject', '`sub` is not the service account that `kubernetes.io` names');
}

/** Texts, whole numbers and truths, as selectors compare them. */
function plainClaims(claims: JsonObject): ReadonlyMap<string, string> {
  const plain = [...claims.members].flatMap(([name, node]): [string, string][] => {
    if (node.kind === 'string') return [[name, node.value]];
    if (node.kind === 'boolean') return [[name, String(node.value)]];
    return node.kind === 'number' ? [[name, node.text]] : [];
  });
  return new Map(plain);
}
