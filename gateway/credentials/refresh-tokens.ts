import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PrincipalId } from '@sallyport/core/model/ids.ts';
import { readPrivate, removePrivate, writePrivate } from '../secret/private-file.ts';

/** Principals' refresh tokens, one private file each. */
export interface RefreshTokens {
  readonly read: (credential: string, principal: PrincipalId) => string | undefined;
  /** Durable once it returns. */
  readonly write: (credential: string, principal: PrincipalId, token: string) => void;
  readonly remove: (credential: string, principal: PrincipalId) => void;
  /** Runs `use` when every earlier one for the same credential and principal is done. */
  readonly inTurn: <T>(credential: string, principal: PrincipalId, use: () => Promise<T>) => Promise<T>;
}

export function openRefreshTokens(dir: string): RefreshTokens {
  const turns = new Map<string, Promise<unknown>>();
  const fileOf = (credential: string, principal: PrincipalId): string => {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const name = createHash('sha256')
      .update(JSON.stringify([credential, principal]))
      .digest('hex')
      .slice(0, 32);
    return join(dir, `${name}.refresh`);
  };
  return {
    read: (credential, principal) => readPrivate(fileOf(credential, principal))?.trimEnd(),
    write: (credential, principal, token) => writePrivate(fileOf(credential, principal), `${token}\n`),
    remove: (credential, principal) => removePrivate(fileOf(credential, principal)),
    inTurn: (credential, principal, use) => {
      const key = JSON.stringify([credential, principal]);
      const turn = (turns.get(key) ?? Promise.resolve()).then(use, use);
      const settled = turn.catch(() => undefined).finally(() => turns.get(key) === settled && turns.delete(key));
      turns.set(key, settled);
      return turn;
    },
  };
}
