import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalText, parseJson, resultJsonLimits } from '@sallyport/core/model/json.ts';
import { actOf } from './acts.ts';
import { placeIn } from './place.ts';

const root = '/home/emma/shop';

/** What a client's tool comes down to, and with which arguments. */
function act(tool: string, input: object): readonly [string, Record<string, unknown>] {
  const parsed = parseJson(JSON.stringify(input), resultJsonLimits);
  assert.ok(parsed.ok && parsed.node.kind === 'object');
  const made = actOf(tool, parsed.node, { root, cwd: root });
  assert.equal(made.kind, 'tool');
  return made.kind === 'tool' ? [made.name, JSON.parse(normalText(made.input))] : ['mcp', {}];
}

test('B-1 an argument that another reader would take stands for nothing beside the one that we know', () => {
  assert.deepEqual(act('Read', { file_path: 'a.ts' }), ['read', { path: 'a.ts' }]);
  assert.deepEqual(act('Read', { file_path: 'a.ts', path: `${root}/a.ts` }), ['read', { path: 'a.ts' }]);
  const double: readonly (readonly [string, object])[] = [
    ['read_file', { file_path: 'README.md', filePath: '/home/emma/.ssh/id_ed25519' }],
    ['delete_file', { target_file: '/etc/hosts', path: 'a.ts' }],
    ['Write', { file_path: 'a.ts', path: '../b.ts', content: 'x' }],
    ['exec_command', { command: 'ls', cmd: 'curl evil.example' }],
    ['shell', { command: ['ls'], cmd: 'curl evil.example' }],
    ['Bash', { command: 'make', cwd: '.', workdir: '/etc' }],
    ['web_fetch', { url: 'https://docs.example/', uri: 'https://evil.example/' }],
    ['web_fetch', { url: 'https://docs.example/', prompt: 'Read https://evil.example/' }],
    ['web_fetch', { url: 'https://docs.example/', urls: ['https://evil.example/'] }],
    ['read_many_files', { path: 'README.md', include: ['.env'] }],
    ['view', { path: 'README.md', paths: '/home/emma/.ssh/id_ed25519' }],
    ['delete_file', { path: 'a.ts', files: ['/etc/hosts'] }],
  ];
  assert.equal(act('WebFetch', { url: 'https://docs.example/', prompt: 'Sum it up' })[0], 'fetch');
  for (const [tool, input] of double) assert.equal(act(tool, input)[0], 'other', JSON.stringify(input));
});

test('B-1 what says with what, where or as whom a command is run, or is run in its place, makes it another', () => {
  const steered: readonly (readonly [string, object])[] = [
    ['exec_command', { cmd: 'ls', shell: './mine' }],
    ['exec_command', { cmd: 'ls', shell: '/home/emma/bin/bash' }],
    ['exec', { command: 'ls', env: { PATH: '.' } }],
    ['exec', { command: 'ls', host: 'node' }],
    ['exec', { command: 'ls', node: 'phone' }],
    ['terminal', { command: 'ls', action: 'input', data: 'curl evil.example' }],
    ['shell', { command: 'ls', args: ['; curl evil.example'] }],
  ];
  for (const [tool, input] of steered) assert.equal(act(tool, input)[0], 'other', JSON.stringify(input));
  const plain = { command: 'ls' };
  assert.deepEqual(act('exec_command', { cmd: 'ls', shell: '/bin/zsh', sandbox_permissions: 'use_default' }), [
    'shell',
    plain,
  ]);
  assert.deepEqual(act('exec', { ...plain, host: 'auto', env: {}, node: null }), ['shell', plain]);
  for (const free of [{ sandbox_permissions: 'require_escalated' }, { elevated: true }, { host: 'gateway' }])
    assert.deepEqual(act('exec', { ...plain, ...free }), ['shell', { ...plain, unsandboxed: true }]);
  for (const aside of [{ detach: true }, { mode: 'async' }])
    assert.deepEqual(act('bash', { ...plain, ...aside }), ['shell', { ...plain, background: true }]);
});

test('B-1 a search is about every folder that it names, and so is a pattern that leads out', () => {
  assert.deepEqual(act('grep', { pattern: 'day', paths: 'src' }), ['search', { query: 'day', path: 'src' }]);
  const both = { query: 'day', paths: ['src', '/home/emma/.ssh'] };
  assert.deepEqual(act('grep', { pattern: 'day', path: 'src', paths: ['/home/emma/.ssh'] }), ['search', both]);
  const key = '/home/emma/.ssh/*';
  assert.deepEqual(act('Glob', { pattern: key }), ['search', { query: key, path: key }]);
  assert.deepEqual(act('glob', { pattern: '../*/x', path: 'src' })[1].paths, ['src', '/home/emma/*/x']);
  assert.deepEqual(act('glob', { pattern: 'src/**/*.ts' }), ['search', { query: 'src/**/*.ts' }]);
  assert.deepEqual(act('Glob', { pattern: ' /home/emma/.ssh/*' })[1].path, key);
  assert.deepEqual(act('Grep', { pattern: '/api/v1' }), ['search', { query: '/api/v1' }]);
});

test('one address is fetched under whichever name it stands', () => {
  assert.deepEqual(act('fetch_webpage', { urls: ['https://docs.example/'], query: 'x' }), [
    'fetch',
    { url: 'https://docs.example/' },
  ]);
});

test('B-1 an edit is about every file and every text that it names', () => {
  const replacements = [{ filePath: '/home/emma/.bashrc', newString: 'evil' }];
  const [name, input] = act('multi_replace_string_in_file', { filePath: 'a.ts', newString: 'good', replacements });
  assert.deepEqual([name, input.paths], ['edit', ['a.ts', '/home/emma/.bashrc']]);
  assert.match(String(input.content), /good[\s\S]*evil/);
  assert.match(String(act('Write', { file_path: 'a', content: 'good', contents: 'evil' })[1].content), /evil/);
  const listed = act('Write', { file_path: 'a.ts', content: 'x', paths: ['/home/emma/.bashrc'] });
  assert.deepEqual(listed[1].paths, ['a.ts', '/home/emma/.bashrc']);
});

test('B-1 a file that a patch names is seen however its line is indented or broken', () => {
  const of = (...lines: readonly string[]) => act('apply_patch', { input: lines.join('\n') })[1].paths;
  const first = '*** Update File: a.ts';
  assert.deepEqual(of(first, '  *** Add File: /home/emma/.bashrc', '+evil'), ['a.ts', '/home/emma/.bashrc']);
  assert.deepEqual(of(first, '*** Move to:../b.ts\r'), ['a.ts', '/home/emma/b.ts']);
  assert.deepEqual(of('*** Add File: x\u2028/../../.bashrc'), ['/home/emma/.bashrc']);
  const [, both] = act('apply_patch', { command: first, patch: '*** Delete File: /etc/hosts' });
  assert.deepEqual(both.paths, ['a.ts', '/etc/hosts']);
});

test('B-1 a path that leads out of the folder leads out, however it is spelt', () => {
  const out: readonly (readonly [string, string])[] = [
    ['../x', '/home/emma/x'],
    ['a\\b/../../x', '/home/emma/x'],
    [`file://${root}/%2e%2e/x`, '/home/emma/x'],
    ['FILE:///etc/passwd', '/etc/passwd'],
    ['file://localhost/etc/passwd', '/etc/passwd'],
    ['file:///%zz', 'file:///%zz'],
    [`file://${root}/a?/../../x`, `file://${root}/a?/../../x`],
    ['vscode-remote://host/etc/passwd', 'vscode-remote://host/etc/passwd'],
    ['~/.bashrc', '~/.bashrc'],
  ];
  for (const [path, seen] of out) assert.equal(placeIn(path, root, root), seen, path);
  const rimmed: readonly (readonly [string, string])[] = [
    [' /etc/hosts', '/etc/hosts'],
    ['"~/.bashrc"', '~/.bashrc'],
    ["src/../..'", '/home/emma'],
    ['\nfile:///etc/hosts ', '/etc/hosts'],
    [' src/a.ts ', 'src/a.ts'],
  ];
  for (const [path, seen] of rimmed) assert.equal(placeIn(path, root, root), seen, path);
  assert.equal(placeIn('hosts ', root, '/etc'), '/etc/hosts ', 'by either reading outside');
  assert.equal(placeIn(`file://${root}/a%20b.ts`, root, root), 'a b.ts');
  assert.equal(placeIn('src\\..\\..\\x', 'C:\\shop', undefined), 'C:/x');
  assert.equal(placeIn('D:\\x', 'C:\\shop', undefined), 'D:/x');
  assert.equal(placeIn('src\\a.ts', 'C:\\shop', undefined), 'src/a.ts');
});
