import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { endOrphans, noteChild } from './orphans.ts';
import { makePlace } from './place.ts';

test('what an earlier gateway left behind is ended, wherever its state lies', {
  skip: !existsSync('/proc'),
}, async () => {
  using folder = temporaryFolder();
  const stateDir = folder.file('state[1]*');
  assert.equal(endOrphans(stateDir), 0);
  const place = makePlace(stateDir, { server: 'notes', agent: 'a', principal: 'user:a', task: undefined });
  const left = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1_000)'], { detached: true, stdio: 'ignore' });
  const ended = once(left, 'exit');
  noteChild(place, left.pid ?? 0);
  assert.equal(endOrphans(stateDir), 1);
  assert.deepEqual(await ended, [null, 'SIGKILL']);
  assert.ok(!existsSync(join(place.root, 'child')));
  assert.equal(endOrphans(stateDir), 0);
});
