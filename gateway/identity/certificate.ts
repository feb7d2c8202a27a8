import { X509Certificate } from 'node:crypto';
import type { Evidence } from '@sallyport/core/identity/evidence.ts';
import { type Proven, proven, unproven } from '@sallyport/core/identity/fault.ts';
import { parseSpiffeId } from '@sallyport/core/identity/spiffe-id.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';

const chainLengthMax = 5;

/**
 * An X.509-SVID (X.509-SVID §2 to §5) held against the authorities of its own trust domain and of no other. Undefined
 * authorities are ones that cannot be had.
 */
export function verifyChain(
  chain: readonly string[],
  domain: string,
  authorities: readonly string[] | undefined,
  now: Instant,
): Proven<Omit<Evidence, 'trust'>> {
  if (chain.length === 0 || chain.length > chainLengthMax)
    return unproven('malformed', 'the certificate chain is too long or empty');
  const certificates = parsed(chain);
  const [leaf] = certificates ?? [];
  if (certificates === undefined || leaf === undefined) return unproven('malformed', 'a certificate cannot be read');
  const id = spiffeIdOf(leaf);
  if (!id.ok) return id;
  if (parseSpiffeId(id.value)?.domain !== domain)
    return unproven('issuer', 'the certificate is of another trust domain');
  if (leaf.ca) return unproven('key-unfit', 'the certificate is that of an authority, not of a workload');
  if (authorities === undefined)
    return unproven('keys-unavailable', 'the authorities of the trust domain cannot be had');
  const path = pathOf(certificates, parsed(authorities) ?? []);
  if (path === undefined)
    return unproven('signature', 'the certificate does not lead to an authority of its trust domain');
  const expired = path.some(one => one.validToDate.getTime() <= now);
  const early = path.some(one => one.validFromDate.getTime() > now);
  if (expired) return unproven('expired', 'the certificate, or one that it rests on, has ended');
  if (early) return unproven('not-yet-valid', 'the certificate, or one that it rests on, is not valid yet');
  return proven({
    ...{ kind: 'spiffe-x509' as const, issuer: domain, subject: id.value, id: leaf.serialNumber },
    ...{ attributes: new Map([['spiffeId', id.value]]), expiresAt: leaf.validToDate.getTime() },
  });
}

function parsed(chain: readonly string[]): readonly X509Certificate[] | undefined {
  try {
    return chain.map(der => new X509Certificate(Buffer.from(der, 'base64')));
  } catch {
    return undefined;
  }
}

/** X.509-SVID §2: exactly one URI name, and it is the SPIFFE ID. */
function spiffeIdOf(leaf: X509Certificate): Proven<string> {
  const names = (leaf.subjectAltName ?? '').split(', ');
  const uris = names.filter(name => name.startsWith('URI:')).map(name => name.slice('URI:'.length));
  const [id = ''] = uris;
  if (uris.length !== 1 || parseSpiffeId(id) === undefined)
    return unproven('subject', 'the certificate does not name exactly one SPIFFE ID');
  return proven(id);
}

/** From the leaf up: each is signed by the next, every next one is an authority, and the last rests on one of ours. */
function pathOf(
  certificates: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): readonly X509Certificate[] | undefined {
  const path: X509Certificate[] = [];
  let [at] = certificates;
  while (at !== undefined && path.length < chainLengthMax) {
    path.push(at);
    const below = at;
    const root = roots.find(one => signedBy(below, one));
    if (root !== undefined) return [...path, root];
    at = certificates.find(one => !path.includes(one) && signedBy(below, one));
  }
  return undefined;
}

function signedBy(below: X509Certificate, above: X509Certificate): boolean {
  if (!above.ca || !below.checkIssued(above)) return false;
  try {
    return below.verify(above.publicKey);
  } catch {
    return false;
  }
}
