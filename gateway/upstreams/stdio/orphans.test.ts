import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { endOrphans, forgetChild, noteChild } from './orphans.ts';

const only = { skip: !existsSync('/proc') };

function left(detached = true): ChildProcess & { readonly pid: number } {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1_000)'], { detached, stdio: 'ignore' });
  assert.ok(child.pid !== undefined);
  return Object.assign(child, { pid: child.pid });
}

test('what an earlier gateway left behind is ended, wherever its state lies', only, async () => {
  using folder = temporaryFolder();
  const stateDir = folder.file('state[1]*');
  assert.equal(endOrphans(stateDir), 0);
  const child = left();
  const ended = once(child, 'exit');
  noteChild(stateDir, child.pid);
  assert.equal(endOrphans(stateDir), 1);
  assert.deepEqual(await ended, [null, 'SIGKILL']);
  assert.ok(!existsSync(join(stateDir, 'children', `${child.pid}`)));
  assert.equal(endOrphans(stateDir), 0);
});

test('E-6 a note in the folder of a server, where an agent may write, ends nobody', only, () => {
  using folder = temporaryFolder();
  const stateDir = folder.file('state');
  const other = left();
  noteChild(folder.path, other.pid);
  const note = readFileSync(join(folder.path, 'children', `${other.pid}`), 'utf8');
  const ofServer = join(stateDir, 'servers', 'notes', 'abc');
  noteChild(ofServer, other.pid);
  writeFileSync(join(ofServer, 'child'), `${other.pid} ${note}`);
  assert.equal(endOrphans(stateDir), 0);
  assert.equal(other.signalCode, null);
  other.kill('SIGKILL');
});

test('a copy of the state that is started beside its original ends none of the original’s children', only, () => {
  using folder = temporaryFolder();
  const child = left();
  const [stateDir, copy] = [folder.file('state'), folder.file('copy')];
  noteChild(stateDir, child.pid);
  cpSync(stateDir, copy, { recursive: true });
  assert.equal(endOrphans(copy), 0);
  assert.equal(endOrphans(stateDir), 1);
});

test('no process is ended that leads no group, as every server does, though a note names it', only, async () => {
  using folder = temporaryFolder();
  const other = left(false);
  noteChild(folder.path, other.pid);
  assert.equal(endOrphans(folder.path), 0);
  assert.ok(other.kill('SIGTERM'), 'it lives');
  assert.deepEqual(await once(other, 'exit'), [null, 'SIGTERM']);
});

const instead: Readonly<Record<string, (note: string, other: string) => void>> = {
  'a folder': note => mkdirSync(join(note, 'within'), { recursive: true }),
  'a link': (note, other) => symlinkSync(other, note),
  'a large file': note => writeFileSync(note, '1 '.repeat(1_000)),
  'another time': note => writeFileSync(note, '1\n'),
};
for (const [what, put] of Object.entries(instead))
  test(`${what} in the place of a note ends nobody and holds up no start`, only, () => {
    using folder = temporaryFolder();
    const other = left();
    const note = join(folder.path, 'children', `${other.pid}`);
    noteChild(folder.path, other.pid);
    const time = readFileSync(note, 'utf8');
    writeFileSync(folder.file('time'), time);
    forgetChild(folder.path, other.pid);
    assert.ok(!existsSync(note));
    put(note, folder.file('time'));
    assert.equal(endOrphans(folder.path), 0);
    assert.ok(!existsSync(note));
    assert.equal(readFileSync(folder.file('time'), 'utf8'), time);
    other.kill('SIGKILL');
  });
