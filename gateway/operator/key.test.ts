import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { newSecret } from '../secret/secret.ts';
import { openOperatorKey } from './key.ts';

function inFolder(run: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-'));
  try {
    run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const uid = process.getuid?.();

test('the key is made once, is private, and is the only proof', () =>
  inFolder(folder => {
    const key = openOperatorKey(folder, uid);
    const text = readFileSync(key.file, 'utf8').trimEnd();
    assert.match(text, /^spo_[A-Za-z0-9_-]{43}$/);
    assert.equal(statSync(key.file).mode & 0o777, 0o600);
    assert.ok(key.proves(`Bearer ${text}`) && key.proves(`bearer ${text}`));
    assert.ok(openOperatorKey(folder, uid).proves(`Bearer ${text}`), 'another start, another key');
    const others = [newSecret('spo'), newSecret('spa'), text.slice(0, -1), `${text}A`, '', ` ${text}`, `${text} `];
    for (const other of [...others.map(each => `Bearer ${each}`), text, `Basic ${text}`, undefined, ''])
      assert.equal(key.proves(other), false, other);
  }));

test('where agents run under the same user id the proof is advisory, and says so', () =>
  inFolder(folder => {
    const shared = openOperatorKey(folder, uid);
    assert.deepEqual([shared.proof, shared.notice], ['shared-uid', 'advisory: shared uid']);
    const unknown = openOperatorKey(folder, undefined);
    assert.deepEqual([unknown.proof, unknown.notice], ['shared-uid', 'advisory: shared uid']);
    const separate = openOperatorKey(folder, (uid ?? 0) + 1);
    assert.deepEqual([separate.proof, separate.notice], ['separate-uid', 'separate uid']);
  }));

test('D-9 a key that was put there by hand is refused, with what to do', () =>
  inFolder(folder => {
    for (const text of ['', 'changeme', `spo_${'A'.repeat(43)}`, newSecret('spa')]) {
      writeFileSync(join(folder, 'operator.key'), text, { mode: 0o600 });
      assert.throws(() => openOperatorKey(folder, uid), /delete it to have a new one made/);
    }
  }));
