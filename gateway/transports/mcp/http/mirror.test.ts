import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decoded } from './mirror.ts';

test('A-12 the examples of the specification decode to their values', () => {
  const examples = {
    'us-west1': 'us-west1',
    '=?base64?SGVsbG8sIOS4lueVjA==?=': 'Hello, 世界',
    '=?base64?IHBhZGRlZCA=?=': ' padded ',
    '=?base64?bGluZTEKbGluZTI=?=': 'line1\nline2',
    '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=': '=?base64?literal?=',
    '=?BASE64?SGk=?=': '=?BASE64?SGk=?=',
  };
  for (const [header, value] of Object.entries(examples)) assert.equal(decoded(header), value);
});

test('A-12 every text has exactly one Base64 form', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const encoded = Buffer.from(text).toString('base64');
      assert.equal(decoded(`=?base64?${encoded}?=`), Buffer.from(text).toString());
      if (encoded.endsWith('=')) assert.equal(decoded(`=?base64?${encoded.replace(/=+$/, '')}?=`), undefined);
    }),
  );
});

test('A-12 what does not decode cleanly is no value', () => {
  for (const broken of ['=?base64?!?=', '=?base64?SGk?=', '=?base64?SGl=?=', '=?base64?/w==?=', '=?base64?S Gk=?='])
    assert.equal(decoded(broken), undefined, broken);
});
