import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNewId } from './new-id.ts';

test('an id is a prefix and 128 bits in Crockford base 32, and no two are the same', () => {
  const newId = createNewId();
  const ids = Array.from({ length: 2_000 }, () => newId('d'));
  for (const id of ids) assert.match(id, /^d_[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}$/);
  assert.equal(new Set(ids).size, ids.length);
  // Every bit falls both ways, so that none is lost or doubled on the way.
  const columns = Array.from({ length: 26 }, (_, at) => new Set(ids.map(id => id.charAt(at + 2))));
  assert.deepEqual(
    columns.map(({ size }) => size),
    [8, ...Array.from({ length: 25 }, () => 32)],
  );
  assert.match(newId('ap'), /^ap_/);
});
