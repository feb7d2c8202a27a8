import { signatureAlgorithms } from '@sallyport/core/identity/algorithm.ts';
import type { Evidence } from '@sallyport/core/identity/evidence.ts';
import { type Proven, unproven } from '@sallyport/core/identity/fault.ts';
import { type Jws, readJws } from '@sallyport/core/identity/jws.ts';
import { type KeySet, keyFor } from '@sallyport/core/identity/key-set.ts';
import { parseSpiffeId } from '@sallyport/core/identity/spiffe-id.ts';
import { type TokenTrust, verifyWorkloadToken } from '@sallyport/core/identity/workload-token.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';
import { stringMember } from '@sallyport/core/model/json.ts';
import { verifyChain } from './certificate.ts';
import { createKeys, type Keys, type KeysPorts } from './keys.ts';
import type { TrustConfig } from './trust-config.ts';
import { verifySignature } from './verify.ts';

/** Everything that issuers outside say about workloads, held against the configured trust. */
export interface Workloads {
  /** A token that a platform gave to a workload. */
  readonly token: (text: string) => Promise<Proven<Verified>>;
  /** An X.509-SVID and the chain it came with, after TLS proved that the peer holds its key. */
  readonly certificate: (chain: readonly string[]) => Promise<Proven<Evidence>>;
}

export interface Verified {
  readonly evidence: Evidence;
  readonly trust: TrustConfig;
  readonly keys: KeySet;
  /** The keys that hold now; others than `keys` once the issuer published others. */
  readonly current: () => Promise<Proven<KeySet>>;
}

export interface WorkloadPorts extends KeysPorts {
  readonly trusts: readonly TrustConfig[];
  /** Whom tokens have to be for where the configuration does not say. */
  readonly audience: () => string;
}

interface Trusted {
  readonly config: TrustConfig & { readonly kind: Exclude<TrustConfig['kind'], 'id-jag'> };
  readonly keys: Keys;
}

export function createWorkloads(ports: WorkloadPorts): Workloads {
  const trusted: readonly Trusted[] = ports.trusts.flatMap(config => {
    // Its word is about people and counts at the token endpoint alone.
    if (config.kind === 'id-jag') return [];
    const keys = createKeys(config.keys, config.kind === 'spiffe' ? 'spiffe' : 'sig', ports);
    return [{ config: { ...config, kind: config.kind }, keys }];
  });
  return {
    token: text => verifyToken(text, trusted, ports),
    certificate: chain => verifyCertificate(chain, trusted, ports.now),
  };
}

/** Some issuers name the certificate of the key as well; which key counts is settled by `kid` alone. */
const ignored = ['x5t', 'x5t#S256'];

async function verifyToken(text: string, trusted: readonly Trusted[], ports: WorkloadPorts): Promise<Proven<Verified>> {
  const jws = readJws(text, { ignored });
  if (!jws.ok) return jws;
  const found = trustOf(jws.value, trusted);
  if (found === undefined) return unproven('issuer', 'no configured trust is for its issuer');
  const { config, keys } = found;
  // A JWT-SVID header holds nothing else (JWT-SVID §2).
  if (config.kind === 'spiffe' && !readJws(text).ok)
    return unproven('header', 'the header holds more than it may', config.name);
  const set = await keysFor(jws.value, keys);
  if (!set.ok) return { ok: false, fault: { ...set.fault, trust: config.name } };
  const verified = await verifyWorkloadToken(jws.value, tokenTrust(config, ports), set.value, {
    now: ports.now,
    verify: verifySignature,
  });
  if (!verified.ok) return { ok: false, fault: { ...verified.fault, trust: config.name } };
  return { ok: true, value: { evidence: verified.value, trust: config, keys: set.value, current: keys.current } };
}

/** What is said is not believed yet: it only chooses the keys that it is held against. */
function trustOf(jws: Jws, trusted: readonly Trusted[]): Trusted | undefined {
  const issuer = stringMember(jws.claims, 'iss');
  const byIssuer = trusted.find(({ config }) => config.kind !== 'spiffe' && config.issuer === issuer);
  if (byIssuer !== undefined) return byIssuer;
  const domain = parseSpiffeId(stringMember(jws.claims, 'sub') ?? '')?.domain;
  return trusted.find(({ config }) => config.kind === 'spiffe' && config.issuer === domain);
}

/** The keys at hand, or, if the token names one that is not among them, those of a second look. */
async function keysFor(jws: Jws, keys: Keys): Promise<Proven<KeySet>> {
  const current = await keys.current();
  if (!current.ok || keyFor(current.value, jws.header, signatureAlgorithms).ok) return current;
  return keys.lookAgain();
}

function tokenTrust(config: Trusted['config'], ports: WorkloadPorts): TokenTrust {
  return {
    name: config.name,
    kind: config.kind === 'spiffe' ? 'spiffe-jwt' : config.kind,
    issuer: config.issuer,
    audiences: [config.audience ?? ports.audience()],
    lifeSecondsMax: config.lifeSecondsMax,
  };
}

async function verifyCertificate(
  chain: readonly string[],
  trusted: readonly Trusted[],
  now: () => Instant,
): Promise<Proven<Evidence>> {
  for (const { config, keys } of trusted) {
    // Whoever keeps the authorities of other trust domains is not waited for.
    if (config.kind !== 'spiffe' || isOfAnother(chain, config.issuer, now())) continue;
    const verified = verifyChain(chain, config.issuer, keysOf(await keys.current()), now());
    return verified.ok
      ? { ok: true, value: { ...verified.value, trust: config.name } }
      : { ok: false, fault: { ...verified.fault, trust: config.name } };
  }
  return unproven('issuer', 'no configured trust is for the trust domain of the certificate');
}

function isOfAnother(chain: readonly string[], domain: string, now: Instant): boolean {
  const verified = verifyChain(chain, domain, undefined, now);
  return !verified.ok && verified.fault.reason === 'issuer';
}

function keysOf(set: Proven<KeySet>): readonly string[] | undefined {
  return set.ok ? set.value.authorities : undefined;
}
