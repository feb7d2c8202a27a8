import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzRecovery } from '@sallyport/testkit/fuzz/recovery.ts';

test('G-1 R11 a journal of which one file was harmed starts with what was signed for, or refuses with a reason', async t => {
  const report = await fuzzRecovery(15, Math.floor(Math.random() * 2 ** 32));
  t.diagnostic(JSON.stringify(report));
  assert.equal(report.refused + report.opened, 15);
});
