import { connect as connectTcp, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';

/** An address on which this gateway itself listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface DialOptions {
  readonly url: URL;
  readonly millisMax: number;
  /** Asked when the peer's address is known, and before any byte is sent. */
  readonly listening: () => readonly ListenAddress[];
}

/** Of one read. */
const readBytesMax = 64 * 1024;

/**
 * A connected socket to the endpoint, over TLS for https. No proxy of the environment is used. A name that leads back
 * to this gateway is refused by the address that was really reached, so that no resolver can talk us into it.
 */
export function dial({ url, millisMax, listening }: DialOptions): Promise<Checked<Socket>> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port);
  return new Promise(resolve => {
    const onread = {
      buffer: Buffer.allocUnsafeSlow(readBytesMax),
      callback: (bytes: number, buffer: Uint8Array) => socket.emit('data', copyOf(buffer as Buffer, bytes)),
    };
    const peer = { host, port, onread };
    const named = isAddress(host) ? {} : { servername: host };
    const socket: Socket =
      url.protocol === 'https:'
        ? process.getBuiltinModule('node:tls').connect({ ...peer, ...named, ALPNProtocols: ['http/1.1'] })
        : connectTcp(peer);
    const fail = (why: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(refused({ code: 'upstream-unavailable', what: url.host, why }));
    };
    const timer = setTimeout(() => fail(`no connection within ${millisMax} ms`), millisMax);
    socket.setNoDelay(true);
    socket.once('error', thrown => fail(`no connection (${(thrown as NodeJS.ErrnoException).code ?? 'unknown'})`));
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      if (isOurs(socket, listening())) return fail('this address is the gateway itself');
      clearTimeout(timer);
      socket.removeAllListeners('error');
      resolve(passed(socket));
    });
  });
}

/** The next read overwrites it. Node's own way takes as much memory anew for every read. */
function copyOf(buffer: Buffer, bytes: number): Buffer {
  const copy = Buffer.allocUnsafe(bytes);
  buffer.copy(copy, 0, 0, bytes);
  return copy;
}

function isAddress(host: string): boolean {
  return host.includes(':') || /^[\d.]+$/.test(host);
}

function isOurs({ remoteAddress, remotePort }: Socket, listening: readonly ListenAddress[]): boolean {
  const address = remoteAddress?.replace(/^::ffff:/, '');
  if (address === undefined || !listening.some(({ port }) => port === remotePort)) return false;
  if (/^127\./.test(address) || address === '::1') return true;
  return isOwnAddress(address);
}

/** One of this machine's network interfaces has it. */
export function isOwnAddress(address: string): boolean {
  return Object.values(networkInterfaces()).some(each => each?.some(own => own.address === address));
}
