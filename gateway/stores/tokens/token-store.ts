import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Instant } from '@sallyport/core/model/ids.ts';

/** What this node has to remember about tokens: what was revoked, what was used, what may be refreshed. */
export interface TokenStore {
  /** In memory and complete, so that every call can ask. */
  readonly isRevoked: (name: string) => boolean;
  /** In force at once, durable once it resolves. `until`: when the last token of that name has ended by itself. */
  readonly revoke: (name: string, until: Instant) => Promise<void>;
  /**
   * Takes a name, once and durably; false if it was taken before, or may have been: `issuedAt` is when whatever bears it was made,
   * undefined where it does not say.
   */
  readonly useOnce: (name: string, until: Instant, issuedAt: Instant | undefined) => Promise<boolean>;
  /** Without taking it. */
  readonly isUsed: (name: string) => Promise<boolean>;
  readonly saveRefresh: (refresh: StoredRefresh) => Promise<void>;
  /** Marks it used. `used` tells that it was used before: somebody has a copy. */
  readonly takeRefresh: (hash: string) => Promise<(StoredRefresh & { readonly used: boolean }) | undefined>;
  /** Without taking it. */
  readonly findRefresh: (hash: string) => Promise<StoredRefresh | undefined>;
  /** Since when what was revoked and used is known, where an earlier run's list was lost: of what is older nobody knows. */
  readonly knownSince: Instant | undefined;
  /** It was made by this opening. */
  readonly isNew: boolean;
  readonly close: () => void;
}

export interface StoredRefresh {
  /** SHA-256, base64url. */
  readonly hash: string;
  readonly family: string;
  /** JSON text. */
  readonly terms: string;
  readonly until: Instant;
}

export interface TokenStorePorts {
  readonly file: string;
  readonly tenant: string;
  readonly now: () => Instant;
  /** The gateway ran before, so that a file which is not there, or empty, was lost. */
  readonly ranBefore: boolean;
}

const migrations = join(import.meta.dirname, 'migrations');
const sweepEveryMillis = 60_000;
/** How far the clock of whoever makes proofs may be before ours. */
const skewMillis = 30_000;
/** How old a proof is taken to be that does not say it. */
const undatedMillis = 86_400_000;

/**
 * Opens the file. Unlike the index it cannot be made again, so a damaged one stops the start and is never replaced; one that was lost
 * begins anew and says since when.
 */
export function openTokenStore({ file, tenant, now, ranBefore }: TokenStorePorts): TokenStore {
  const { database, isNew } = opened(file, ranBefore ? now() : undefined);
  const insert = database.prepare('INSERT OR IGNORE INTO spent (tenant, kind, name, until) VALUES (?, ?, ?, ?)');
  const sweepSpent = database.prepare("DELETE FROM spent WHERE until < ? AND kind <> 'begun'");
  const sweepRefresh = database.prepare('DELETE FROM refresh WHERE until < ?');
  const save = database.prepare('INSERT INTO refresh (tenant, hash, family, terms, until) VALUES (?, ?, ?, ?, ?)');
  const find = database.prepare('SELECT family, terms, until, used FROM refresh WHERE tenant = ? AND hash = ?');
  const take = database.prepare('UPDATE refresh SET used = 1 WHERE tenant = ? AND hash = ? AND used = 0');
  const used = database.prepare("SELECT 1 FROM spent WHERE tenant = ? AND kind = 'used' AND name = ?");
  const revoked = new Map<string, Instant>();
  const rows = database.prepare("SELECT name, until FROM spent WHERE tenant = ? AND kind = 'revoked'").all(tenant);
  for (const row of rows as unknown as { name: string; until: number }[]) revoked.set(row.name, row.until);
  const begun = database.prepare("SELECT max(until) AS at FROM spent WHERE kind = 'begun'").get() as {
    at: number | null;
  };
  const knownSince = begun.at ?? undefined;
  let sweptAt = now();

  function sweep(): void {
    if (now() - sweptAt < sweepEveryMillis) return;
    sweptAt = now();
    sweepSpent.run(now());
    sweepRefresh.run(now());
    for (const [name, until] of revoked) if (until < now()) revoked.delete(name);
  }

  function found(hash: string): (StoredRefresh & { readonly used: boolean }) | undefined {
    const row = find.get(tenant, hash) as { family: string; terms: string; until: number; used: number } | undefined;
    if (row === undefined || row.until <= now()) return undefined;
    return { hash, family: row.family, terms: row.terms, until: row.until, used: row.used === 1 };
  }

  return {
    isRevoked: name => revoked.has(name),
    revoke: async (name, until) => {
      revoked.set(name, Math.max(until, revoked.get(name) ?? 0));
      insert.run(tenant, 'revoked', name, until);
      sweep();
    },
    useOnce: async (name, until, issuedAt) => {
      sweep();
      if (knownSince !== undefined && (issuedAt ?? now() - undatedMillis) < knownSince + skewMillis) return false;
      return insert.run(tenant, 'used', name, until).changes === 1;
    },
    isUsed: async name => used.get(tenant, name) !== undefined,
    saveRefresh: async ({ hash, family, terms, until }) => void save.run(tenant, hash, family, terms, until),
    takeRefresh: async hash => {
      const refresh = found(hash);
      return refresh === undefined ? undefined : { ...refresh, used: take.run(tenant, hash).changes === 0 };
    },
    findRefresh: async hash => found(hash),
    knownSince,
    isNew,
    close: () => database.close(),
  };
}

/** What was revoked or used cannot be read, so nobody could be refused for it; the message says what to do. */
class TokenStoreError extends Error {
  override readonly name = 'TokenStoreError';
}

function opened(file: string, begunAt: Instant | undefined): Opened {
  try {
    return migrated(file, begunAt);
  } catch (thrown) {
    if (thrown instanceof TokenStoreError) throw thrown;
    const fix = 'restore it; or remove it: every token of before ends with it';
    throw new TokenStoreError(`${file} cannot be read: ${fix}`);
  }
}

interface Opened {
  readonly database: DatabaseSync;
  /** Nothing was in it. */
  readonly isNew: boolean;
}

/**
 * Makes what is missing in it. `begunAt` is written down with the first table, or never. What is committed stands in the file itself:
 * with a write-ahead log whoever lost the file beside it would have lost what was revoked last, and nothing would tell.
 */
function migrated(file: string, begunAt: Instant | undefined): Opened {
  if (!existsSync(file)) writeFileSync(file, '', { mode: 0o600, flag: 'wx' });
  chmodSync(file, 0o600);
  const database = new DatabaseSync(file, { timeout: 5_000 });
  database.exec('PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL;');
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  const files = readdirSync(migrations).sort();
  if (version > files.length) {
    database.close();
    throw new TokenStoreError(`${file} was made by a newer version of sallyport; start that one`);
  }
  for (const [step, name] of files.entries()) {
    if (step < version) continue;
    const begun = step === 0 && begunAt !== undefined ? `INSERT INTO spent VALUES ('', 'begun', '', ${begunAt});` : '';
    const sql = `${readFileSync(join(migrations, name), 'utf8')} ${begun}`;
    database.exec(`BEGIN; ${sql} PRAGMA user_version = ${step + 1}; COMMIT;`);
  }
  return { database, isNew: version === 0 };
}
