import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeNamed } from './named-file.ts';

const nobody = 65_534;

/** A file that its owner may write, in a folder that takes no other file; `work` runs as that owner. */
function inClosedFolder(work: (file: string, folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'named-file-'));
  const file = join(folder, 'kept.checkpoint');
  writeFileSync(file, 'before, and longer\n', { mode: 0o600 });
  chmodSync(folder, 0o555);
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) chownSync(file, nobody, nobody);
  if (isRoot) process.seteuid?.(nobody);
  try {
    work(file, folder);
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(folder, 0o755);
    rmSync(folder, { recursive: true });
  }
}

test('a file in a folder that takes no other file is written all the same, for what goes there is made by then', () => {
  inClosedFolder((file, folder) => {
    assert.throws(() => writeFileSync(join(folder, 'other'), ''), /EACCES/);
    writeNamed(file, 'after\n');
    assert.equal(readFileSync(file, 'utf8'), 'after\n');
    assert.deepEqual(readdirSync(folder), ['kept.checkpoint']);
  });
});

test('who may read a file grows by no writing, and shrinks to what is said', () => {
  const folder = mkdtempSync(join(tmpdir(), 'named-file-'));
  try {
    const modeAfter = (before: number, mode: number): number => {
      const file = join(folder, 'file');
      writeFileSync(file, 'before');
      chmodSync(file, before);
      writeNamed(file, 'after', mode);
      return statSync(file).mode & 0o777;
    };
    assert.equal(modeAfter(0o600, 0o644), 0o600);
    assert.equal(modeAfter(0o664, 0o644), 0o644);
    assert.equal(modeAfter(0o644, 0o600), 0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

for (const name of ['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'])
  test(`what goes to ${name} stands where the shell sends it, between what was there and what is said later`, {
    skip: !existsSync(name),
  }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'named-file-'));
    const file = join(folder, 'redirected');
    writeFileSync(file, 'before\n');
    const out = openSync(file, 'a');
    try {
      const code = `import { writeNamed } from ${JSON.stringify(import.meta.resolve('./named-file.ts'))};
        writeNamed(${JSON.stringify(name)}, 'made\\n'); process.stdout.write('after\\n');`;
      const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
        stdio: ['ignore', out, 'pipe'],
      });
      assert.equal(status, 0, stderr.toString());
      assert.equal(readFileSync(file, 'utf8'), 'before\nmade\nafter\n');
      assert.deepEqual(readdirSync(folder), ['redirected']);
    } finally {
      closeSync(out);
      rmSync(folder, { recursive: true });
    }
  });
