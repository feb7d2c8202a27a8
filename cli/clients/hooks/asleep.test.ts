import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { readDocument } from '../edit/document.ts';
import type { Machine } from '../table.ts';
import { asleep } from './asleep.ts';
import { hooksState } from './findings.ts';
import { type HookTarget, hookTargetsOn } from './table.ts';

const stateDir = '/state';

function openHome() {
  const folder = temporaryFolder();
  const home = folder.file('home');
  const machine: Machine = { home, platform: 'linux', env: {}, cwd: join(home, 'project'), root: folder.file('root') };
  const put = (file: string, text: string): void => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const target = (id: string): HookTarget =>
    hookTargetsOn(machine).find(({ client }) => client === id) ?? assert.fail(id);
  return {
    ...{ home, machine, put, target, etc: folder.file('root/etc'), [Symbol.dispose]: folder[Symbol.dispose] },
    /** The client's file with our hooks, as `wrap` writes it. */
    hooked: (id: string): HookTarget => {
      const found = target(id);
      put(found.path, found.written(undefined, stateDir));
      return found;
    },
  };
}

type Home = ReturnType<typeof openHome>;

/** Client, layer, what stands there, and what is said of it. */
const layers: readonly (readonly [string, (home: Home) => string, string, RegExp])[] = [
  [
    'claude-code',
    ({ home }) => join(home, 'project/.claude/settings.local.json'),
    '{"disableAllHooks":true}',
    /disableAllHooks/,
  ],
  [
    'claude-code',
    ({ home }) => join(home, 'project/.claude/settings.json'),
    '{"env":{"PATH":"/tmp/odd:/usr/bin"}}',
    /another PATH/,
  ],
  [
    'claude-code',
    ({ etc }) => join(etc, 'claude-code/managed-settings.json'),
    '{"allowManagedHooksOnly":true}',
    /allowManagedHooksOnly/,
  ],
  ['codex', ({ home }) => join(home, '.codex/config.toml'), '[features]\nhooks = false\n', /features\.hooks/],
  [
    'codex',
    ({ etc }) => join(etc, 'codex/requirements.toml'),
    'allow_managed_hooks_only = true\n',
    /allow_managed_hooks_only/,
  ],
  [
    'gemini',
    ({ home }) => join(home, 'project/.gemini/settings.json'),
    '{"hooksConfig":{"enabled":false}}',
    /hooksConfig\.enabled/,
  ],
  [
    'gemini',
    ({ etc }) => join(etc, 'gemini-cli/settings.json'),
    '{"hooksConfig":{"disabled":["sallyport"]}}',
    /hooksConfig\.disabled/,
  ],
  ['vscode', ({ home }) => join(home, '.copilot/config.json'), '{"disableAllHooks":true}', /disableAllHooks/],
];

describe('what puts a client’s hooks to sleep is found in every layer that is read', () => {
  for (const [id, file, text, says] of layers)
    test(`${id}: ${says.source}`, () => {
      using home = openHome();
      const target = home.hooked(id);
      if (id !== 'codex') assert.equal(asleep(target, home.machine), undefined, 'awake before');
      home.put(file(home), text);
      const found = asleep(target, home.machine);
      assert.match(found?.why ?? '', says);
      assert.ok(found?.fix.includes(file(home)), 'the file is named');
    });

  test('Codex sleeps until its user trusted the hooks of this very file', () => {
    using home = openHome();
    const target = home.hooked('codex');
    assert.match(asleep(target, home.machine)?.why ?? '', /trust new hooks/);
    const trusted = (path: string): string => `[hooks.state."${path}:pre_tool_use:0:0"]\ntrusted_hash = "x"\n`;
    home.put(join(home.home, '.codex/config.toml'), trusted('/elsewhere/hooks.json'));
    assert.match(asleep(target, home.machine)?.why ?? '', /trust new hooks/);
    home.put(join(home.home, '.codex/config.toml'), trusted(target.path));
    assert.equal(asleep(target, home.machine), undefined);
  });

  test('a layer that cannot be read, or says the opposite, puts nothing to sleep', () => {
    using home = openHome();
    const target = home.hooked('claude-code');
    home.put(join(home.home, 'project/.claude/settings.json'), '{"disableAllHooks":');
    home.put(join(home.home, 'project/.claude/settings.local.json'), '{"disableAllHooks":false}');
    assert.equal(asleep(target, home.machine), undefined);
  });
});

describe('hooks that are not as they were written are found', () => {
  const edits: Readonly<Record<string, (text: string) => string>> = {
    'its matcher meets nothing': text => text.replace('"matcher": "*"', '"matcher": "Nothing"'),
    'a failure lets the call pass': text => text.replace('"onFailure": "block"', '"onFailure": "continue"'),
    'it runs another program': text => text.replace(/hook\.sh/, 'true.sh'),
    'one event has none': text => text.replace('"PreToolUse"', '"Stop"'),
  };
  for (const [what, edit] of Object.entries(edits))
    test(what, () => {
      using home = openHome();
      const target = home.hooked('claude-code');
      assert.equal(hooksState(target, stateDir).kind, 'whole');
      const text = readFileSync(target.path, 'utf8');
      const edited = edit(text);
      assert.notEqual(edited, text);
      home.put(target.path, edited);
      assert.equal(hooksState(target, stateDir).kind, 'changed');
      // `wrap` again puts them right, and only them.
      home.put(target.path, target.written(edited, stateDir));
      assert.equal(hooksState(target, stateDir).kind, 'whole');
    });

  test('what its client writes beside them is its own affair', () => {
    using home = openHome();
    const target = home.hooked('claude-code');
    const root = JSON.parse(readFileSync(target.path, 'utf8'));
    root.theme = 'dark';
    root.hooks.PreToolUse.push({ hooks: [{ type: 'command', command: 'mine.sh' }] });
    home.put(target.path, JSON.stringify(root));
    assert.equal(hooksState(target, stateDir).kind, 'whole');
  });

  test('a plugin that was edited by one letter', () => {
    using home = openHome();
    const target = home.hooked('opencode');
    assert.equal(hooksState(target, stateDir).kind, 'whole');
    home.put(target.path, `${readFileSync(target.path, 'utf8')} `);
    assert.deepEqual(hooksState(target, stateDir), { kind: 'changed', what: 'the plugin was edited' });
  });

  test('a file without any is none, and one that cannot be parsed is said to be', () => {
    using home = openHome();
    const target = home.target('claude-code');
    assert.equal(hooksState(target, stateDir).kind, 'none');
    home.put(target.path, '{"hooks":');
    assert.equal(hooksState(target, stateDir).kind, 'unreadable');
  });

  const openclaw: Readonly<Record<string, string>> = {
    'it is switched off': '"enabled": true',
    'it asks where nobody listens': '"stateDir": "/state"',
  };
  for (const [what, member] of Object.entries(openclaw))
    test(`OpenClaw’s plugin: ${what}`, () => {
      using home = openHome();
      const target = home.hooked('openclaw');
      assert.equal(hooksState(target, stateDir).kind, 'whole');
      const text = readFileSync(target.path, 'utf8');
      home.put(
        target.path,
        text.replace(
          member,
          member.replace(/true|state"$/, each => (each === 'true' ? 'false' : 'other"')),
        ),
      );
      assert.equal(hooksState(target, stateDir).kind, 'changed');
    });

  test('OpenClaw’s plugin is put into a list of those that are let in, and not run where all are switched off', () => {
    using home = openHome();
    const target = home.target('openclaw');
    const before = '{\n  // mine\n  "plugins": { "allow": ["voice"], "load": { "paths": ["/mine"] } },\n}\n';
    const text = target.written(before, stateDir);
    assert.deepEqual((readDocument('json', text) as { plugins: { allow: unknown } }).plugins.allow, [
      'voice',
      'sallyport',
    ]);
    assert.ok(text.includes('// mine') && text.includes('"/mine"'));
    home.put(target.path, text.replace('"plugins": {', '"plugins": { "enabled": false,'));
    assert.equal(hooksState(target, stateDir).kind, 'changed');
  });
});
