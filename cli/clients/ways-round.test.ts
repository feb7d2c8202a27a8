import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { carryOut } from './carry-out.ts';
import { fileStore } from './key-store.ts';
import { keysElsewhere } from './keys-elsewhere.ts';
import { managedFindings } from './managed.ts';
import { WrapStore } from './record.ts';
import { clientsOn, type Machine } from './table.ts';
import { planWrap } from './wrap.ts';

/** Ways round the gateway that stand outside what `wrap` writes to. */

const key = 'canary-31f0aa72';
const server = { command: 'node', args: ['mail.js'], env: { MAIL_API_KEY: key } };

/** A home in which a server with a key was wrapped. */
function openWrapped(env: NodeJS.ProcessEnv = {}) {
  const folder = temporaryFolder();
  const home = folder.file('home');
  const machine: Machine = { home, platform: 'linux', env, cwd: join(home, 'project'), root: folder.file('root') };
  const put = (file: string, text: string): void => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  put(join(home, '.cursor', 'mcp.json'), JSON.stringify({ mcpServers: { mail: server } }));
  const clients = clientsOn(machine);
  const store = new WrapStore(folder.file('state'));
  const config = join(home, 'sallyport.yaml');
  const options = { machine, clients, project: false, config, stateDir: folder.path, ownWords: [], hooks: false };
  carryOut(planWrap({ ...options, principal: 'user:emma', keys: fileStore(store.keyFolder) }), store);
  return {
    ...{ home, machine, clients, store, put },
    etc: folder.file('root/etc'),
    [Symbol.dispose]: folder[Symbol.dispose],
  };
}

test('a moved key that stands nowhere else is no finding', () => {
  using house = openWrapped({ PATH: '/usr/bin' });
  assert.equal(house.store.read().secrets.length, 1);
  assert.deepEqual(keysElsewhere(house.machine, house.clients, house.store), []);
});

test('E10 a moved key is found in a shell profile, another client’s file, the project and the environment, and not shown', () => {
  using house = openWrapped({ MAIL: `Bearer ${key}` });
  house.put(join(house.home, '.zshrc'), `alias x=y\nexport MAIL_API_KEY=${key}\n`);
  house.put(join(house.home, '.kiro/settings/mcp.json'), JSON.stringify({ mcpServers: { mail: server } }));
  house.put(join(house.home, '.cursor/mcp.json.bak'), `{ "old": "${key}" }\n`);
  house.put(join(house.home, '.bash_history'), `ls\ncurl -H 'X-Key: ${key}' https://mail.example\n`);
  house.put(join(house.home, 'project/.env'), `MAIL_API_KEY=${key}\n`);
  const found = keysElsewhere(house.machine, house.clients, house.store);
  const says = found.map(each => each.says).join('\n');
  for (const place of [
    /environment \(MAIL\)/,
    /\.zshrc, line 2/,
    /\.kiro\/settings\/mcp\.json/,
    /project\/\.env, line 1/,
    /\.cursor\/mcp\.json\.bak, line 1/,
    /\.bash_history, line 2/,
  ])
    assert.match(says, place);
  assert.deepEqual([found.length, found.every(({ state }) => state === 'bad')], [6, true]);
  assert.ok(!JSON.stringify(found).includes(key));
});

test('a managed layer that starts a server of the gateway is a way round it, any other is told', () => {
  using house = openWrapped();
  const other = { command: 'node', args: ['other.js'] };
  house.put(join(house.etc, 'claude-code/managed-mcp.json'), JSON.stringify({ mcpServers: { post: server, other } }));
  house.put(join(house.etc, 'codex/config.toml'), '[mcp_servers.mail\n');
  const found = managedFindings(house.machine, house.clients, house.store);
  assert.deepEqual(
    found.map(({ state, says }) => [state, /post .*behind mail|other .*manages|cannot be read/.test(says)]),
    [
      ['bad', true],
      ['advice', true],
      ['bad', true],
    ],
  );
});
