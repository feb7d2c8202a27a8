import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Instant, PrincipalId } from '@sallyport/core/model/ids.ts';
import { readPrivateRecord, removePrivate, writePrivate } from '../secret/private-file.ts';

/** What a principal left here: it is shown to the server that issued it, by the client that it was issued to, alone. */
export interface RefreshRecord {
  readonly principal: PrincipalId;
  readonly issuer: string;
  readonly clientId: string;
  readonly scope: string | undefined;
  readonly refreshToken: string;
  readonly signedInAt: Instant;
  /** An access token of it is being ended at its issuer, and what else that ends there is not known yet. */
  readonly tried?: true;
}

/** Principals' refresh tokens, one private file each. Whose file was damaged has to sign in again. */
export interface RefreshTokens {
  readonly read: (credential: string, principal: PrincipalId) => RefreshRecord | undefined;
  /** Durable once it returns. */
  readonly write: (credential: string, record: RefreshRecord) => void;
  /**
   * In force once it returns, and durable as soon as the disk takes it: at its issuer the one before is used up already, so one
   * that cannot be written is better than none.
   */
  readonly replace: (credential: string, record: RefreshRecord) => void;
  readonly remove: (credential: string, principal: PrincipalId) => void;
  /** Who has left one, and when. */
  readonly signedIn: (credential: string) => readonly Pick<RefreshRecord, 'principal' | 'signedInAt'>[];
  /** Runs `use` when every earlier one for the same credential and principal is done. */
  readonly inTurn: <T>(credential: string, principal: PrincipalId, use: () => Promise<T>) => Promise<T>;
}

const rewriteMillis = 1_000;

export function openRefreshTokens(dir: string): RefreshTokens {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const turns = new Map<string, Promise<unknown>>();
  /** By file. */
  const unwritten = new Map<string, RefreshRecord>();
  const fileOf = (credential: string, principal: PrincipalId): string => {
    const name = createHash('sha256').update(principal).digest('hex').slice(0, 32);
    return join(dir, `${credential}.${name}.refresh`);
  };
  const recordIn = (file: string): RefreshRecord | undefined => {
    const kept = unwritten.get(file) ?? readPrivateRecord(file);
    return kept as RefreshRecord | undefined;
  };
  const write = (file: string, record: RefreshRecord): void => {
    writePrivate(file, `${JSON.stringify({ v: 1, ...record })}\n`);
    unwritten.delete(file);
  };
  const writeSoon = (file: string, record: RefreshRecord): void => {
    try {
      write(file, record);
    } catch {
      unwritten.set(file, record);
      setTimeout(() => unwritten.get(file) === record && writeSoon(file, record), rewriteMillis).unref();
    }
  };
  return {
    read: (credential, principal) => recordIn(fileOf(credential, principal)),
    write: (credential, record) => write(fileOf(credential, record.principal), record),
    replace: (credential, record) => writeSoon(fileOf(credential, record.principal), record),
    remove: (credential, principal) => {
      unwritten.delete(fileOf(credential, principal));
      removePrivate(fileOf(credential, principal));
    },
    signedIn: credential =>
      readdirSync(dir)
        .filter(name => name.startsWith(`${credential}.`) && name.endsWith('.refresh'))
        .flatMap(name => recordIn(join(dir, name)) ?? [])
        .map(({ principal, signedInAt }) => ({ principal, signedInAt }))
        .sort((a, b) => (a.principal < b.principal ? -1 : 1)),
    inTurn: (credential, principal, use) => {
      const key = JSON.stringify([credential, principal]);
      const turn = (turns.get(key) ?? Promise.resolve()).then(use, use);
      const settled = turn.catch(() => undefined).finally(() => turns.get(key) === settled && turns.delete(key));
      turns.set(key, settled);
      return turn;
    },
  };
}
