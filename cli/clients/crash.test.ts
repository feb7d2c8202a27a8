import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { killedAt } from '@sallyport/testkit/fakes/dying-disk.ts';
import { createFakeTerminal } from '@sallyport/testkit/fakes/terminal.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { main } from '../main.ts';

/**
 * Killed before one call after the other that changes the disk: whatever was reached, nothing of it stays once it is taken back.
 * Here it is one in some; `npm run deep:wrap-kill` kills real processes.
 */

const files: Readonly<Record<string, string>> = {
  '.cursor/mcp.json':
    '\ufeff{\r\n\t"mcpServers": {\r\n\t\t"hub": { "command": "npx", "env": { "HUB_TOKEN": "canary-7f" } }, // odd\r\n\t}\r\n}',
  '.codex/config.toml': '# mine\n[mcp_servers.git]\ncommand = "node" # odd\n[mcp_servers.git.env]\nA = "b"\n',
  '.config/goose/config.yaml': 'extensions:\n    git:\n        cmd: node\n        args:\n          - x\n',
  '.gemini/settings.json': '{ "mcpServers": { "git": { "command": "node" } }, "theme": "x" }',
};

function openHome(own?: string) {
  const folder = temporaryFolder();
  const home = folder.file('home');
  const put = (file: string, text: string): void => {
    mkdirSync(dirname(join(home, file)), { recursive: true });
    writeFileSync(join(home, file), text);
  };
  for (const [file, text] of Object.entries(files)) put(file, text);
  mkdirSync(join(home, '.config/opencode'));
  mkdirSync(join(home, '.copilot'));
  if (own !== undefined) put('.config/sallyport/sallyport.yaml', own);
  const before = listing(home);
  return {
    home,
    put,
    run: async (...argv: string[]): Promise<string> => {
      const terminal = createFakeTerminal({ cwd: home, env: { HOME: home, PATH: process.env.PATH ?? '' } });
      await main(
        ['--state', folder.file('state'), ...argv, ...(argv[0] === 'wrap' ? ['--keys', 'file'] : [])],
        terminal,
      );
      return terminal.stderr() + terminal.stdout();
    },
    isWrapped: (): boolean =>
      Object.keys(files).every(file => readFileSync(join(home, file), 'utf8').includes('--entry')),
    /** Nothing is as it was not before, and nothing of ours is kept. */
    assertBack: (when: string): void => {
      assert.deepEqual(listing(home), before, when);
      assert.equal(existsSync(folder.file('state/wrapped')), false, `${when}: keys are kept`);
    },
    [Symbol.dispose]: folder[Symbol.dispose],
  };
}

/** Files with bytes and modes, links with where they lead, and folders. */
function listing(home: string): Record<string, string> {
  const all = readdirSync(home, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    all.map(each => {
      const path = join(each.parentPath, each.name);
      if (each.isSymbolicLink()) return [path, `-> ${readlinkSync(path)}`];
      return [path, each.isFile() ? `${statSync(path).mode} ${readFileSync(path, 'hex')}` : 'a folder'];
    }),
  );
}

const owns = [undefined, '# mine\nmode: observe\npolicies: ./policies # own\n'];

describe('E3 E4 wrap and unwrap can be killed anywhere', () => {
  for (const own of owns) {
    const title = own === undefined ? 'without' : 'with';
    test(`wrap, ${title} a configuration of its user’s: unwrap brings back every byte`, async () => {
      using first = openHome(own);
      const calls = await killedAt(Number.POSITIVE_INFINITY, () => first.run('wrap', '--yes'));
      assert.ok(calls > 40 && first.isWrapped(), `${calls} calls`);
      for (let at = own === undefined ? 0 : 5; at < calls; at += 17) {
        using house = openHome(own);
        await killedAt(at, () => house.run('wrap', '--yes'));
        const said = await house.run('unwrap', '--all', '--yes');
        house.assertBack(`killed at ${at} of ${calls}: ${said}`);
      }
    });
  }

  test('wrap, and wrapped again: it is whole, and unwrap brings back every byte', async () => {
    using first = openHome();
    const calls = await killedAt(Number.POSITIVE_INFINITY, () => first.run('wrap', '--yes'));
    for (let at = 0; at < calls; at += 43) {
      using house = openHome();
      await killedAt(at, () => house.run('wrap', '--yes'));
      await killedAt(calls - at, () => house.run('wrap', '--yes'));
      const said = await house.run('wrap', '--yes');
      assert.ok(house.isWrapped(), `killed at ${at}: ${said}`);
      await house.run('unwrap', '--all', '--yes');
      house.assertBack(`killed at ${at} of ${calls}`);
    }
  });

  test('unwrap: a second one brings back the rest', async () => {
    using first = openHome(owns[1]);
    await first.run('wrap', '--yes');
    const calls = await killedAt(Number.POSITIVE_INFINITY, () => first.run('unwrap', '--all', '--yes'));
    first.assertBack('not killed');
    for (let at = 0; at < calls; at += 13) {
      using house = openHome(owns[1]);
      await house.run('wrap', '--yes');
      await killedAt(at, () => house.run('unwrap', '--all', '--yes'));
      const said = await house.run('unwrap', '--all', '--yes');
      house.assertBack(`killed at ${at} of ${calls}: ${said}`);
    }
  });
});

test('E4 a file that its client writes between two wraps: nothing of ours stays in it, and nothing of its own is lost', async () => {
  using house = openHome();
  const file = join(house.home, '.gemini/settings.json');
  await house.run('wrap', '--yes');
  const wrapped = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(
    file,
    JSON.stringify({ ...wrapped, late: 1, mcpServers: { ...wrapped.mcpServers, two: { command: 'two' } } }),
  );
  await house.run('wrap', '--yes');
  assert.ok(!readFileSync(file, 'utf8').includes('"two":{"command":"two"}'), 'the new one is wrapped as well');
  const said = await house.run('unwrap', '--all', '--yes');
  const now = JSON.parse(readFileSync(file, 'utf8'));
  const was = JSON.parse(files['.gemini/settings.json'] ?? '');
  assert.deepEqual(now, { ...was, late: 1, mcpServers: { ...was.mcpServers, two: { command: 'two' } } }, said);
  writeFileSync(file, files['.gemini/settings.json'] ?? '');
  house.assertBack(said);
});

test('an entry of ours that its client renamed or copied gets back what it was', async () => {
  using house = openHome();
  const file = join(house.home, '.gemini/settings.json');
  await house.run('wrap', '--yes');
  const { mcpServers, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...rest, mcpServers: { renamed: mcpServers.git, copy: mcpServers.git } }));
  await house.run('unwrap', '--all', '--yes');
  const own = { command: 'node' };
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')).mcpServers, { renamed: own, copy: own });
});

test('a file that cannot be written is named, stays on record or as it was, and the others are done', async () => {
  using house = openHome();
  const blocked = join(house.home, '.cursor/mcp.json.sallyport-new');
  mkdirSync(join(blocked, 'full'), { recursive: true });
  const said = await house.run('wrap', '--yes');
  assert.match(said, /\.cursor\/mcp\.json: left as it was: cannot be written \(\w+\)/);
  assert.equal(readFileSync(join(house.home, '.cursor/mcp.json'), 'utf8'), files['.cursor/mcp.json']);
  assert.ok(readFileSync(join(house.home, '.codex/config.toml'), 'utf8').includes('--entry'));
  rmSync(blocked, { recursive: true });
  await house.run('wrap', '--yes');
  assert.ok(house.isWrapped());
  mkdirSync(join(blocked, 'full'), { recursive: true });
  assert.match(
    await house.run('unwrap', '--all', '--yes'),
    /mcp\.json: cannot be written \(\w+\); it is still on record/,
  );
  rmSync(blocked, { recursive: true });
  house.assertBack(await house.run('unwrap', '--all', '--yes'));
});
