import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { keyedDigest } from './ports.ts';

test('the digest of an action is the HMAC-SHA256 that any library makes', () => {
  for (const key of ['k', 'spd_'.padEnd(47, 'x'), 'b'.repeat(64), 'long'.repeat(40)]) {
    const digest = keyedDigest(key);
    for (const text of [
      '',
      'plain',
      'zwölf → \u{1f511} \ud800',
      'x'.repeat(5_440),
      'y'.repeat(5_441),
      'ü'.repeat(100_000),
      'z',
    ])
      assert.equal(digest(text), createHmac('sha256', key).update(text).digest('base64url'));
  }
});
