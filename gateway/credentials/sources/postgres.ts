import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { Socket } from 'node:net';
import type { Client } from 'pg';
import { outsideMillisMax } from '../../identity/outside.ts';
import { within } from '../../obtain/within.ts';

/** True if `use` went through. The database's own words may hold values, and are not kept. */
export async function withClient(
  address: string,
  signal: AbortSignal,
  use: (client: Client) => Promise<void>,
): Promise<boolean> {
  const { Client: PgClient } = (await import('pg')).default;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(outsideMillisMax)]);
  const socket = new Socket();
  const settings = { connectionString: address, statement_timeout: outsideMillisMax, stream: () => socket };
  const client = new PgClient(settings);
  client.on('error', () => undefined);
  try {
    await within(connectAndUse(client, use), limit);
    await within(client.end(), limit);
    return true;
  } catch {
    return false;
  } finally {
    // A server that is silent by now is not taken leave of.
    socket.destroy();
  }
}

async function connectAndUse(client: Client, use: (client: Client) => Promise<void>): Promise<void> {
  await client.connect();
  await use(client);
}

/**
 * What the server keeps instead of the password (RFC 5803, PostgreSQL "pg_authid"): sent in its place, so that the
 * password itself stands in no statement and in no server log.
 */
export function scramVerifier(password: string): string {
  const [salt, rounds] = [randomBytes(16), 4_096];
  const salted = pbkdf2Sync(password, salt, rounds, 32, 'sha256');
  const keyOf = (name: string): Buffer => createHmac('sha256', salted).update(name).digest();
  const storedKey = createHash('sha256').update(keyOf('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${rounds}:${salt.toString('base64')}$${storedKey}:${keyOf('Server Key').toString('base64')}`;
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
