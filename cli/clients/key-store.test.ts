import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { dropping, keeping } from '@sallyport/gateway/credentials/keychain.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { carryOut } from './carry-out.ts';
import { fileStore, type KeychainHost, keyAt, keychainMissing, keychainStore } from './key-store.ts';
import { WrapStore } from './record.ts';
import { clientsOn, type Machine } from './table.ts';
import { planUndo, undo } from './unwrap.ts';
import { planWrap } from './wrap.ts';

/** A stand-in of `secret-tool` that keeps items as files and writes down how it was called. */
const secretTool = `#!/bin/sh
items=$(dirname "$0")/items; mkdir -p "$items"
printf '%s\\n' "$*" >> "$(dirname "$0")/calls"
for last; do :; done
case $1 in
store) [ -e "$(dirname "$0")/full-at-$(ls "$items" | wc -l)" ] && { echo 'Cannot create an item: canary' >&2; exit 1; }
  cat > "$items/$last" ;;
lookup) [ -e "$items/$last" ] || exit 1; cat "$items/$last" ;;
clear) [ -e "$(dirname "$0")/stays" ] || rm -f "$items/$last" ;;
esac
`;

const keys = { MAIL_TOKEN: 'canary-4f1c77aa', MAIL_KEY: 'canary 9b\'"$(2) \\e' };

function openHouse() {
  const folder = temporaryFolder();
  const home = folder.file('home');
  const bin = folder.file('bin');
  mkdirSync(join(home, '.cursor'), { recursive: true });
  mkdirSync(bin);
  writeFileSync(join(bin, 'secret-tool'), secretTool);
  chmodSync(join(bin, 'secret-tool'), 0o755);
  const mail = { command: 'node', args: ['mail.js'], env: keys };
  const file = join(home, '.cursor', 'mcp.json');
  writeFileSync(file, `${JSON.stringify({ mcpServers: { mail } }, undefined, '\t')}\r\n`);
  const host: KeychainHost = { platform: 'linux', env: { PATH: `${bin}${delimiter}${process.env.PATH}` } };
  const machine: Machine = { home, cwd: home, ...host };
  const clients = clientsOn(machine);
  const stateDir = folder.file('state');
  const store = new WrapStore(stateDir);
  const options = { machine, clients, project: false, config: join(home, 'sallyport.yaml'), hooks: false, stateDir };
  return {
    ...{ file, host, clients, store, options, [Symbol.dispose]: folder[Symbol.dispose] },
    wrap: () =>
      carryOut(
        planWrap({ ...options, ownWords: [], principal: 'user:emma', keys: keychainStore(stateDir) }),
        store,
        host,
      ),
    inBin: (name: string): string => join(bin, name),
    items: (): string[] => (existsSync(join(bin, 'items')) ? readdirSync(join(bin, 'items')).sort() : []),
  };
}

test('E10 keys go into the keychain, the configuration refers to them, and unwrap takes them out again', () => {
  using house = openHouse();
  const before = readFileSync(house.file);
  assert.equal(keychainMissing(house.host), undefined);
  house.wrap();
  assert.equal(house.items().length, 2);
  const places = house.store.read().secrets;
  assert.deepEqual(
    places.map(place => keyAt(place, house.host)),
    Object.values(keys),
  );
  const config = readFileSync(house.options.config, 'utf8');
  assert.match(
    config,
    /mail-mail-token:\n\s+keychain:\n\s+service: sallyport\n\s+account: mail-mail-token\.[0-9a-f]{8}\n/,
  );
  for (const text of [config, readFileSync(house.file, 'utf8'), readFileSync(house.inBin('calls'), 'utf8')])
    assert.equal(/canary/.test(text), false, 'no key stands in a file of ours or in the words of a process');
  assert.equal(existsSync(house.store.keyFolder), false);
  assert.deepEqual(
    undo(planUndo(house.store.read().files, house.clients, house.store), house.store, house.host).kept,
    [],
  );
  assert.deepEqual(readFileSync(house.file), before);
  assert.deepEqual([house.items(), existsSync(house.options.config)], [[], false]);
});

test('E10 a keychain that fails at the second key leaves no key behind and no file changed', () => {
  using house = openHouse();
  const before = readFileSync(house.file);
  writeFileSync(house.inBin('full-at-1'), '');
  assert.throws(house.wrap, (thrown: Error & { fix?: string }) => {
    assert.match(thrown.message, /did not keep the key mail-mail-key\.[0-9a-f]{8}: its program ended with 1$/);
    assert.match(thrown.fix ?? '', /^Nothing was changed\./);
    return !/canary/.test(thrown.message);
  });
  assert.deepEqual([house.items(), house.store.read().files], [[], []]);
  assert.deepEqual(readFileSync(house.file), before);
});

test('E10 an item that the keychain does not let go of is told, and every file goes back all the same', () => {
  using house = openHouse();
  const before = readFileSync(house.file);
  house.wrap();
  writeFileSync(house.inBin('stays'), '');
  const { kept: left } = undo(planUndo(house.store.read().files, house.clients, house.store), house.store, house.host);
  assert.equal(left.length, 2);
  assert.deepEqual(readFileSync(house.file), before);
});

test('why there is no keychain is known before anything is changed', () => {
  using house = openHouse();
  assert.equal(keychainMissing({ platform: 'linux', env: { PATH: '/nowhere' } }), 'there is no secret-tool here');
  writeFileSync(house.inBin('secret-tool'), '#!/bin/sh\necho "Cannot autolaunch D-Bus without X11" >&2; exit 1\n');
  assert.equal(keychainMissing(house.host), 'no Secret Service runs in the gateway’s session');
});

test('no keychain’s program gets a key among its words', () => {
  const item = { service: 's', account: 'a' };
  for (const platform of ['linux', 'darwin', 'win32'] as const) {
    const { argv, env = {}, input = '' } = keeping(item, 'canary\n"', platform);
    assert.equal(/canary/.test([...argv, ...Object.values(env)].join()), false, platform);
    assert.ok(input.includes(platform === 'darwin' ? Buffer.from('canary\n"').toString('hex') : 'canary\n"'), platform);
    assert.ok(dropping(item, platform).argv.length > 1, platform);
  }
});

test('two variables whose names are cut to the same credential stay two keys, and a name that is taken stays whose it was', () => {
  using house = openHouse();
  const id = 'a-server-with-a-long-';
  const env = { A_VERY_LONG_ACCESS_TOKEN: 'canary-1', A_VERY_LONG_ACCESS_TOKEN_SECRET: 'canary-2' };
  writeFileSync(house.file, JSON.stringify({ mcpServers: { [id]: { command: 'x', args: [], env } } }));
  const taken = 'credentials:\n  a-server-with-a-long-a-very-long-acc: { env: THEIRS }\n';
  writeFileSync(house.options.config, taken);
  const keysIn = fileStore(house.store.keyFolder);
  const plan = planWrap({ ...house.options, ownWords: [], principal: 'user:emma', keys: keysIn });
  assert.equal(new Set(plan.keys.map(({ place }) => JSON.stringify(place))).size, 2);
  assert.match(plan.config.after.toString(), /a-server-with-a-long-a-very-long-acc: \{ env: THEIRS \}/);
});
