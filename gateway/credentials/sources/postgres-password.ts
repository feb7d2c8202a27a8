import { randomBytes } from 'node:crypto';
import { type Checked, passed } from '@sallyport/core/model/refusal.ts';
import { issuerFault } from '../issuer.ts';
import type { PasswordStore } from '../password-store.ts';
import { readSecret, type SecretPlace } from '../secret-source.ts';
import type { CredentialSource, SourceState } from '../source.ts';
import { quoted, scramVerifier, withClient } from './postgres.ts';

export interface PostgresPasswordConfig {
  readonly name: string;
  /** A connection address of somebody who may change the role's password. */
  readonly admin: SecretPlace;
  /** An existing role that may log in. */
  readonly role: string;
  /** Its password is another one after so many days. */
  readonly rotateDays: number;
  readonly secondsMax: number | undefined;
}

export interface PostgresPasswordPorts {
  readonly now: () => number;
  readonly passwords: PasswordStore;
  /** The password of before works no more: whoever holds it lets go of it. */
  readonly onRotated: () => void;
}

const dayMillis = 86_400_000;

/**
 * An existing database role whose password is the gateway's to set, and is set anew when it is due. Written down before
 * the database hears of it: after a crash in between the same one is set again. Open sessions of the role go on.
 */
export function postgresPasswordSource(config: PostgresPasswordConfig, ports: PostgresPasswordPorts): CredentialSource {
  const { name, role, rotateDays, secondsMax } = config;
  const { now, passwords, onRotated } = ports;
  const what = `credential ${name}`;
  let state: SourceState = { state: 'ready' };
  let turn: Promise<unknown> = Promise.resolve();

  async function password(address: string, signal: AbortSignal): Promise<Checked<string>> {
    const kept = passwords.read(name);
    const age = kept?.current === undefined ? undefined : Math.floor((now() - kept.changedAt) / dayMillis);
    const due = kept?.next !== undefined || age === undefined || age >= rotateDays;
    if (kept?.current !== undefined && !due) return said(kept.current, { ageDays: age ?? 0 });
    const next = kept?.next ?? randomBytes(24).toString('hex');
    passwords.write(name, { current: kept?.current, changedAt: kept?.changedAt ?? now(), next });
    const set = await withClient(address, signal, async client => {
      await client.query(`ALTER ROLE ${quoted(role)} PASSWORD '${scramVerifier(next)}'`);
    });
    // Whether the database took it nobody knows: neither one is sure to work.
    if (!set) return issuerFault(what, `the database did not change the password of ${role}`);
    passwords.write(name, { current: next, changedAt: now(), next: undefined });
    if (kept?.current !== undefined) onRotated();
    return said(next, { ageDays: 0 });
  }

  function said(secret: string, about: Pick<SourceState, 'ageDays'>): Checked<string> {
    state = { state: 'ready', ...about };
    return passed(secret);
  }

  return {
    ...{ name, kind: 'postgres-password', secondsMax, sharedBy: 'all' },
    scopeOf: () => passed(''),
    mint: async (_want, signal) => {
      const admin = await readSecret(what, config.admin, signal);
      const mine = turn.then(() => (admin.ok ? password(admin.value, signal) : admin));
      turn = mine.catch(() => undefined);
      const found = await mine;
      if (!found.ok || !admin.ok) {
        state = { state: 'failing', why: found.ok ? 'it could not be read' : found.refusal.why };
        return found.ok ? issuerFault(what, 'it could not be read') : found;
      }
      const address = new URL(admin.value);
      address.username = encodeURIComponent(role);
      address.password = found.value;
      return passed({ secret: address.href, expiresAt: undefined, revocable: false });
    },
    revoke: async () => 'impossible',
    state: () => state,
  };
}
