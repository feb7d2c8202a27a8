import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { strayEntry } from './entry-check.ts';
import { isOurs } from './plan.ts';
import { launcher } from './wrap.ts';

const words = ['mcp', '--entry', 'cursor', '--server', 'notes'];
const ours = { command: process.execPath, args: [launcher, ...words] };
const why = (entry: unknown, written?: unknown): string | undefined => strayEntry(entry, written, '/state', '/state');

test('an entry is proven only where it starts this very program and nothing changes it', () => {
  using folder = temporaryFolder();
  const impostor = join(folder.path, 'sallyport.js');
  mkdirSync(folder.file('bin'));
  writeFileSync(impostor, '');
  writeFileSync(folder.file('bin/node'), '');
  const strays: readonly (readonly [unknown, RegExp])[] = [
    [{ ...ours, args: [impostor, ...words] }, /^it starts another program: .*sallyport\.js$/],
    [{ command: impostor, args: words }, /^it starts another program/],
    [{ ...ours, command: folder.file('bin/node') }, /^it is run by another program: .*node$/],
    [{ ...ours, args: ['--import', impostor, launcher, ...words] }, /^it starts another program: --import$|^it starts/],
    [{ ...ours, env: { NODE_OPTIONS: `--import ${impostor}` } }, /^it gives the program env of its own$/],
    [{ ...ours, cwd: folder.path }, /^it gives the program cwd of its own$/],
    [{ ...ours, args: [...ours.args, '--state', '/other'] }, /^it leads to another gateway: --state \/other$/],
    [{ type: 'local', command: [impostor, ...words] }, /^it starts another program/],
  ];
  for (const [entry, says] of strays) {
    assert.ok(isOurs(entry), 'it looks like ours');
    assert.match(why(entry) ?? '', says, JSON.stringify(entry));
    assert.equal(why(entry, entry), undefined, 'what wrap wrote itself is known by its own copy');
  }
  for (const entry of [
    ours,
    { ...ours, env: {}, timeout: 5 },
    { command: launcher, args: words },
    { type: 'local', command: [process.execPath, launcher, ...words, '--state', '/state'] },
  ])
    assert.equal(why(entry), undefined, JSON.stringify(entry));
});
