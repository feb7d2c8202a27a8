import { type HttpFault, httpFault } from './fault.ts';
import { HeaderList, type Headers, lowerName, placeOf } from './headers.ts';

/**
 * The guard in front of every route (threats.md 1.5): Node's parser lets through six of the 22 smuggling requests of
 * table 2.8, and keeps the first of what stands twice. Whatever two readers of the same request could understand
 * differently is refused here, before anything looks at it.
 */
export interface GuardRules {
  /** Authorities we answer to, lower case with port: `127.0.0.1:7420`. Everything else is DNS rebinding. */
  readonly hosts: ReadonlySet<string>;
  /** Exact `Origin` values of pages that may call us. A request without `Origin` does not come from a page. */
  readonly origins: ReadonlySet<string>;
}

export interface IncomingHead {
  readonly method: string;
  /** The request target as it stood on the wire. */
  readonly target: string;
  /** `1.1`: what the request says that it is. */
  readonly version: string;
  /** Names and values in turn, as Node's `rawHeaders`. */
  readonly rawHeaders: readonly string[];
}

export interface Guarded {
  readonly headers: Headers;
  readonly path: string;
  /** Without the question mark; undefined if there is none. */
  readonly query: string | undefined;
}

export type GuardResult =
  | { readonly ok: true; readonly value: Guarded }
  | { readonly ok: false; readonly fault: HttpFault };

export const headersMax = 100;

/** List-valued fields that a client or a proxy may send in several lines (RFC 9110 §5.3). All others stand once. */
const repeatable: ReadonlySet<string> = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'baggage',
  'cache-control',
  'connection',
  'cookie',
  'forwarded',
  'pragma',
  'te',
  'tracestate',
  'trailer',
  'via',
  'warning',
  'x-forwarded-for',
]);

const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS']);

export function guard(head: IncomingHead, rules: GuardRules): GuardResult {
  const collected = collectHeaders(head.rawHeaders);
  if (!(collected instanceof HeaderList)) return { ok: false, fault: collected };
  const target = splitTarget(head.target);
  const fault =
    hostFault(collected, target.authority, rules) ??
    originFault(collected, rules) ??
    versionFault(head.version) ??
    bodyFault(head.method, collected) ??
    codingFault(collected, head.version) ??
    upgradeFault(collected) ??
    expectFault(collected);
  if (fault !== undefined) return { ok: false, fault };
  return { ok: true, value: { headers: collected, path: target.path, query: target.query } };
}

function collectHeaders(raw: readonly string[]): HeaderList | HttpFault {
  if (raw.length > headersMax * 2)
    return httpFault(431, 'too-many-headers', 'headers', `there are more than ${headersMax} headers`, 'send fewer');
  const fields: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = lowerName(raw[at] ?? '');
    const value = raw[at + 1] ?? '';
    // CGI-style readers take `X_A` and `X-A` for one header.
    if (name.includes('_'))
      return httpFault(
        400,
        'header-name',
        shown(name),
        'a header name holds an underscore',
        'send it with a hyphen, or not at all',
      );
    const before = placeOf(name, fields);
    if (before < 0) fields.push(name, value);
    else if (repeatable.has(name)) fields[before + 1] = `${fields[before + 1]}, ${value}`;
    else return httpFault(400, 'duplicate-header', shown(name), 'the header stands twice', 'send it once');
  }
  return new HeaderList(fields);
}

interface Target {
  readonly authority: string | undefined;
  readonly path: string;
  readonly query: string | undefined;
}

function splitTarget(target: string): Target {
  const absolute = target.startsWith('/') ? null : /^https?:\/\/([^/?#]*)((?:[/?#].*)?)$/is.exec(target);
  const rest = absolute === null ? target : (absolute[2] ?? '');
  const mark = rest.indexOf('?');
  return {
    authority: absolute?.[1],
    path: mark < 0 ? rest : rest.slice(0, mark),
    query: mark < 0 ? undefined : rest.slice(mark + 1),
  };
}

/** One Host, one of ours, and the same as the authority of an absolute target (RFC 9112 §3.2.2). */
function hostFault(headers: Headers, authority: string | undefined, rules: GuardRules): HttpFault | undefined {
  const host = headers.get('host')?.toLowerCase();
  if (host === undefined || host === '')
    return httpFault(400, 'host-missing', 'host', 'the request names no host', 'send the host that you connect to');
  if (authority !== undefined && authority.toLowerCase() !== host)
    return httpFault(
      400,
      'authority-mismatch',
      'request-target',
      'the absolute target names another host than Host',
      'send the path alone',
    );
  if (rules.hosts.has(host)) return undefined;
  const fix =
    'use 127.0.0.1 or localhost, or name it under `hosts` in the configuration, with its port where that is not the usual one';
  return httpFault(403, 'host-not-allowed', 'host', 'this gateway does not answer to that host', fix);
}

function originFault(headers: Headers, rules: GuardRules): HttpFault | undefined {
  const origin = headers.get('origin');
  if (origin === undefined || rules.origins.has(origin)) return undefined;
  return httpFault(
    403,
    'origin-not-allowed',
    'origin',
    'pages of that origin may not call this gateway',
    'name it under `origins` in the configuration if they should',
  );
}

/** A body where none is defined is a second request in waiting. */
function bodyFault(method: string, headers: Headers): HttpFault | undefined {
  if (!bodiless.has(method)) return undefined;
  if (!headers.has('transfer-encoding') && (headers.get('content-length') ?? '0') === '0') return undefined;
  return httpFault(400, 'body-not-allowed', 'body', `a ${method} request has no body here`, 'send it without one');
}

/** Node takes a head that says HTTP/2.0 for one of HTTP/1. */
function versionFault(version: string): HttpFault | undefined {
  if (version === '1.1' || version === '1.0') return undefined;
  return httpFault(505, 'http-version', 'request', 'only HTTP/1.1 is spoken here', 'send it as HTTP/1.1');
}

/**
 * RFC 9112 §6.1: a body in a coding that is not undone here would be another one to whoever undoes it on the way; and one of
 * HTTP/1.0 that says it is chunked ends elsewhere for whoever knows no chunks.
 */
function codingFault(headers: Headers, version: string): HttpFault | undefined {
  const coding = headers.get('transfer-encoding');
  if (coding === undefined) return undefined;
  if (version === '1.0')
    return httpFault(400, 'transfer-encoding', 'transfer-encoding', 'HTTP/1.0 has none', 'send it as HTTP/1.1');
  if (coding.toLowerCase() === 'chunked') return undefined;
  return httpFault(
    400,
    'transfer-encoding',
    'transfer-encoding',
    'only chunked is understood',
    'send it in no other coding',
  );
}

function upgradeFault(headers: Headers): HttpFault | undefined {
  if (!headers.has('upgrade')) return undefined;
  return httpFault(
    400,
    'upgrade-not-offered',
    'upgrade',
    'no other protocol is spoken on this port',
    'send the request without this header',
  );
}

function expectFault(headers: Headers): HttpFault | undefined {
  const expected = headers.get('expect')?.toLowerCase();
  if (expected === undefined || expected === '100-continue') return undefined;
  return httpFault(417, 'expectation', 'expect', 'only 100-continue is understood', 'send it without this header');
}

function shown(name: string): string {
  return name.slice(0, 64);
}
