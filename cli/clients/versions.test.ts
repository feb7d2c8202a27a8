import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import type { Finding } from './finding.ts';
import { clientsSeen } from './seen.ts';
import { clientsOn, type Machine } from './table.ts';
import { isOlder, versionFindings } from './versions.ts';

/** What is found where a program of this name is in the PATH, and does this. */
async function found(program: string, does: string, hooked = ['claude-code', 'gemini']): Promise<Finding[]> {
  using folder = temporaryFolder();
  const bin = folder.file('bin');
  mkdirSync(bin);
  writeFileSync(join(bin, program), `#!/bin/sh\n${does}\n`, { mode: 0o755 });
  const machine: Machine = { home: folder.path, platform: 'linux', env: { PATH: `${bin}:/usr/bin:/bin` }, cwd: '/' };
  return await versionFindings(machine, clientsOn(machine), hooked);
}

test('a version without hooks, and one with a known flaw, are said to be bad', async () => {
  const [none] = await found('claude', 'echo "1.0.37 (Claude Code)"');
  assert.deepEqual([none?.state, none?.about], ['bad', 'Claude Code version']);
  assert.match(none?.says ?? '', /^1\.0\.37 has no hooks/);
  const [auto, ...more] = await found('claude', 'echo "2.1.210 (Claude Code)"');
  assert.deepEqual([auto?.state, more.length], ['bad', 0]);
  assert.match(auto?.says ?? '', /auto mode answers a question/);
});

test('the version that was tried is good, an older one is not known to be', async () => {
  const tried = clientsSeen.find(({ id }) => id === 'gemini')?.version;
  assert.equal((await found('gemini', `echo ${tried}`))[0]?.state, 'good');
  const [older] = await found('gemini', 'echo 0.10.0');
  assert.deepEqual([older?.state, older?.says], ['advice', '0.10.0 is older than the one that was tried']);
});

test('a program that does not answer is stopped, and one that is not there or has no hooks is not asked', async () => {
  const began = performance.now();
  const [late] = await found('claude', 'sleep 30');
  assert.match(late?.says ?? '', /did not say within 2 s/);
  assert.ok(performance.now() - began < 15_000);
  assert.deepEqual(await found('claude', 'echo 1.0.0', ['gemini']), []);
});

test('versions are compared by number', () => {
  assert.deepEqual(
    [isOlder('2.1.9', '2.1.10'), isOlder('2.1.10', '2.1.9'), isOlder('1.0.0', '1.0.0'), isOlder('1.9.9', '2.0.0')],
    [true, false, false, true],
  );
});
