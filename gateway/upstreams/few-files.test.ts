import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';

/** In a process of its own, which may open few files and has opened nearly all of them when it needs a server. */
const story = `
  import { closeSync, openSync } from 'node:fs';
  import { setTimeout as wait } from 'node:timers/promises';
  import { stdioUpstream } from '@sallyport/testkit/upstream/fixture.ts';
  import { startRig } from '@sallyport/testkit/upstream/rig.ts';
  const limits = { backoffMillisMin: 10, backoffMillisMax: 10 };
  const rig = await startRig({ servers: [stdioUpstream('s', {})], stateDir: process.argv[1], limits });
  const taken = [];
  try { for (;;) taken.push(openSync('/dev/null', 'r')); } catch {}
  for (const fd of taken.splice(0, 2)) closeSync(fd);
  const ask = { server: 's', tool: 'echo', input: '{"text":"a"}' };
  const said = () => rig.call(ask).then(({ kind }) => kind, thrown => thrown.message);
  console.log(await said());
  for (const fd of taken) closeSync(fd);
  await wait(50);
  console.log(await said());
  await rig[Symbol.asyncDispose]();`;

test('R16 a server that no files are left for is refused with that as the reason, and started once there are', {
  skip: process.platform === 'win32' ? 'Windows has no such limit' : false,
}, () => {
  using folder = temporaryFolder();
  const script = ['-c', 'ulimit -n 64; exec "$0" --input-type=module -e "$1" "$2"', process.execPath, story];
  const { stdout, stderr } = spawnSync('sh', [...script, folder.path], {
    cwd: join(import.meta.dirname, '../..'),
    encoding: 'utf8',
    timeout: 60_000,
  });
  const why = 'it could not be started: the gateway has as many files open as it may (EMFILE)';
  assert.equal(stdout, `upstream-unavailable: ${why}\nresult\n`, stderr);
});
