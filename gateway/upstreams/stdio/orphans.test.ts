import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { endOrphans, forgetChild, noteChild } from './orphans.ts';
import { makePlace } from './place.ts';

const key = { server: 'notes', agent: 'a', principal: 'user:a', task: undefined } as const;

test('what an earlier gateway left behind is ended, wherever its state lies', {
  skip: !existsSync('/proc'),
}, async () => {
  using folder = temporaryFolder();
  const stateDir = folder.file('state[1]*');
  assert.equal(endOrphans(stateDir), 0);
  const place = makePlace(stateDir, key);
  const left = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1_000)'], { detached: true, stdio: 'ignore' });
  const ended = once(left, 'exit');
  noteChild(place, left.pid ?? 0);
  assert.equal(endOrphans(stateDir), 1);
  assert.deepEqual(await ended, [null, 'SIGKILL']);
  assert.ok(!existsSync(join(place.root, 'child')));
  assert.equal(endOrphans(stateDir), 0);
});

const instead: Readonly<Record<string, (note: string, other: string) => void>> = {
  'a folder': note => mkdirSync(join(note, 'within'), { recursive: true }),
  'a link': (note, other) => symlinkSync(other, note),
  'a pipe': note => void spawnSync('mkfifo', [note]),
  'a large file': note => writeFileSync(note, `${process.pid} `.repeat(1_000)),
};
for (const [what, put] of Object.entries(instead))
  test(`${what} that a server put in the place of its note holds up neither its end nor the next start`, {
    skip: !existsSync('/proc'),
  }, () => {
    using folder = temporaryFolder();
    const stateDir = folder.file('state');
    const place = makePlace(stateDir, key);
    const [note, other] = [join(place.root, 'child'), folder.file('other')];
    writeFileSync(other, 'mine');
    const again = (): void => {
      forgetChild(place);
      put(note, other);
    };
    again();
    noteChild(place, process.pid);
    assert.match(readFileSync(note, 'utf8'), new RegExp(`^${process.pid} [0-9]+\n$`));
    again();
    assert.equal(endOrphans(stateDir), 0);
    assert.ok(!existsSync(note));
    again();
    forgetChild(place);
    assert.ok(!existsSync(note));
    assert.equal(readFileSync(other, 'utf8'), 'mine');
  });
