import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson, resultJsonLimits } from '../model/json.ts';
import { indexResult } from './index-result.ts';
import { isBesideDescribed } from './picked.ts';
import { Words } from './words.ts';

/** Which of these records are beside those that the words describe. */
function beside(said: string, records: readonly object[]): readonly boolean[] {
  const parsed = parseJson(JSON.stringify(records), resultJsonLimits);
  assert.ok(parsed.ok);
  const index = indexResult(parsed.node);
  const words = new Words();
  words.hear(said);
  return index.records.flatMap((record, at) => (record.list < 0 ? [] : isBesideDescribed(at, index, words)));
}

const chairs = [
  { lot: 'L-1', what: 'wicker chair, blue' },
  { lot: 'L-2', what: 'oak chair' },
  { lot: 'L-3', what: 'brass lamp' },
];

test('plain words describe the records of a list that hold them, where others do not', () => {
  assert.deepEqual(beside('Put the wicker one aside.', chairs), [false, true, true]);
  assert.deepEqual(beside('Put a chair aside.', chairs), [false, false, true]);
  assert.deepEqual(beside('Put something aside.', chairs), [false, false, false]);
  assert.deepEqual(beside('Put the lot aside.', chairs), [false, false, false]);
});

test('what every record holds describes none of them', () => {
  const kept = chairs.map(chair => ({ ...chair, state: 'stored' }));
  assert.deepEqual(beside('Which of the stored things is the oldest?', kept), [false, false, false]);
});
