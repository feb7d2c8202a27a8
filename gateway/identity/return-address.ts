import { staysOnThisMachine } from '@sallyport/core/facts/url.ts';

/** What a browser runs, shows or reads by itself: there is no program behind it that could be meant. */
const ofBrowsers = /^(javascript|vbscript|data|blob|file|filesystem|about|view-source|ws|wss|ftp|mailto|intent):$/;

export const returnAddressRule =
  'must hold whole addresses: https, http on this machine, or of a scheme of the client’s own, without user or fragment';

/**
 * Where a sign-in may lead with its code (RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §2.6): to the web over TLS, to a program on
 * the person's own machine, or to one that has a scheme of its own.
 */
export function isReturnAddress(text: string): boolean {
  if (!URL.canParse(text) || text.includes('#')) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  if (protocol === 'http:') return staysOnThisMachine(hostname);
  return protocol === 'https:' ? /^[a-z0-9.-]+$|^\[[0-9a-f:.]+\]$/.test(hostname) : !ofBrowsers.test(protocol);
}
