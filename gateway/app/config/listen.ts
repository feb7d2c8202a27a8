import { resolve } from 'node:path';
import type { TlsFiles } from '../../transports/http/tls.ts';
import type { Fields } from '../../yaml/fields.ts';
import { isOutsideUrl, outsideUrlRule } from '../../yaml/outside-url.ts';

/** Where the gateway listens and how it is called: `listen`, `tls`, `hosts` and `url`. Each throws `ConfigError`. */

export interface Address {
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
}

export type TlsListener = TlsFiles & Address;

export function hostsOf(root: Fields): readonly string[] {
  const hosts = root.strings('hosts') ?? [];
  const odd = hosts.find(host => !/^[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?$/.test(host));
  if (odd === undefined) return hosts;
  throw root.wrong('hosts', 'must hold host names, with a port where it is not the usual one');
}

/** Issuer and resources are named after it, so it has one spelling. */
export function publicUrl(root: Fields): string | undefined {
  const url = root.string('url');
  if (url === undefined) return undefined;
  if (!isOutsideUrl(url)) throw root.wrong('url', outsideUrlRule);
  if (new URL(url).href !== `${url}/`)
    throw root.wrong('url', 'must be in lower case, without path and slash at its end');
  return url;
}

/** Relative paths of its files are below `folder`. */
export function tlsOf(root: Fields, folder: string): TlsListener | undefined {
  const fields = root.fields('tls');
  const listen = fields.string('listen');
  const files = { certificate: fields.string('certificate'), key: fields.string('key') };
  fields.done();
  if (!root.has('tls')) return undefined;
  const match = /^(\[[0-9a-f:]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})$/.exec(listen ?? '');
  if (match === null || Number(match[2]) > 65_535)
    throw fields.wrong('listen', 'must be an address and a port, such as 0.0.0.0:7443');
  const { certificate, key } = files;
  if (certificate === undefined || key === undefined)
    throw root.wrong('tls', 'needs `certificate` and `key`, files in PEM');
  const host = (match[1] ?? '').replace(/^\[|\]$/g, '');
  return { host, port: Number(match[2]), certificate: resolve(folder, certificate), key: resolve(folder, key) };
}

/** Only loopback: nothing is encrypted here, and a token on the wire in the clear is everybody's. */
export function listenOf(root: Fields): Address {
  const text = root.string('listen') ?? '127.0.0.1:7420';
  const match = /^(127\.0\.0\.1|localhost|\[::1\]):([0-9]{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535)
    throw root.wrong(
      'listen',
      'must be a loopback address and a port, such as 127.0.0.1:7420; clients elsewhere come over `tls`',
    );
  return { host: match[1] === '[::1]' ? '::1' : '127.0.0.1', port };
}
