import { constants } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import { createSecureContext } from 'node:tls';

export interface TlsFiles {
  /** PEM: our certificate, with what leads to its authority. */
  readonly certificate: string;
  readonly key: string;
}

/** A file of `tls` cannot be used; the message names the key of the configuration, the file and why, and nothing of what is in it. */
class TlsFilesError extends Error {
  override readonly name = 'TlsFilesError';
}

const reloadMillis = 30_000;

/**
 * A TLS listener that asks for a client certificate and judges none: which authority may speak for which trust domain is
 * not TLS's to know, and a client without one may prove itself otherwise. What TLS proves is that the peer holds the key.
 */
export function createTlsServer(files: TlsFiles, options: object, handle: RequestListener): Server {
  const first = usable(files);
  const server = createServer(
    {
      ...options,
      ...first,
      ...{ minVersion: 'TLSv1.2', requestCert: true, rejectUnauthorized: false },
      // A resumed session would come without the chain that its certificate rests on.
      secureOptions: constants.SSL_OP_NO_TICKET,
    },
    handle,
  );
  // Without a finished handshake there is nobody to answer, and an answer that waits for one would keep the connection for ever.
  server.prependListener('tlsClientError', (_error, socket) => socket.destroy());
  // Workload certificates live for an hour: files that changed are taken up without a restart.
  let seen = changedAt(files);
  const looking = setInterval(() => {
    try {
      const now = changedAt(files);
      if (now === seen) return;
      server.setSecureContext(read(files));
      seen = now;
    } catch {
      // Half written: the old one holds until the new one can be read.
    }
  }, reloadMillis).unref();
  server.on('close', () => clearInterval(looking));
  return server;
}

function usable(files: TlsFiles): { readonly cert: Buffer; readonly key: Buffer } {
  const of = (name: 'certificate' | 'key', why: string) => new TlsFilesError(`\`tls.${name}\`: ${files[name]} ${why}`);
  for (const name of ['certificate', 'key'] as const)
    if (!tried(() => readFileSync(files[name]))) throw of(name, 'is not there, or this user may not read it');
  const pems = read(files);
  if (!tried(() => createSecureContext({ cert: pems.cert }))) throw of('certificate', 'holds no certificate in PEM');
  if (!tried(() => createSecureContext(pems)))
    throw of('key', 'holds no private key in PEM, or one of another certificate');
  return pems;
}

function tried(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

function read({ certificate, key }: TlsFiles): { readonly cert: Buffer; readonly key: Buffer } {
  return { cert: readFileSync(certificate), key: readFileSync(key) };
}

function changedAt({ certificate, key }: TlsFiles): string {
  return [certificate, key].map(file => statSync(file).mtimeMs).join();
}
