import type { IncomingMessage } from 'node:http';

const { IncomingMessage: NodeRequest } = process.getBuiltinModule('node:http');

/** A request as routes see it: they read the guarded headers, for Node's own are joined or dropped where they stand twice. */
export type Request = Omit<IncomingMessage, 'headers' | 'headersDistinct'>;

/**
 * What Node's server makes of each request. It asks for `host` and, of HTTP/1.1, `expect`, and to answer Node would first put
 * every header into a table that nobody else reads. Requests that may have it ask for more get that table.
 */
export class AskedRequest extends NodeRequest {
  /** Called once, before anything of the body is read. */
  onRead: (() => void) | undefined;

  override _read(bytes: number): void {
    this.onRead?.();
    this.onRead = undefined;
    super._read(bytes);
  }
}

const whole = Object.getOwnPropertyDescriptor(NodeRequest.prototype, 'headers')?.get;

Object.defineProperty(AskedRequest.prototype, 'headers', {
  get(this: AskedRequest): unknown {
    const host = this.httpVersion === '1.1' ? hostAlone(this.rawHeaders) : undefined;
    return host === undefined ? whole?.call(this) : { host, expect: undefined };
  },
});

/** The first `Host`; undefined if there is none, or an `Expect` beside it. */
function hostAlone(raw: readonly string[]): string | undefined {
  let host: string | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    if (name.length === 6 && name.toLowerCase() === 'expect') return undefined;
    if (host === undefined && name.length === 4 && name.toLowerCase() === 'host') host = raw[at + 1];
  }
  return host;
}
