import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

const chains = new WeakMap<TLSSocket, readonly string[]>();
const chainLengthMax = 6;

/** What the peer showed of itself, base64 of DER, leaf first; undefined without TLS or without a certificate. */
export function peerChain({ socket }: Pick<IncomingMessage, 'socket'>): readonly string[] | undefined {
  if (!isTls(socket)) return undefined;
  const known = chains.get(socket);
  if (known !== undefined) return known.length === 0 ? undefined : known;
  const chain: string[] = [];
  for (
    let at = socket.getPeerX509Certificate();
    at !== undefined && chain.length < chainLengthMax;
    at = at.issuerCertificate
  ) {
    const der = at.raw.toString('base64');
    if (chain.includes(der)) break;
    chain.push(der);
  }
  chains.set(socket, chain);
  return chain.length === 0 ? undefined : chain;
}

/** Node's documentation, `tlsSocket.encrypted`: what tells such a socket from others, without loading TLS to ask. */
function isTls(socket: Socket): socket is TLSSocket {
  return (socket as Partial<TLSSocket>).encrypted === true;
}
