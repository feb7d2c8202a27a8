import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PrivateFileError, readPrivate, removePrivate, writePrivate } from './private-file.ts';
import { isWellMade, newSecret, sameSecret, secretHash } from './secret.ts';

function inFolder(run: (file: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-'));
  try {
    run(join(folder, 'secret'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a secret is 256 random bits behind a prefix, and is recognised by it', () => {
  const secrets = Array.from({ length: 1_000 }, () => newSecret('spa'));
  assert.equal(new Set(secrets).size, 1_000);
  for (const secret of secrets) {
    assert.match(secret, /^spa_[A-Za-z0-9_-]{43}$/);
    assert.ok(isWellMade('spa', secret) && !isWellMade('spo', secret));
  }
});

/** In a process of its own, whose files may have a kilobyte at most: as on a disk with so little space, the first write is cut short there. */
const withoutSpace = `
  import { writePrivate } from '@sallyport/gateway/secret/private-file.ts';
  try { writePrivate(process.argv[1], 'x'.repeat(5_000)); } catch (thrown) { console.log(thrown.code); }`;

test(
  'G-3 a private file that the disk takes only a part of stays as it was',
  {
    skip: process.platform === 'win32' ? 'Windows has no such limit' : false,
  },
  () =>
    inFolder(file => {
      writePrivate(file, 'as it was');
      const script = ['-c', 'ulimit -f 1; exec "$0" --input-type=module -e "$1" "$2"', process.execPath, withoutSpace];
      const { stdout } = spawnSync('sh', [...script, file], { cwd: import.meta.dirname, encoding: 'utf8' });
      assert.deepEqual([stdout, readPrivate(file)], ['EFBIG\n', 'as it was']);
    }),
);

test('D-9 short, padded, placeholder and repeated secrets are not taken for ours', () => {
  const made = newSecret('spe');
  const wrong = [
    '',
    'secret-api-key',
    'my-test-key',
    'changeme',
    made.slice(0, -1),
    `${made}A`,
    ` ${made}`,
    `${made}\n`,
  ];
  for (const text of [
    ...wrong,
    `spe_${'A'.repeat(43)}`,
    `spe_${'changeme'.repeat(6).slice(0, 43)}`,
    made.toUpperCase(),
  ])
    assert.equal(isWellMade('spe', text), false, text);
});

test('equal means equal, whatever the lengths', () => {
  assert.ok(sameSecret('a', 'a'));
  for (const [a, b] of [
    ['a', 'b'],
    ['a', ''],
    ['', 'a'],
    ['a', 'aa'],
    ['é', 'e\u0301'],
  ] as const)
    assert.equal(sameSecret(a, b), false);
  assert.equal(secretHash('a').length, 43);
});

test('a private file is readable by its owner alone, and is replaced as a whole', () =>
  inFolder(file => {
    assert.equal(readPrivate(file), undefined);
    writePrivate(file, 'one');
    writePrivate(file, 'two');
    assert.equal(readPrivate(file), 'two');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    removePrivate(file);
    removePrivate(file);
    assert.equal(readPrivate(file), undefined);
  }));

test('a draft that a crash left behind, or that somebody planted, is not written through', () =>
  inFolder(file => {
    writeFileSync(`${file}.elsewhere`, 'theirs');
    symlinkSync(`${file}.elsewhere`, `${file}.new`);
    writePrivate(file, 'ours');
    assert.equal(readFileSync(`${file}.elsewhere`, 'utf8'), 'theirs');
    assert.equal(readPrivate(file), 'ours');
  }));

test('a file that others may read, or a link, is not trusted, and the message says what to do', () =>
  inFolder(file => {
    writePrivate(file, 'x');
    for (const mode of [0o644, 0o640, 0o604, 0o660]) {
      chmodSync(file, mode);
      assert.throws(
        () => readPrivate(file),
        (error: Error) => error instanceof PrivateFileError && /chmod 600/.test(error.message),
      );
    }
    chmodSync(file, 0o600);
    symlinkSync(file, `${file}.link`);
    assert.throws(() => readPrivate(`${file}.link`), PrivateFileError);
  }));
