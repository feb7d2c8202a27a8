import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { parseConfig } from '@sallyport/gateway/app/config/config.ts';
import { hookClients } from '@sallyport/gateway/transports/hook/clients/all.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { carryOut } from '../carry-out.ts';
import { fileStore } from '../key-store.ts';
import { WrapStore } from '../record.ts';
import { clientsOn, codeUserFolder, type Machine } from '../table.ts';
import { planUndo, undo } from '../unwrap.ts';
import { changesHooks, planWrap, type WrapPlan } from '../wrap.ts';
import { isRefusal, runHook } from './canary.ts';
import { hooksIn, othersBeside } from './edit.ts';
import { pluginState } from './openclaw.ts';
import { hookCommand, hookTargetsOn } from './table.ts';

function openHome() {
  const folder = temporaryFolder();
  const home = folder.file('home');
  mkdirSync(home);
  const machine: Machine = { home, platform: 'linux', env: {}, cwd: join(home, 'project') };
  const clients = clientsOn(machine);
  const store = new WrapStore(folder.file('state'));
  const config = join(home, '.config', 'sallyport', 'sallyport.yaml');
  const put = (file: string, text: string | Buffer): void => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  return {
    ...{
      home,
      machine,
      clients,
      store,
      config,
      put,
      stateDir: folder.file('state'),
      [Symbol.dispose]: folder[Symbol.dispose],
    },
    target: (id: string) => hookTargetsOn(machine).find(({ client }) => client === id) ?? assert.fail(id),
    plan: (...ids: readonly string[]): WrapPlan =>
      planWrap({
        ...{ machine, clients: clients.filter(({ id }) => ids.includes(id)), project: false, config },
        ...{ stateDir: folder.file('state'), ownWords: [], principal: 'user:emma', hooks: true },
        keys: fileStore(store.keyFolder),
      }),
    back: (): void => {
      undo(planUndo(store.read().files, clients, store), store);
    },
    everything: (): Record<string, string> => {
      const files = readdirSync(home, { recursive: true, withFileTypes: true });
      return Object.fromEntries(
        files.map(each => {
          const path = join(each.parentPath, each.name);
          return [path, each.isFile() ? readFileSync(path, 'hex') : 'folder'];
        }),
      );
    },
  };
}

test('E2 E4 whoever has VS Code and no folder of Copilot gets its hooks, and loses them with the folder', () => {
  using house = openHome();
  mkdirSync(codeUserFolder(house.machine), { recursive: true });
  const was = house.everything();
  carryOut(house.plan('vscode'), house.store);
  assert.match(readFileSync(house.target('vscode').path, 'utf8'), /vscode tool/);
  house.back();
  assert.deepEqual(house.everything(), was);
});

const ids = hookTargetsOn({ home: '/h', platform: 'linux', env: {}, cwd: '/p' }).map(({ client }) => client);
const own =
  '{\r\n\t// mine\r\n\t"theme": "dark",\r\n\t"hooks": {\r\n\t\t"PreToolUse": [\r\n\t\t\t{ "matcher": "Bash", "hooks": [ { "type": "command", "command": "mine.sh" } ] } // keep\r\n\t\t],\r\n\t\t"preToolUse": [ { "command": "mine.sh" } ],\r\n\t},\r\n}';

describe('hooks are put into every client, and taken out again to the byte', () => {
  for (const id of ids)
    for (const [what, before] of [
      ['where there was no file', undefined],
      ['beside hooks of its own', own],
      ['in a file with a byte order mark', `\ufeff${own}`],
      ['in an empty file', ''],
    ] as const)
      test(`E2 E4 E5 ${id} ${what}`, () => {
        using house = openHome();
        const target = house.target(id);
        mkdirSync(target.homes[0] ?? assert.fail(), { recursive: true });
        if (before !== undefined) house.put(target.path, before);
        const was = house.everything();
        carryOut(house.plan(id), house.store);
        const text = readFileSync(target.path, 'utf8');
        if (id === 'openclaw') assert.equal(pluginState(text, house.stateDir), 'whole');
        else if (target.path.endsWith('.json')) {
          const commands = hooksIn(text);
          assert.ok(commands.some(({ command }) => command.endsWith(`${id} tool`)));
          assert.ok(commands.some(({ command }) => command.endsWith(`${id} prompt`)));
          if (before?.includes('mine.sh')) assert.equal(text.match(/mine\.sh/g)?.length, 2, 'what is the user’s stays');
        }
        const { hooks, agents } = parseConfig(house.config, readFileSync(house.config, 'utf8'));
        assert.deepEqual([hooks[0]?.agent, hooks[0]?.subagents], [id, `${id}.subagent`]);
        assert.ok(agents.some(agent => agent.id === `${id}.subagent`));
        assert.equal(house.plan(id).hooks.some(changesHooks), false, 'never twice');
        house.back();
        assert.deepEqual(house.everything(), was);
      });
});

test('E4 in a file that was changed since only our hooks go', () => {
  using house = openHome();
  const { path } = house.target('claude-code');
  house.put(path, '{ "model": "x" }');
  carryOut(house.plan('claude-code'), house.store);
  const edited = JSON.parse(readFileSync(path, 'utf8'));
  edited.hooks.PreToolUse.push({ hooks: [{ type: 'command', command: 'later.sh' }] });
  writeFileSync(path, JSON.stringify(edited));
  house.back();
  assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), {
    model: 'x',
    hooks: { PreToolUse: [{ hooks: [{ type: 'command', command: 'later.sh' }] }] },
  });
});

test('E2 E4 servers and hooks in one file, behind a link: both are wrapped, and both come back', () => {
  using house = openHome();
  const { path } = house.target('gemini');
  const real = join(house.home, 'dotfiles', 'gemini.json');
  house.put(real, '{ "mcpServers": { "git": { "command": "node", "args": ["x.js"] } } }');
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(real, path);
  const was = house.everything();
  carryOut(house.plan('gemini'), house.store);
  const text = readFileSync(real, 'utf8');
  assert.ok(/"--server",\s*"git"/.test(text) && hooksIn(text).length > 3, text);
  const [hook] = parseConfig(house.config, readFileSync(house.config, 'utf8')).hooks;
  assert.deepEqual(hook?.servers, { git: 'git' }, 'what is decided behind its entry is not asked about twice');
  const changed = JSON.parse(text);
  changed.theme = 'late';
  writeFileSync(real, JSON.stringify(changed));
  house.back();
  const { theme, mcpServers, hooks } = JSON.parse(readFileSync(real, 'utf8'));
  assert.deepEqual([theme, mcpServers.git.command, hooks], ['late', 'node', undefined]);
  assert.ok(lstatSync(path).isSymbolicLink() && was !== undefined);
});

test('E11 a file that cannot be read is left alone, with line and column', () => {
  using house = openHome();
  const { path } = house.target('claude-code');
  house.put(path, '{\n  "a": 1,\n  "b" 2\n}');
  const plan = house.plan('claude-code');
  assert.match(plan.unreadableHooks[0]?.why ?? '', /line 3, column \d+/);
  assert.deepEqual([plan.hooks.length, existsSync(house.config)], [0, false]);
});

test('a client that is not here gets no files', () => {
  using house = openHome();
  assert.deepEqual(house.plan(...ids).hooks, []);
});

test('every client of the table is one whose hooks are understood', () => {
  const known = hookClients.map(({ id }) => id);
  assert.deepEqual(
    ids.filter(id => !known.includes(id)),
    [],
  );
});

/** A socket that answers as told, and the call that leads to it. */
async function withGateway(
  listener: RequestListener | undefined,
  run: (stateDir: string) => Promise<void>,
): Promise<void> {
  using folder = temporaryFolder();
  const stateDir = folder.file("it's a state");
  mkdirSync(join(stateDir, 'hooks'), { recursive: true });
  const socket = join(stateDir, 'hook.sock');
  const server = listener && createServer(listener).listen(socket);
  const call = `unix-socket = ${JSON.stringify(socket)}\nurl = "http://localhost/hooks/x"\ndata-binary = "@-"\nmax-time = 0.5\nsilent\nfail\n`;
  for (const { id } of hookClients)
    for (const part of ['tool', 'prompt']) writeFileSync(join(stateDir, 'hooks', `${id}.${part}.curl`), call);
  try {
    await run(stateDir);
  } finally {
    server?.closeAllConnections();
    server?.close();
  }
}

const misfortunes: Readonly<Record<string, RequestListener | undefined>> = {
  'no gateway': undefined,
  'a gateway that never answers': () => {},
  'a gateway that hangs up': (_req, res) => void res.destroy(),
  garbage: (_req, res) => void res.end('Segmentation fault'),
  nothing: (_req, res) => void res.end(),
  'half an answer': (_req, res) => void res.end('{"hookSpecificOutput":'),
  'a refusal of the call itself': (_req, res) => void res.writeHead(401).end('{"error":{}}'),
  'a fault': (_req, res) => void res.writeHead(500).end('{}'),
};

describe('whatever goes wrong before a tool is a refusal, and never stands in the way of a user', () => {
  for (const [what, listener] of Object.entries(misfortunes))
    test(what, async () => {
      await withGateway(listener, async stateDir => {
        for (const { id } of hookClients) {
          const said = await runHook(
            hookCommand(id, 'tool', stateDir),
            { any: 'thing' },
            { PATH: process.env.PATH ?? '' },
          );
          assert.ok(isRefusal(said), `${id}: ${JSON.stringify(said)}`);
        }
        const prompt = await runHook(hookCommand('cursor', 'prompt', stateDir), {}, { PATH: process.env.PATH ?? '' });
        assert.deepEqual([prompt.status, JSON.parse(prompt.out)], [0, { continue: true }]);
        const other = await runHook(
          hookCommand('claude-code', 'prompt', stateDir),
          {},
          { PATH: process.env.PATH ?? '' },
        );
        assert.deepEqual([other.status, other.out.trim()], [0, '{}']);
      });
    });

  test('a state directory that is gone, and a machine without curl', async () => {
    for (const [dir, PATH] of [
      ['/nonexistent', process.env.PATH ?? ''],
      ['/nonexistent', '/nonexistent'],
    ] as const)
      assert.ok(isRefusal(await runHook(hookCommand('claude-code', 'tool', dir), {}, { PATH })));
  });

  test('an answer goes through as it came, whatever stands around the secret', async () => {
    const body = '{"hookSpecificOutput":{"permissionDecision":"allow"}}';
    await withGateway(
      (_req, res) => void res.end(body),
      async stateDir => {
        const said = await runHook(
          hookCommand('claude-code', 'tool', stateDir),
          {},
          { PATH: process.env.PATH ?? '', http_proxy: 'http://127.0.0.1:1' },
        );
        assert.deepEqual([said.status, said.out.trim()], [0, body]);
      },
    );
  });
});

test('hooks of others beside ours are counted, under our events alone', () => {
  const target = hookTargetsOn({ home: '/h', platform: 'linux', env: {}, cwd: '/h' }).find(
    ({ client }) => client === 'claude-code',
  );
  const text = JSON.stringify({
    hooks: {
      PreToolUse: [{ matcher: 'Bash', hooks: [{ type: 'command', command: 'rewrite' }] }],
      Stop: [{ hooks: [] }],
    },
  });
  assert.equal(othersBeside(target?.written(text, '/state') ?? ''), 1);
  assert.equal(othersBeside(target?.written(undefined, '/state') ?? ''), 0);
});
