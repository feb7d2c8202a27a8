export interface SpiffeId {
  readonly domain: string;
  /** `/ns/billing/sa/invoice`, or empty for the trust domain itself. */
  readonly path: string;
}

const idBytesMax = 2_048;
const domainBytesMax = 255;

/**
 * SPIFFE-ID §2. One spelling: no port, user, query, fragment or escape; lower-case trust domain; plain path segments,
 * none empty, `.` or `..`.
 */
export function parseSpiffeId(text: string): SpiffeId | undefined {
  if (text.length > idBytesMax) return undefined;
  const match = /^spiffe:\/\/([a-z0-9._-]+)((?:\/[a-zA-Z0-9._-]+)*)$/.exec(text);
  const [, domain = '', path = ''] = match ?? [];
  if (match === null || domain.length > domainBytesMax) return undefined;
  return path.split('/').some(segment => segment === '.' || segment === '..') ? undefined : { domain, path };
}

export function isTrustDomain(text: string): boolean {
  return parseSpiffeId(`spiffe://${text}`)?.path === '';
}
