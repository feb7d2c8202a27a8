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

export function createAddresses(configured: string | undefined, port: () => number): Addresses {
  const local = (): string[] =>
    ['127.0.0.1', 'localhost', '[::1]'].map(name => `http://${name}${port() === 80 ? '' : `:${port()}`}`);
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
