import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entriesLevel, tileOfNode, tilePath } from './tile.ts';

test('C2SP tlog-tiles: the paths of the specification', () => {
  assert.equal(tilePath({ level: 0, index: 1_234_067, width: 256 }), 'tile/0/x001/x234/067');
  assert.equal(tilePath({ level: entriesLevel, index: 0, width: 17 }), 'tile/entries/000.p/17');
  assert.equal(tilePath({ level: 2, index: 1_000, width: 1 }), 'tile/2/x001/000.p/1');
});

test('two tiles have two paths', () => {
  const indexes = Array.from({ length: 1_100 }, (_, at) => [at, 1_000_000 + at]).flat();
  const tiles = [entriesLevel, 0, 1].flatMap(level =>
    indexes.flatMap(index => [1, 17, 255, 256].map(width => ({ level, index, width }))),
  );
  assert.equal(new Set(tiles.map(tilePath)).size, tiles.length);
});

test('hashes of whole tiles stand in the level above', () => {
  assert.deepEqual(tileOfNode(0, 300), { level: 0, index: 1, slot: 44 });
  assert.deepEqual(tileOfNode(8, 1), { level: 1, index: 0, slot: 1 });
  assert.equal(tileOfNode(7, 1), undefined);
});
