import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { theOperator } from '@sallyport/testkit/fakes/the-operator.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { type PolicyText, readPolicyDir } from '../../policies/policy-files.ts';
import { createPolicyRoom } from './policies.ts';
import type { Active, Worlds } from './worlds.ts';

/** Worlds that take every set that holds a permit. */
function fakeWorlds(start: PolicyText): Worlds & { readonly activated: string[] } {
  let active: Active = { ...start, activatedAt: 0, by: 'first start', policies: [], taskKinds: new Map() };
  const activated: string[] = [];
  const loaded = ({ sources }: PolicyText) =>
    sources.some(({ text }) => text.includes('permit'))
      ? ({ ok: true, set: { policies: [], taskKinds: new Map() } } as never)
      : ({
          ok: false,
          problems: [{ file: 'a.cedar', line: 1, message: 'no policy permits anything' }],
          warnings: [],
        } as never);
  const bringIn = (text: PolicyText, by: string) => {
    const result = loaded(text) as { ok: boolean };
    if (result.ok) {
      active = { ...text, activatedAt: 1, by, policies: [], taskKinds: new Map() };
      activated.push(by);
    }
    return result as never;
  };
  return {
    activated,
    current: () => ({ digest: 'world' }) as never,
    active: () => active,
    problems: () => [],
    check: async text => loaded(text),
    activate: async (text, { by }) => bringIn(text, by),
    reload: async (text, may) => {
      await Promise.resolve();
      return may() ? bringIn(text, 'gateway') : undefined;
    },
    setCatalogue: async () => {},
    settled: async () => {},
    setModes: () => {},
  };
}

function scene(folder: string) {
  const write = (text: string): void => writeFileSync(join(folder, 'a.cedar'), text);
  write('permit (principal, action, resource);');
  const worlds = fakeWorlds(readPolicyDir(folder));
  const log: string[] = [];
  const mode = { enforcing: true };
  const room = createPolicyRoom({
    dir: folder,
    worlds,
    configured: { agents: [], segments: new Set() },
    enforcing: () => mode.enforcing,
    log: (_level, message) => log.push(message),
  });
  return { write, worlds, log, mode, room };
}

test('where anything is enforced a changed set waits, and loosening a mode does not slip it in', async () => {
  using folder = temporaryFolder();
  const { write, worlds, mode, room } = scene(folder.path);
  write('permit (principal, action, resource); // another');
  await room.look();
  mode.enforcing = false;
  await room.look();
  assert.deepEqual(worlds.activated, []);
  const candidate = room.candidate();
  assert.ok(candidate);
  assert.equal((await room.activate('some other digest', theOperator)).ok, false);
  assert.equal((await room.activate(candidate, theOperator)).ok, true);
  assert.deepEqual(worlds.activated, ['operator']);
  assert.equal(room.candidate(), undefined);
});

test('a changed set does not come into force by itself once something is enforced, though its reload began before that', async () => {
  using folder = temporaryFolder();
  const { write, worlds, log, mode, room } = scene(folder.path);
  mode.enforcing = false;
  write('permit (principal, action, resource); // another');
  const looking = room.look();
  mode.enforcing = true;
  await looking;
  mode.enforcing = false;
  await room.look();
  assert.deepEqual([worlds.activated, log], [[], []]);
  assert.equal((await room.activate(room.candidate() ?? '', theOperator)).ok, true);
});

test('E-7 where nothing is enforced a sound change comes into force by itself, and an unsound one is told once', async () => {
  using folder = temporaryFolder();
  const { write, worlds, log, mode, room } = scene(folder.path);
  mode.enforcing = false;
  write('permit (principal, action, resource); // another');
  await room.look();
  assert.deepEqual(worlds.activated, ['gateway']);
  write('nothing of use');
  await room.look();
  await room.look();
  assert.deepEqual(worlds.activated, ['gateway']);
  assert.equal(log.filter(line => line.includes('not used')).length, 1);
});

test('E-9 a folder without policies is a bad candidate, never an empty rule set in force', async () => {
  using folder = temporaryFolder();
  const { worlds, mode, room } = scene(folder.path);
  mode.enforcing = false;
  rmSync(join(folder.path, 'a.cedar'));
  await room.look();
  assert.deepEqual(worlds.activated, []);
  assert.equal((await room.activate(room.candidate() ?? '', theOperator)).ok, false);
});

test('what comes again after the files were as they are in force is told again', async () => {
  using folder = temporaryFolder();
  const { write, log, room } = scene(folder.path);
  for (let time = 0; time < 2; time++) {
    rmSync(join(folder.path, 'a.cedar'));
    await room.look();
    write('permit (principal, action, resource);');
    await room.look();
  }
  const told = 'the policy files cannot be read; those in force stay';
  assert.deepEqual(log, [told, told]);
});

test('a folder that is gone is told once, is what is wrong with the candidate, and leaves in force what is', async () => {
  for (const enforcing of [true, false]) {
    const folder = temporaryFolder();
    const { worlds, log, mode, room } = scene(folder.path);
    mode.enforcing = enforcing;
    folder[Symbol.dispose]();
    await room.look();
    await room.look();
    assert.deepEqual(log, ['the policy files cannot be read; those in force stay']);
    assert.deepEqual(worlds.activated, []);
    const { candidate } = await room.view();
    assert.match(
      candidate?.problems[0]?.message ?? '',
      /cannot be read \(ENOENT\); `policies` in the configuration names/,
    );
    const done = await room.activate(room.candidate() ?? '', theOperator);
    assert.equal(done.ok ? 'ok' : done.error.code, 'policy-invalid');
  }
});
