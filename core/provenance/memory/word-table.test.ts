import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WordTable } from './word-table.ts';

/** As many as results have, and fewer rows than marks, so that words share them. */
const markOf = (seed: number): number => Math.imul(seed, 0x9e37_79b1) >>> 2;

test('a result is found by its words until it is forgotten, and mostly not by those of others', () => {
  const resultsMax = 40;
  const table = new WordTable(resultsMax);
  const marksOf = (result: number): number[] => [markOf(result), markOf(result + 1), markOf(7)];
  let [asked, wrong] = [0, 0];
  let oldest = 0;
  for (let newest = 0; newest < 300; newest++) {
    table.add(newest, marksOf(newest));
    // Some go before their time, as results do that are too long together.
    oldest = Math.max(oldest, newest - resultsMax + 1);
    if (newest % 50 === 49) for (let more = 0; more < 5; more++) table.remove(oldest++);
    for (let result = oldest; result <= newest; result++) {
      const found = table.mayHold([[markOf(-1), markOf(-2)], marksOf(result)], oldest, newest);
      assert.ok(found.includes(result), `${result} of ${oldest} to ${newest}`);
      assert.deepEqual(
        found,
        found.toSorted((a, b) => b - a),
        'newest first',
      );
      asked++;
      wrong += found.length - 1;
    }
  }
  assert.ok(wrong < asked, `${wrong} needless looks for ${asked} questions`);
});

test('a result that went leaves nothing behind for the one that takes its place', () => {
  const table = new WordTable(2);
  table.add(0, [markOf(1)]);
  table.add(1, [markOf(2)]);
  table.add(2, [markOf(3)]);
  assert.deepEqual(table.mayHold([[markOf(1)]], 1, 2), []);
  assert.deepEqual(table.mayHold([[markOf(3)]], 1, 2), [2]);
  assert.deepEqual(table.mayHold([[]], 1, 2), [2, 1], 'what has no words may stand anywhere');
});

test('what one table knows of a result another can be told', () => {
  const [one, other] = [new WordTable(4), new WordTable(4)];
  one.add(3, [markOf(5), markOf(6)]);
  other.add(0, one.marksOf(3));
  assert.deepEqual(other.mayHold([[markOf(5), markOf(6)]], 0, 0), [0]);
  assert.deepEqual(other.mayHold([[markOf(7)]], 0, 0), []);
});
