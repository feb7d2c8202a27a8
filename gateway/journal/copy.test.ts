import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { openTestJournal, recordCalls } from '@sallyport/testkit/journal/calls.ts';
import { temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { verifyJournal } from './verify/verify.ts';

const copies = 3;

test('DF18 a copy that is made while the journal is written starts, and has all that was acknowledged before it was begun', async () => {
  using folder = temporaryFolder();
  const dir = folder.file('journal');
  const opened = await openTestJournal(dir);
  let over = false;
  const writing = (async () => {
    while (!over) await Promise.all(Array.from({ length: 8 }, () => recordCalls(opened, 1)));
  })();
  await until('entries are written', () => opened.newest().size > 0);
  const known: number[] = [];
  for (let copy = 0; copy < copies; copy++) {
    known.push(opened.newest().size);
    await inProcess('copyJournal', dir, folder.file(`copy-${copy}`));
  }
  over = true;
  await writing;
  await opened.close();
  for (const [copy, size] of known.entries()) {
    const to = folder.file(`copy-${copy}`);
    assert.ok(readdirSync(to).every(name => !name.startsWith('lock') && !name.endsWith('.next')));
    assert.equal(verifyJournal({ dir: to, vkey: opened.vkey }).fault, undefined);
    const again = await openTestJournal(to);
    assert.ok(again.newest().size >= size, `${again.newest().size} of ${size}`);
    await again.close();
    assert.equal(verifyJournal({ dir: to, vkey: opened.vkey }).fault, undefined);
  }
});

test('DF18 the full tile that takes the place of a partial one while its folder is copied is in the copy', async () => {
  using folder = temporaryFolder();
  const tiles = folder.file('tile');
  mkdirSync(join(tiles, 'x9.p'), { recursive: true });
  writeFileSync(join(tiles, 'x9.p', '17'), 'partial');
  for (let tile = 100; tile < 108; tile++) {
    writeFileSync(join(tiles, `x${tile}`), '');
    truncateSync(join(tiles, `x${tile}`), 10_000_000);
  }
  const to = folder.file('copy');
  const done = inProcess('copyTree', tiles, to);
  await until('it is copied', () => existsSync(join(to, 'x100')));
  writeFileSync(folder.file('next'), 'full');
  renameSync(folder.file('next'), join(tiles, 'x9'));
  rmSync(join(tiles, 'x9.p'), { recursive: true });
  assert.ok(!existsSync(join(to, 'x107')), 'it is still being copied');
  await done;
  assert.ok(existsSync(join(to, 'x9')));
});

test('what a server closed, hid deep or linked keeps no copy from being made, and is named', async () => {
  using folder = temporaryFolder();
  const [servers, to] = [folder.file('servers'), folder.file('copy')];
  mkdirSync(join(servers, 'cache'), { recursive: true });
  writeFileSync(join(servers, 'cache', 'module'), 'x');
  writeFileSync(join(servers, 'closed'), 'x', { mode: 0 });
  mkdirSync(join(servers, 'shut'), { mode: 0 });
  symlinkSync('/etc/passwd', join(servers, 'link'));
  chmodSync(join(servers, 'cache'), 0o555);
  const given = [servers, ...readdirSync(servers).map(name => join(servers, name)), join(servers, 'cache', 'module')];
  chmodSync(folder.path, 0o777);
  if (process.getuid?.() === 0) for (const path of given) lchownSync(path, 65_534, 65_534);
  const passedOver = await inProcess('copyTree', servers, to, 65_534);
  assert.deepEqual(passedOver, [join(servers, 'closed'), join(servers, 'shut')]);
  assert.deepEqual(readdirSync(to).sort(), ['cache', 'link']);
  assert.equal(readlinkSync(join(to, 'link')), '/etc/passwd');
  assert.deepEqual(readdirSync(join(to, 'cache')), ['module']);
  for (const name of ['cache', 'shut']) chmodSync(join(servers, name), 0o755);
});

/** In a process of its own, so that the journal is written meanwhile, and as somebody whom modes bind where this is nobody's like. */
async function inProcess(copy: 'copyJournal' | 'copyTree', from: string, to: string, uid?: number): Promise<unknown> {
  const given = [from, to].map(path => JSON.stringify(path)).join(', ');
  const passOver = uid === undefined ? '' : ', path => void passed.push(path)';
  const code = `const passed = []; import(${JSON.stringify(join(import.meta.dirname, 'copy.ts'))}).then(it => it.${copy}(${given}${passOver})).then(() => process.stdout.write(JSON.stringify(passed)))`;
  const as = uid !== undefined && process.getuid?.() === 0 ? { uid, gid: uid } : {};
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', code], as);
  return JSON.parse(stdout);
}
