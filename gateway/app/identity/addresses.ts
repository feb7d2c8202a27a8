import { isLoopbackHost, loopbackNames } from '@sallyport/core/facts/url.ts';
import { isOwnAddress } from '../../upstreams/http/dial.ts';

/** The addresses under which clients reach this gateway. */
export interface Addresses {
  /** What we call ourselves: `url` of the configuration, or the loopback address and port. */
  readonly base: () => string;
  /** That, and every other spelling that leads to this listener. */
  readonly bases: () => readonly string[];
  /** Issuer identifier of our authorization server. */
  readonly issuer: () => string;
  /** Every spelling of the address at which something was presented; none if the host is not ours. */
  readonly of: (at: { readonly host: string; readonly path: string }) => readonly string[];
  /** Under which of our addresses a request came in; ours, if its `Host` is none of them. */
  readonly baseFor: (host: string | undefined) => string;
}

/** Hosts as in `Host`, and the ports on which this gateway listens. */
export interface OwnPages {
  readonly bases: readonly string[];
  readonly hosts: readonly string[];
  readonly ports: readonly number[];
}

/**
 * Whether a browser that opens `url` comes to a page of this gateway: under a name that it was given, or at this machine under one
 * of its ports. A name that only a resolver knows to be this machine is not seen; the listener answers to none of those.
 */
export function leadsHere(url: URL, { bases, hosts, ports }: OwnPages): boolean {
  const name = nameIn(url);
  const ours = [...bases, ...hosts.flatMap(host => [`http://${host}`, `https://${host}`])].map(text => URL.parse(text));
  if (ours.some(own => own !== null && nameIn(own) === name && portIn(own) === portIn(url))) return true;
  return ports.includes(portIn(url)) && isThisMachine(name);
}

function nameIn({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function portIn({ port, protocol }: URL): number {
  return Number(port === '' ? (protocol === 'https:' ? 443 : 80) : port);
}

/** As `URL` spells them: it writes every form of an address in its shortest. */
function isThisMachine(name: string): boolean {
  return isLoopbackHost(name) || isOwnAddress(name);
}

export function createAddresses(configured: string | undefined, port: () => number): Addresses {
  const local = (): string[] => loopbackNames.map(name => `http://${name}${port() === 80 ? '' : `:${port()}`}`);
  const base = (): string => configured ?? local()[0] ?? '';
  const bases = (): string[] => (configured === undefined ? local() : [configured, ...local()]);
  return {
    base,
    bases,
    issuer: () => `${base()}/oauth`,
    of: ({ host, path }) => (bases().some(each => new URL(each).host === host) ? bases().map(each => each + path) : []),
    baseFor: host => bases().find(each => new URL(each).host === host?.toLowerCase()) ?? base(),
  };
}
