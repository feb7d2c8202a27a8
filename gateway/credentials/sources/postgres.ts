import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import type { Client } from 'pg';

/** True if `use` went through. The database's own words may hold values, and are not kept. */
export async function withClient(
  address: string,
  signal: AbortSignal,
  use: (client: Client) => Promise<void>,
): Promise<boolean> {
  const { Client: PgClient } = (await import('pg')).default;
  const client = new PgClient({ connectionString: address, connectionTimeoutMillis: 2_000, statement_timeout: 2_000 });
  client.on('error', () => undefined);
  const stop = (): void => void client.end().catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  try {
    await client.connect();
    await use(client);
    return true;
  } catch {
    return false;
  } finally {
    signal.removeEventListener('abort', stop);
    await client.end().catch(() => undefined);
  }
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
