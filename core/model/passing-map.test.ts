import assert from 'node:assert/strict';
import test from 'node:test';
import { PassingMap } from './passing-map.ts';

test('what was set is found until it goes, whatever came and went in between', () => {
  const map = new PassingMap<number, string>();
  for (let key = 0; key < 1_000; key++) {
    map.set(key, `value ${key}`);
    if (key >= 16) assert.equal(map.delete(key - 16), true);
  }
  assert.equal(map.size, 16);
  assert.equal(map.get(999), 'value 999');
  assert.equal(map.has(983), false);
  assert.equal(map.get(983), undefined);
  assert.equal(map.delete(983), false);
});

test('a value that is set anew takes the place of the old one', () => {
  const map = new PassingMap<string, number>();
  map.set('a', 1);
  map.set('a', 2);
  assert.deepEqual([map.size, map.get('a')], [1, 2]);
});

test('keys and values are those of the moment: removing what is looked through misses nothing', () => {
  const map = new PassingMap<number, number>();
  for (const key of [1, 2, 3]) map.set(key, key * 10);
  const seen = map.keys().map(key => map.delete(key));
  assert.deepEqual(seen, [true, true, true]);
  map.set(4, 40);
  assert.deepEqual(map.values(), [40]);
});
