import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadActive, PolicyDirError, readPolicyDir, saveActive } from './policy-files.ts';

function inFolder(run: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-'));
  try {
    run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function whyNot(folder: string): string {
  try {
    readPolicyDir(folder);
  } catch (thrown) {
    assert.ok(thrown instanceof PolicyDirError, String(thrown));
    return thrown.message.replaceAll(folder, '');
  }
  return 'it was read';
}

test('E-7 E-9 whatever is wrong with a policy folder is one kind of error, so that the set in force stays', () => {
  const rows: readonly (readonly [(folder: string) => void, RegExp])[] = [
    [folder => rmSync(folder, { recursive: true }), /cannot be read \(ENOENT\); `policies` in the configuration/],
    [() => {}, /holds no \*\.cedar file/],
    [folder => writeFileSync(join(folder, 'a.cedra'), 'permit (principal, action, resource);'), /holds no/],
    [folder => symlinkSync('/nowhere/at/all', join(folder, 'a.cedar')), /a\.cedar is not there, or is a link/],
    [folder => mkdirSync(join(folder, 'a.cedar')), /a\.cedar cannot be read/],
    [folder => writeFileSync(join(folder, 'a.cedar'), Buffer.from([0xff, 0xfe])), /cannot be read as UTF-8/],
  ];
  for (const [prepare, why] of rows)
    inFolder(folder => {
      prepare(folder);
      assert.match(whyNot(folder), why);
    });
});

/** Told in a process of its own, which may open few files and opens all of them. */
const withoutFiles = `
  import { openSync } from 'node:fs';
  import { readPolicyDir } from '@sallyport/gateway/policies/policy-files.ts';
  try { for (;;) openSync('/dev/null', 'r'); } catch {}
  try { readPolicyDir(process.argv[1]); } catch (thrown) { console.log(thrown.name, thrown.message); }`;

test(
  'R16 where no more files may be opened that is what is said, and not that the setting is wrong',
  {
    skip: process.platform === 'win32' ? 'Windows has no such limit' : false,
  },
  () =>
    inFolder(folder => {
      writeFileSync(join(folder, 'a.cedar'), '// one');
      const script = ['-c', 'ulimit -n 64; exec "$0" --input-type=module -e "$1" "$2"', process.execPath, withoutFiles];
      const { stdout } = spawnSync('sh', [...script, folder], { cwd: import.meta.dirname, encoding: 'utf8' });
      assert.match(stdout, /^PolicyDirError .* cannot be read \(EMFILE\); let this process open more files/);
      assert.doesNotMatch(stdout, /configuration/);
    }),
);

test('a policy folder is its *.cedar files by name, under one digest of names and texts', () =>
  inFolder(folder => {
    writeFileSync(join(folder, 'b.cedar'), '// two');
    writeFileSync(join(folder, 'a.cedar'), '// one');
    writeFileSync(join(folder, 'a.test.yaml'), 'not a policy');
    const { digest, sources } = readPolicyDir(folder);
    assert.deepEqual(
      sources.map(({ text }) => text),
      ['// one', '// two'],
    );
    writeFileSync(join(folder, 'b.cedar'), '// other');
    assert.notEqual(readPolicyDir(folder).digest, digest);
  }));

test('the activated set is read as it was written, or not at all: what became of its file is said, and what to do', () =>
  inFolder(folder => {
    const file = join(folder, 'active.json');
    assert.equal(loadActive(file), undefined);
    writeFileSync(join(folder, 'a.cedar'), 'permit (principal, action, resource);');
    const active = { ...readPolicyDir(folder), activatedAt: 1, by: 'emma' };
    saveActive(file, active);
    assert.deepEqual(loadActive(file), active);
    const whole = readFileSync(file, 'utf8');
    const altered = whole.replace('permit', 'forbid');
    for (const text of [
      '',
      whole.slice(0, 40),
      'null',
      '7',
      '[]',
      '{}',
      '{"sources":7}',
      '{"sources":[null]}',
      altered,
    ]) {
      writeFileSync(file, text);
      const says = `${file} is not as it was written: restore it. To begin with the policy files as they are, read them, then put it away: mv ${file} ${file.replace(/json$/, 'anew')}`;
      assert.throws(() => loadActive(file), new PolicyDirError(says), text);
    }
  }));
