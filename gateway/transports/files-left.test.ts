import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectionsWithin } from './files-left.ts';

test('R16 connections never take the files that the record is written with, however few there are', {
  skip: process.platform === 'win32' ? 'Windows has no such limit' : false,
}, () => {
  const script = `
    import { connectionsWithin } from ${JSON.stringify(join(import.meta.dirname, 'files-left.ts'))};
    console.log(connectionsWithin(12_000, 'half'), connectionsWithin(1_000, 'sixth'), connectionsWithin(10, 'sixth'));`;
  const within = (files: number): string =>
    execFileSync('sh', ['-c', `ulimit -n ${files}; exec "$0" --input-type=module -e "$1"`, process.execPath, script], {
      encoding: 'utf8',
    }).trim();
  assert.equal(within(256), '32 10 10');
  assert.equal(within(1_024), '392 130 10');
  assert.equal(within(64), '8 2 2', 'however few: who has none is not told why');
  assert.equal(connectionsWithin(1, 'half'), 1);
});
