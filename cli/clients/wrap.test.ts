import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { parseConfig } from '@sallyport/gateway/app/config/config.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { carryOut } from './carry-out.ts';
import { lineDiff } from './diff.ts';
import { readDocument } from './edit/document.ts';
import { fileStore } from './key-store.ts';
import { isOurs } from './plan.ts';
import { WrapStore } from './record.ts';
import { described, isRecord } from './shape.ts';
import { type Client, clientsOn, type Machine } from './table.ts';
import { planUndo, undo } from './unwrap.ts';
import { planWrap, type WrapPlan } from './wrap.ts';

/** A home folder of its own, in which `wrap` works. */
function openHome(platform: NodeJS.Platform = 'linux') {
  const folder = temporaryFolder();
  const home = folder.file('home');
  mkdirSync(home);
  const machine: Machine = { home, platform, env: {}, cwd: join(home, 'project') };
  const clients = clientsOn(machine);
  const store = new WrapStore(folder.file('state'));
  const config = join(home, '.config', 'sallyport', 'sallyport.yaml');
  return {
    ...{ home, machine, clients, store, config, [Symbol.dispose]: folder[Symbol.dispose] },
    client: (id: string): Client => clients.find(each => each.id === id) ?? assert.fail(id),
    put: (file: string, text: string | Buffer): void => {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    },
    plan: (chosen: readonly Client[] = clients, project = false, hooks = false): WrapPlan =>
      planWrap({
        machine,
        clients: chosen,
        project,
        config,
        stateDir: folder.path,
        ownWords: [],
        principal: 'user:emma',
        hooks,
        keys: fileStore(store.keyFolder),
      }),
    everything: (): Record<string, string> => listing(home),
  };
}

function listing(dir: string): Record<string, string> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter(each => each.isFile());
  return Object.fromEntries(
    files.map(each => [join(each.parentPath, each.name), readFileSync(join(each.parentPath, each.name), 'hex')]),
  );
}

/** One server in the words of each client that we know. */
const stdio: Readonly<Record<string, string>> = {
  goose:
    'extensions:\n  git:\n    name: git\n    type: stdio\n    cmd: node\n    args: [x.js]\n    envs:\n      A: b\n    enabled: true\n',
  codex: '[mcp_servers.git]\ncommand = "node"\nargs = ["x.js"]\nenv = { A = "b" }\n',
  grok: '[mcp_servers.git]\ncommand = "node"\nargs = ["x.js"]\n\n[mcp_servers.git.env]\nA = "b"\n',
  opencode:
    '{ "mcp": { "git": { "type": "local", "command": ["node", "x.js"], "environment": { "A": "b" }, "enabled": true } } }',
  kilo: '{ "mcp": { "git": { "type": "local", "command": ["node", "x.js"], "environment": { "A": "b" } } } }',
  fx: '{ "mcp": { "git": { "type": "local", "command": ["node", "x.js"], "environment": { "A": "b" } } } }',
  vscode:
    '{ "servers": { "git": { "type": "stdio", "command": "node", "args": ["x.js"], "env": { "A": "b" } } }, "inputs": [] }',
  zed: '{ "theme": "x", "context_servers": { "git": { "source": "custom", "command": "node", "args": ["x.js"], "env": { "A": "b" } } } }',
  openclaw: '{ "mcp": { "servers": { "git": { "command": "node", "args": ["x.js"], "env": { "A": "b" } } } } }',
  kimi: '{ "mcpServers": { "git": { "transport": "stdio", "command": "node", "args": ["x.js"], "env": { "A": "b" } } } }',
};
const standard =
  '{ "mcpServers": { "git": { "command": "node", "args": ["x.js"], "env": { "A": "b" }, "timeout": 7 } } }';

describe('every client is wrapped in its own words, and gets back every byte', () => {
  for (const { id } of clientsOn({ home: '/h', platform: 'linux', env: {}, cwd: '/p' }))
    test(`E2 E4 ${id}`, () => {
      using house = openHome();
      const client = house.client(id);
      const file = client.files[0]?.path ?? '';
      house.put(file, stdio[id] ?? standard);
      const before = house.everything();
      carryOut(house.plan([client]), house.store);
      const entry = entryIn(client, readFileSync(file, 'utf8'));
      assert.ok(isOurs(entry), JSON.stringify(entry));
      assert.ok(isRecord(entry) && !JSON.stringify(entry).includes('x.js'), 'what it ran stands there no more');
      const { servers, agents } = parseConfig(house.config, readFileSync(house.config, 'utf8'));
      const [server] = servers;
      assert.ok(server?.launch.kind === 'command');
      assert.deepEqual([server.launch.command, server.launch.args, server.launch.env.A], ['node', ['x.js'], 'b']);
      assert.deepEqual([agents[0]?.id, agents[0]?.entries], [id, [id]]);
      assert.equal(house.plan([client]).files[0]?.after.equals(readFileSync(file)), true, 'E5 never wrapped twice');
      undo(planUndo(house.store.read().files, house.clients, house.store), house.store);
      assert.deepEqual(house.everything(), before);
    });
});

function entryIn(client: Client, text: string): unknown {
  const root = readDocument(client.format, text);
  const found = client.keys.map(path =>
    [...path, 'git'].reduce<unknown>((at, step) => (isRecord(at) ? at[step] : undefined), root),
  );
  return found.find(isRecord);
}

test('E10 keys leave the file for private ones, are shown to nobody, and what the client fills in stays untouched', () => {
  using house = openHome();
  const file = join(house.home, '.cursor', 'mcp.json');
  const servers = {
    hub: { command: 'npx', args: ['hub'], env: { GITHUB_TOKEN: 'canary-4f1c77aa', LOG: 'info' } },
    wiki: {
      url: 'https://wiki.example/mcp',
      headers: { Authorization: 'Bearer canary-9b2e01dd', 'X-Client': 'cursor' },
    },
    asks: { command: 'npx', args: ['y'], env: { KEY: '${input:key}' } },
    signs: { url: 'https://sign.example/mcp' },
    odd: { type: 'sdk' },
  };
  house.put(file, JSON.stringify({ mcpServers: servers }, undefined, 2));
  const plan = house.plan();
  const fates = Object.fromEntries((plan.files[0]?.entries ?? []).map(({ name, fate }) => [name, fate.kind]));
  assert.deepEqual(fates, { hub: 'wrap', wiki: 'wrap', asks: 'left', signs: 'left', odd: 'left' });
  carryOut(plan, house.store);
  const after = JSON.parse(readFileSync(file, 'utf8')).mcpServers;
  assert.deepEqual([after.asks, after.signs, after.odd], [servers.asks, servers.signs, servers.odd]);
  const config = readFileSync(house.config, 'utf8');
  assert.ok(!/canary/.test(config + readFileSync(file, 'utf8')));
  const { credentials, servers: moved } = parseConfig(house.config, config);
  const keys = credentials.flatMap(each =>
    each.kind === 'static' && each.place.kind === 'file' ? [each.place.file] : [],
  );
  assert.deepEqual(keys.map(key => readFileSync(key, 'utf8').trim()).sort(), ['canary-4f1c77aa', 'canary-9b2e01dd']);
  for (const key of keys) assert.equal(statSync(key).mode & 0o777, 0o600);
  const wiki = moved.find(({ id }) => id === 'wiki')?.launch;
  assert.deepEqual(wiki?.kind === 'http' && wiki.headers, {
    Authorization: { credential: 'wiki-authorization', scheme: 'Bearer' },
    'X-Client': { value: 'cursor' },
  });
  const diff = lineDiff(plan.files[0]?.before.toString() ?? '', plan.files[0]?.after.toString() ?? '', [
    ...plan.keys.map(({ secret }) => secret),
  ]);
  assert.ok(diff.length > 5 && !diff.join('\n').includes('canary'));
});

test('E4 a file that was changed since loses our entries alone', () => {
  using house = openHome();
  const client = house.client('cursor');
  const file = client.files[0]?.path ?? '';
  house.put(file, standard);
  carryOut(house.plan([client]), house.store);
  const edited = JSON.parse(readFileSync(file, 'utf8'));
  edited.mcpServers.mine = { command: 'own' };
  writeFileSync(file, JSON.stringify(edited, undefined, 2));
  const plan = planUndo(house.store.read().files, house.clients, house.store);
  assert.deepEqual(plan.map(({ kind }) => kind).sort(), ['entries', 'restore']);
  undo(plan, house.store);
  const { git, mine } = JSON.parse(readFileSync(file, 'utf8')).mcpServers;
  assert.deepEqual([git, mine], [JSON.parse(standard).mcpServers.git, { command: 'own' }]);
  assert.equal(existsSync(house.config), false);
});

test('E4 the gateway’s own configuration keeps what its user wrote into it, and loses what wrap did', () => {
  using house = openHome();
  const mine = '# mine\nmode: observe # strict later\npolicies: ./policies\nagents:\n  a: { principal: "user:a" }\n';
  house.put(house.config, mine);
  house.put(house.client('cursor').files[0]?.path ?? '', standard);
  carryOut(house.plan(), house.store);
  const wrapped = readFileSync(house.config, 'utf8');
  const edit = (text: string): string => text.replace('observe # strict later', 'enforce # now');
  writeFileSync(house.config, edit(wrapped));
  const plan = planUndo(house.store.read().files, house.clients, house.store);
  assert.deepEqual(
    plan.map(({ kind }) => kind),
    ['restore', 'entries'],
    JSON.stringify(plan.map(step => step.kind === 'stuck' && step.why)),
  );
  undo(plan, house.store);
  assert.match(readFileSync(house.config, 'utf8'), /^# mine\nmode: enforce # now\n/);
  assert.ok(!/cursor|git/.test(readFileSync(house.config, 'utf8')));
  assert.ok(isRecord(parseConfig(house.config, readFileSync(house.config, 'utf8'))));
});

test('E11 a file that cannot be read is left alone, with its line, and the others are wrapped', () => {
  using house = openHome();
  const broken = join(house.home, '.cursor', 'mcp.json');
  house.put(broken, '{\n  "mcpServers": {\n    "x": {"command": "a",, }\n');
  house.put(join(house.home, '.kiro', 'settings', 'mcp.json'), Buffer.from([0xff, 0xfe, 0x7b]));
  house.put(join(house.home, '.codex', 'config.toml'), stdio.codex ?? '');
  const plan = house.plan();
  assert.deepEqual(
    plan.unreadable.map(({ client, why }) => [client.id, why.replace(/:.*/, '')]),
    [
      ['cursor', 'line 3, column 26'],
      ['kiro', 'is not UTF-8'],
    ],
  );
  const bytes = readFileSync(broken);
  carryOut(plan, house.store);
  assert.ok(readFileSync(broken).equals(bytes));
  assert.deepEqual(
    plan.files.map(({ client }) => client.id),
    ['codex'],
  );
});

test('E2 links stay links, and modes stay modes', () => {
  using house = openHome();
  const real = join(house.home, 'dotfiles', 'mcp.json');
  house.put(real, standard);
  chmodSync(real, 0o640);
  mkdirSync(join(house.home, '.cursor'));
  const link = join(house.home, '.cursor', 'mcp.json');
  symlinkSync(real, link);
  carryOut(house.plan(), house.store);
  assert.ok(lstatSync(link).isSymbolicLink() && isOurs(entryIn(house.client('cursor'), readFileSync(real, 'utf8'))));
  assert.equal(statSync(real).mode & 0o777, 0o640);
  undo(planUndo(house.store.read().files, house.clients, house.store), house.store);
  assert.equal(readFileSync(real, 'utf8'), standard);
});

test('project files are touched only when asked for, and no file is ever made beside another (E6, E7)', () => {
  using house = openHome();
  const project = join(house.machine.cwd, '.github', 'mcp.json');
  house.put(project, standard);
  assert.equal(house.plan().files.length, 0);
  const plan = house.plan(house.clients, true);
  assert.deepEqual(
    plan.files.map(({ client }) => client.id),
    ['copilot-cli'],
  );
  carryOut(plan, house.store);
  assert.deepEqual(readdirSync(house.machine.cwd), ['.github']);
  assert.equal(parseConfig(house.config, readFileSync(house.config, 'utf8')).servers.length, 1);
});

test('the same server in two clients is one server; the same name for two is two', () => {
  using house = openHome();
  house.put(join(house.home, '.cursor', 'mcp.json'), standard);
  house.put(join(house.home, '.codeium', 'windsurf', 'mcp_config.json'), standard);
  house.put(join(house.home, '.codex', 'config.toml'), '[mcp_servers.git]\ncommand = "other"\n');
  carryOut(house.plan(), house.store);
  const { servers, agents } = parseConfig(house.config, readFileSync(house.config, 'utf8'));
  assert.deepEqual(
    servers.map(({ id }) => id),
    ['git', 'git-2'],
  );
  assert.deepEqual(agents.map(({ id }) => id).sort(), ['codex', 'cursor', 'windsurf']);
  assert.deepEqual(
    [...new Set(servers.map(({ segment }) => segment))],
    ['laptop'],
    'no step between them is a crossing',
  );
});

test('an own configuration keeps its comments, and one that could not be read is not written', () => {
  using house = openHome();
  house.put(house.config, '# mine\nmode: enforce # strict\nservers:\n  git: { command: theirs }\n');
  house.put(join(house.home, '.cursor', 'mcp.json'), standard);
  carryOut(house.plan(), house.store);
  const text = readFileSync(house.config, 'utf8');
  assert.match(text, /^# mine\nmode: enforce # strict\n/);
  assert.deepEqual(
    parseConfig(house.config, text).servers.map(({ id }) => id),
    ['git', 'git-2'],
  );
  rmSync(join(house.home, '.cursor'), { recursive: true });
  house.put(house.config, 'mode: enforce\nunheard-of: 1\n');
  house.put(join(house.home, '.codex', 'config.toml'), stdio.codex ?? '');
  assert.throws(() => house.plan(), /unheard-of.*is not known here/);
});

test('what is not certain is left as it is', () => {
  const left = [
    7,
    'x',
    {},
    { command: 5 },
    { command: 'x', args: 'y' },
    { command: 'x', env: { A: {} } },
    { url: 'nonsense' },
    { command: '$HOME' },
    { command: 'x', args: ['${workspaceFolder}'] },
  ];
  for (const entry of left) assert.equal(described(entry, 'standard').kind, 'other', JSON.stringify(entry));
});
