import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildApart } from './build-apart.ts';

test('a build that fails says its error, and not what Node says last', async t => {
  const place = mkdtempSync(join(tmpdir(), 'sallyport-build-'));
  t.after(() => rmSync(place, { recursive: true }));
  const build = (text: string): Promise<string | undefined> => {
    writeFileSync(join(place, 'build.js'), text);
    return buildApart(place, join(place, 'build.js'), []);
  };
  assert.equal(await build(''), undefined);
  assert.equal(await build(`throw new RangeError('the disk is full')`), 'RangeError: the disk is full');
  assert.equal(await build(`console.log('no page');process.exitCode = 1`), 'no page');
  assert.equal(await build(`process.kill(process.pid, 'SIGKILL')`), 'SIGKILL ended the build');
});
