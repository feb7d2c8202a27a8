import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, test } from 'node:test';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { openFirstSeen } from './first-seen.ts';
import { programFor } from './secret-program.ts';
import { readSecret, type SecretPlace } from './secret-source.ts';
import { staticSource } from './sources/static.ts';

/** Stand-ins of the programs on PATH: how they are called, and what is made of how they end. */

const path = process.env.PATH ?? '';
afterEach(() => {
  process.env.PATH = path;
});

const vault: SecretPlace = { kind: 'vault', mount: 'kv', path: 'shop/db', field: 'password' };
const op: SecretPlace = { kind: 'one-password', reference: 'op://team/shop/key' };
const keychain: SecretPlace = { kind: 'keychain', service: 'shop', account: 'key' };
const signal = new AbortController().signal;

/** A program of this name that writes its words into a file, says `out` and `err`, and ends with `status`. */
function standIn(folder: string, name: string, { out = '', err = '', status = 0, rest = '' }): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const file = join(bin, name);
  const script = `#!/bin/sh\nprintf '%s\\n' "$@" > ${join(folder, 'argv')}\nprintf %s '${out}'\nprintf %s '${err}' >&2\n${rest}\nexit ${status}\n`;
  writeFileSync(file, script);
  chmodSync(file, 0o755);
  process.env.PATH = `${bin}${delimiter}${path}`;
  return join(folder, 'argv');
}

async function why(place: SecretPlace, until = signal): Promise<string> {
  const read = await readSecret('credential x', place, until);
  return read.ok ? `read ${read.value}` : read.refusal.why;
}

test('each keeper is asked by the command line that it documents', { skip: process.platform === 'win32' }, async () => {
  using folder = temporaryFolder();
  const calls: readonly (readonly [SecretPlace, string, string])[] = [
    [op, 'op', 'read\n--no-newline\nop://team/shop/key\n'],
    [vault, 'vault', 'kv\nget\n-mount=kv\n-field=password\nshop/db\n'],
  ];
  for (const [place, name, argv] of calls) {
    const file = standIn(folder.path, name, { out: 'the-secret-itself' });
    assert.equal(await why(place), 'read the-secret-itself');
    assert.equal(readFileSync(file, 'utf8'), argv);
  }
  assert.deepEqual(programFor({ kind: 'keychain', service: 's', account: 'a' }, 'darwin').argv, [
    ...['security', 'find-generic-password', '-w', '-s', 's', '-a', 'a'],
  ]);
  assert.deepEqual(programFor({ kind: 'keychain', service: 's', account: 'a' }, 'linux').argv, [
    ...['secret-tool', 'lookup', 'service', 's', 'account', 'a'],
  ]);
  const windows = programFor({ kind: 'keychain', service: 's', account: '"; rm x' }, 'win32');
  assert.equal(windows.argv.join(' ').includes('rm x'), false, 'a name is no part of a script');
  assert.equal(windows.env?.SALLYPORT_SECRET, 's/"; rm x');
});

test('what goes wrong is said in our words, never in theirs', { skip: process.platform === 'win32' }, async () => {
  using folder = temporaryFolder();
  const spilt = 'token=hvs.CANARY0123456789';
  const faults: readonly (readonly [SecretPlace, string, object, RegExp])[] = [
    [
      op,
      'op',
      { err: `[ERROR] you are not currently signed in ${spilt}`, status: 1 },
      /^nobody is signed in to 1Password/,
    ],
    [op, 'op', { err: `"shop" isn'"'"'t an item ${spilt}`, status: 1 }, /^1Password has nothing at this reference$/],
    [
      vault,
      'vault',
      { err: `Code: 403. Errors: permission denied ${spilt}`, status: 2 },
      /^Vault does not let the gateway read it/,
    ],
    [vault, 'vault', { err: `dial tcp: connection refused ${spilt}`, status: 2 }, /^Vault cannot be reached/],
    [vault, 'vault', { err: `No value found at kv/data/shop ${spilt}`, status: 2 }, /^Vault has nothing at this path/],
    [vault, 'vault', { err: spilt, status: 7 }, /^`vault` failed with status 7$/],
    [vault, 'vault', { out: '' }, /^it is empty$/],
  ];
  for (const [place, name, how, expected] of faults) {
    standIn(folder.path, name, how);
    const said = await why(place);
    assert.match(said, expected);
    assert.equal(said.includes('CANARY'), false);
  }
  process.env.PATH = join(folder.path, 'nowhere');
  assert.equal(await why(vault), '`vault` is not to be found: the program is not on the gateway’s PATH');
});

test('a Linux keychain without the item, and without a service, are told apart', {
  skip: process.platform !== 'linux',
}, async () => {
  using folder = temporaryFolder();
  const file = standIn(folder.path, 'secret-tool', { out: 'pw' });
  assert.equal(await why(keychain), 'read pw');
  assert.equal(readFileSync(file, 'utf8'), 'lookup\nservice\nshop\naccount\nkey\n');
  standIn(folder.path, 'secret-tool', { status: 1 });
  assert.equal(await why(keychain), 'the keychain has no such item');
  standIn(folder.path, 'secret-tool', { err: 'Cannot autolaunch D-Bus without X11', status: 1 });
  assert.equal(await why(keychain), 'no Secret Service runs in the gateway’s session');
});

test('R8 a keeper that hangs is ended in time, its children with it or not', {
  skip: process.platform === 'win32',
}, async () => {
  using folder = temporaryFolder();
  standIn(folder.path, 'vault', { rest: 'sleep 30' });
  const before = performance.now();
  assert.equal(await why(vault, AbortSignal.timeout(500)), '`vault` did not end in time');
  assert.ok(performance.now() - before < 3_000);
});

test('a standing secret says how old it is, wherever it is kept, and when it is due', async () => {
  using folder = temporaryFolder();
  const clock = { now: 1_000_000_000_000 };
  const now = (): number => clock.now;
  const source = staticSource(
    { name: 'x', place: { kind: 'env', variable: 'SALLYPORT_TEST_KEY' }, secondsMax: undefined, rotateDays: 30 },
    now,
    openFirstSeen(folder.path, now),
  );
  const mint = () =>
    source.mint(
      {
        lease: 'l_1',
        principal: 'user:p',
        action: undefined,
        forTask: true,
        until: 0,
      },
      signal,
    );
  process.env.SALLYPORT_TEST_KEY = 'first-value-of-the-key';
  try {
    await mint();
    assert.deepEqual(source.state(), { state: 'ready', ageDays: 0 });
    clock.now += 31 * 86_400_000;
    await mint();
    assert.deepEqual(source.state(), { state: 'ready', ageDays: 31, note: '31 days old, to be changed every 30' });
    process.env.SALLYPORT_TEST_KEY = 'another-value-of-the-key';
    await mint();
    assert.deepEqual(source.state(), { state: 'ready', ageDays: 0 });
    const kept = readFileSync(join(folder.path, 'x.seen.json'), 'utf8');
    assert.equal(/value-of-the-key/.test(kept), false);
  } finally {
    delete process.env.SALLYPORT_TEST_KEY;
  }
});
