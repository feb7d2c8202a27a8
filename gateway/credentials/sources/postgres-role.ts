import { randomBytes } from 'node:crypto';
import type { LeaseId } from '@sallyport/core/model/ids.ts';
import { type Checked, passed } from '@sallyport/core/model/refusal.ts';
import type { Client } from 'pg';
import { issuerFault } from '../issuer.ts';
import { readSecret, type SecretPlace } from '../secret-source.ts';
import type { CredentialSource, Minted, SourceState, Wanted } from '../source.ts';
import { quoted, scramVerifier, withClient } from './postgres.ts';

export interface PostgresRoleConfig {
  readonly name: string;
  /** A connection address of somebody who may create roles and grant what `memberOf` has. */
  readonly admin: SecretPlace;
  /** Existing roles whose rights the task gets; nothing else. */
  readonly memberOf: readonly string[];
  readonly secondsMax: number | undefined;
}

/** One role at most for each lease: found again by its name after a crash. */
function roleOf(lease: LeaseId): string {
  return `sallyport_${lease}`;
}

/**
 * A database role made for one task and dropped at its end. The secret is a connection address with the role's own
 * password; `VALID UNTIL` ends it even if nobody is left to drop it. Names and passwords are ours, of `[a-z0-9_]`;
 * configured role names are quoted as identifiers (PostgreSQL, "Lexical Structure").
 */
export function postgresRoleSource(config: PostgresRoleConfig): CredentialSource {
  const what = `credential ${config.name}`;
  let state: SourceState = { state: 'ready' };

  async function make({ lease, until }: Wanted, signal: AbortSignal): Promise<Checked<Minted>> {
    const admin = await readSecret(what, config.admin, signal);
    if (!admin.ok) return admin;
    const password = randomBytes(24).toString('hex');
    const role = roleOf(lease);
    const validUntil = new Date(until).toISOString();
    const made = await withClient(admin.value, signal, async client => {
      await client.query('BEGIN');
      await client.query(turnFor, [role]);
      await client.query(
        `CREATE ROLE "${role}" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT ` +
          `PASSWORD '${scramVerifier(password)}' VALID UNTIL '${validUntil}'`,
      );
      for (const group of config.memberOf) await client.query(`GRANT ${quoted(group)} TO "${role}"`);
      await client.query('COMMIT');
    });
    if (!made) return issuerFault(what, 'the database did not make a role for the task');
    const address = new URL(admin.value);
    address.username = role;
    address.password = password;
    return passed({ secret: address.href, expiresAt: until, revocable: true });
  }

  return {
    name: config.name,
    kind: 'postgres-role',
    secondsMax: config.secondsMax,
    sharedBy: 'task',
    leavesBehind: true,
    scopeOf: () => passed([...config.memberOf].sort().join(',')),
    mint: async (want, signal) => {
      const minted = await make(want, signal);
      state = minted.ok ? { state: 'ready' } : { state: 'failing', why: minted.refusal.why };
      return minted;
    },
    revoke: async ({ id }, _secret, signal) => {
      const admin = await readSecret(what, config.admin, signal);
      const gone = admin.ok && (await withClient(admin.value, signal, client => drop(client, roleOf(id))));
      return gone ? 'revoked' : 'failed';
    },
    state: () => state,
  };
}

/**
 * Only one transaction about a role at a time: whoever comes to drop it after its making was given up waits until that is
 * settled, for a COMMIT may still be under way. One that has not got here by then finds its connection closed.
 */
const turnFor = 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))';

/** Locks it first, so that no new session can begin; ends those that are open; then drops it. No role is no error. */
async function drop(client: Client, role: string): Promise<void> {
  await client.query(turnFor, [role]);
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  if (rowCount === 0) return;
  await client.query(`ALTER ROLE "${role}" NOLOGIN`);
  await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [role]);
  // What it made becomes the administrator's; its rights in this database go.
  await client.query(`REASSIGN OWNED BY "${role}" TO CURRENT_USER`);
  await client.query(`DROP OWNED BY "${role}"`);
  await client.query(`DROP ROLE "${role}"`);
}
