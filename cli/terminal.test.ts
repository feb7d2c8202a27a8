import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const command = join(import.meta.dirname, 'bin/sallyport.js');

test('where output is no terminal it is as wide as COLUMNS says, and as ever where that says nothing', () => {
  const widest = (columns: string): number => {
    const env = { ...process.env, COLUMNS: columns };
    const { stdout } = spawnSync(process.execPath, [command, 'tail', '--help'], { env, encoding: 'utf8' });
    return Math.max(...stdout.split('\n').map(line => line.length));
  };
  assert.ok(widest('60') < widest(''), `${widest('60')}`);
  assert.equal(widest('0'), widest(''));
});
