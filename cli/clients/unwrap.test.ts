import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { carryOut } from './carry-out.ts';
import { fileStore } from './key-store.ts';
import { sha256 } from './plan.ts';
import { WrapStore } from './record.ts';
import { clientsOn, type Machine } from './table.ts';
import { planUndo, type Undo, undo } from './unwrap.ts';
import { planWrap } from './wrap.ts';

/** Files that somebody edited after `wrap`: what is ours goes, and what is theirs stays. */

function openHome() {
  const folder = temporaryFolder();
  const home = folder.file('home');
  const machine: Machine = { home, platform: 'linux', env: {}, cwd: join(home, 'project') };
  const clients = clientsOn(machine);
  const store = new WrapStore(folder.file('state'));
  const put = (file: string, text: string): void => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  return {
    ...{ home, put, [Symbol.dispose]: folder[Symbol.dispose] },
    /** Where the record and the copies lie. */
    kept: folder.file('state/wrapped'),
    wrap: (...ids: readonly string[]): void => {
      const chosen = clients.filter(({ id }) => ids.includes(id));
      const options = { machine, clients: chosen, project: false, config: join(home, 'sallyport.yaml'), hooks: true };
      carryOut(
        planWrap({
          ...options,
          ...{ stateDir: folder.file('state'), ownWords: [], principal: 'user:emma', keys: fileStore(store.keyFolder) },
        }),
        store,
      );
    },
    /** What became of one file. */
    back: (file: string): Undo => {
      const plan = planUndo(store.read().files, clients, store);
      undo(plan, store);
      return plan.find(step => step.file.target === file) ?? assert.fail(`${file} is on no record`);
    },
  };
}

const files: Readonly<Record<string, { readonly file: string; readonly text: string; readonly comment: string }>> = {
  cursor: {
    file: '.cursor/mcp.json',
    text: '{\n\t"mcpServers": {\n\t\t"git": { "command": "node",   "args": [ "x.js" ] }\n\t}, // odd\n\t"mine": 1\n}\n',
    comment: '// later, by hand\n',
  },
  codex: {
    file: '.codex/config.toml',
    text: '# mine\nmodel   = "x"\n\n[mcp_servers.git]\ncommand = "node" # odd\nargs = [ "x.js" ]\n',
    comment: '# later, by hand\n',
  },
  goose: {
    file: '.config/goose/config.yaml',
    text: '# mine\nextensions:\n  git:\n    cmd:   node\n    args: [ x.js ]\n    type: stdio\n',
    comment: '# later, by hand\n',
  },
};

describe('E4 in a file that was edited since, every byte comes back but what was edited', () => {
  for (const [id, { file, text, comment }] of Object.entries(files))
    test(id, () => {
      using house = openHome();
      const path = join(house.home, file);
      house.put(path, text);
      house.wrap(id);
      const wrapped = readFileSync(path, 'utf8');
      assert.notEqual(wrapped, text);
      writeFileSync(path, comment + wrapped);
      const done = house.back(path);
      assert.deepEqual([done.kind, done.kind === 'entries' && done.exact], ['entries', true]);
      assert.equal(readFileSync(path, 'utf8'), comment + text);
    });

  test('a client that laid the whole file out anew gets its servers back, and is not told that every byte stayed', () => {
    using house = openHome();
    const path = join(house.home, '.cursor/mcp.json');
    house.put(path, files.cursor?.text ?? '');
    house.wrap('cursor');
    const value = JSON.parse(readFileSync(path, 'utf8').replace('// odd', ''));
    writeFileSync(path, JSON.stringify({ ...value, late: true }));
    const done = house.back(path);
    assert.deepEqual([done.kind, done.kind === 'entries' && done.exact], ['entries', false]);
    const now = JSON.parse(readFileSync(path, 'utf8'));
    assert.deepEqual(now, { mcpServers: { git: { command: 'node', args: ['x.js'] } }, mine: 1, late: true });
  });
});

test('a file of hooks that wrap made, and its client only laid out anew, goes again', () => {
  using house = openHome();
  const path = join(house.home, '.cursor/hooks.json');
  mkdirSync(dirname(path), { recursive: true });
  house.wrap('cursor');
  writeFileSync(path, JSON.stringify(JSON.parse(readFileSync(path, 'utf8'))));
  assert.equal(house.back(path).kind, 'restore');
  assert.equal(existsSync(path), false);
});

test('a plugin of ours that somebody edited stands in nobody’s way, and is kept', () => {
  using house = openHome();
  const path = join(house.home, '.config/opencode/plugins/sallyport.js');
  mkdirSync(join(house.home, '.config/opencode'), { recursive: true });
  house.wrap('opencode');
  writeFileSync(path, `${readFileSync(path, 'utf8')}// mine\n`);
  assert.equal(house.back(path).kind, 'aside');
  assert.deepEqual([existsSync(path), readFileSync(`${path}.edited`, 'utf8').endsWith('// mine\n')], [false, true]);
});

test('servers that Claude Code keeps for one folder are wrapped as well, run in that folder, and come back', () => {
  using house = openHome();
  const path = join(house.home, '.claude.json');
  const git = { type: 'stdio', command: 'node', args: ['x.js'] };
  const text = JSON.stringify({ projects: { '/home/emma/shop': { mcpServers: { git }, history: [] } } }, undefined, 2);
  house.put(path, text);
  house.wrap('claude-code');
  const entry = JSON.parse(readFileSync(path, 'utf8')).projects['/home/emma/shop'].mcpServers.git;
  assert.ok(entry.args.includes('--entry'), JSON.stringify(entry));
  assert.match(readFileSync(join(house.home, 'sallyport.yaml'), 'utf8'), /cwd: \/home\/emma\/shop/);
  assert.equal(house.back(path).kind, 'restore');
  assert.equal(readFileSync(path, 'utf8'), text);
});

test('E4 a copy that was damaged is put in no file’s place, and the file keeps what it has', () => {
  using house = openHome();
  const { file, text } = files.cursor ?? assert.fail();
  const path = join(house.home, file);
  house.put(path, text);
  house.wrap('cursor');
  const wrapped = readFileSync(path, 'utf8');
  const copy = join(house.kept, `${sha256(Buffer.from(text))}.orig`);
  const whole = readFileSync(copy, 'utf8');
  for (const damaged of ['', whole.slice(0, 40), 'x']) {
    writeFileSync(copy, damaged);
    const done = house.back(path);
    assert.match(done.kind === 'stuck' ? done.why : done.kind, /^the copy [0-9a-f]{12} is damaged: restore .*\.orig$/);
    assert.equal(readFileSync(path, 'utf8'), wrapped);
  }
  writeFileSync(copy, whole);
  house.back(path);
  assert.equal(readFileSync(path, 'utf8'), text);
});

test('E4 a record that was damaged is said to be, and is not taken for none', () => {
  using house = openHome();
  const { file, text } = files.cursor ?? assert.fail();
  house.put(join(house.home, file), text);
  house.wrap('cursor');
  const record = join(house.kept, 'record.json');
  for (const damaged of ['', readFileSync(record, 'utf8').slice(0, 40), 'null', '{"v":1}']) {
    writeFileSync(record, damaged);
    assert.throws(() => house.back(file), {
      name: 'PrivateFileError',
      message: /record\.json is not as it was written/,
    });
  }
});
