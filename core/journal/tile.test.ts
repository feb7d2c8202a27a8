import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { entriesLevel, parseTilePath, partialTiles, tileOfNode, tilePath } from './tile.ts';

test('a path of more groups than any index has is no tile', () => {
  assert.equal(parseTilePath(`tile/0/${'x001/'.repeat(110)}234`), undefined);
  assert.equal(parseTilePath(`tile/0/${'x001/'.repeat(6)}234`), undefined, 'beyond 2^53');
});

test('C2SP tlog-tiles: the paths of the specification', () => {
  assert.equal(tilePath({ level: 0, index: 1_234_067, width: 256 }), 'tile/0/x001/x234/067');
  assert.equal(tilePath({ level: entriesLevel, index: 0, width: 17 }), 'tile/entries/000.p/17');
  assert.equal(tilePath({ level: 2, index: 1_000, width: 1 }), 'tile/2/x001/000.p/1');
});

test('C2SP tlog-tiles: a tree of 70,000 entries has the partial tiles of the specification', () => {
  assert.deepEqual(partialTiles(70_000), [
    { level: 0, index: 273, width: 112 },
    { level: entriesLevel, index: 273, width: 112 },
    { level: 1, index: 1, width: 17 },
    { level: 2, index: 0, width: 1 },
  ]);
  assert.deepEqual(partialTiles(256), [{ level: 1, index: 0, width: 1 }]);
  assert.deepEqual(partialTiles(0), []);
});

test('a path names one tile, and no other path names it', () => {
  const tile = fc.record({
    level: fc.integer({ min: entriesLevel, max: 63 }),
    index: fc.nat({ max: 2 ** 31 - 1 }),
    width: fc.integer({ min: 1, max: 256 }),
  });
  fc.assert(fc.property(tile, given => assert.deepEqual(parseTilePath(tilePath(given)), { ...given })));
  for (const wrong of [
    'tile/0/1',
    'tile/00/001',
    'tile/0/x000/001',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/64/000',
  ])
    assert.equal(parseTilePath(wrong), undefined, wrong);
});

test('hashes of whole tiles stand in the level above', () => {
  assert.deepEqual(tileOfNode(0, 300), { level: 0, index: 1, slot: 44 });
  assert.deepEqual(tileOfNode(8, 1), { level: 1, index: 0, slot: 1 });
  assert.equal(tileOfNode(7, 1), undefined);
});
