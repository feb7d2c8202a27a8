import { constants } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';

export interface TlsFiles {
  /** PEM: our certificate, with what leads to its authority. */
  readonly certificate: string;
  readonly key: string;
}

const reloadMillis = 30_000;

/**
 * A TLS listener that asks for a client certificate and judges none: which authority may speak for which trust domain is
 * not TLS's to know, and a client without one may prove itself otherwise. What TLS proves is that the peer holds the key.
 */
export function createTlsServer(files: TlsFiles, options: object, handle: RequestListener): Server {
  const server = createServer(
    {
      ...options,
      ...read(files),
      ...{ minVersion: 'TLSv1.2', requestCert: true, rejectUnauthorized: false },
      // A resumed session would come without the chain that its certificate rests on.
      secureOptions: constants.SSL_OP_NO_TICKET,
    },
    handle,
  );
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

function read({ certificate, key }: TlsFiles): { readonly cert: Buffer; readonly key: Buffer } {
  return { cert: readFileSync(certificate), key: readFileSync(key) };
}

function changedAt({ certificate, key }: TlsFiles): string {
  return [certificate, key].map(file => statSync(file).mtimeMs).join();
}
