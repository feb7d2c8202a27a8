import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killWriters } from '@sallyport/testkit/journal/kills.ts';

test('R5 a writer that is killed at any instant loses nothing that it was told is durable', async t => {
  const report = await killWriters(5, Math.floor(Math.random() * 2 ** 32));
  t.diagnostic(JSON.stringify(report));
  assert.ok(report.acknowledged > 100, `${report.acknowledged} acknowledged`);
  assert.equal(report.lost, 0, `seed ${report.seed}`);
});
