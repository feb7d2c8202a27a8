import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson, resultJsonLimits } from '../model/json.ts';
import { indexResult } from './index-result.ts';
import { describedIn } from './picked.ts';
import { Words } from './words.ts';

/** Which of these records the words describe. */
function described(said: string, records: readonly object[]): readonly string[] {
  const parsed = parseJson(JSON.stringify(records), resultJsonLimits);
  assert.ok(parsed.ok);
  const index = indexResult(parsed.node);
  const words = new Words();
  words.hear(said);
  return index.records.flatMap((record, at) => (record.list < 0 ? [] : [describedIn(at, index, words)]));
}

const chairs = [
  { lot: 'L-1', what: 'wicker chair, blue' },
  { lot: 'L-2', what: 'oak chair' },
  { lot: 'L-3', what: 'brass lamp' },
];

test('plain words describe the records of a list that hold them, where others do not', () => {
  assert.deepEqual(described('Put the wicker one aside.', chairs), ['this', 'others', 'others']);
  assert.deepEqual(described('Put a chair aside.', chairs), ['this', 'this', 'others']);
  assert.deepEqual(described('Put something aside with this.', [...chairs, { what: 'with glass' }]), [
    'none',
    'none',
    'none',
    'none',
  ]);
  assert.deepEqual(described('Put something aside.', chairs), ['none', 'none', 'none']);
  assert.deepEqual(described('Put the lot aside.', chairs), ['none', 'none', 'none']);
});

test('what every record holds describes none of them', () => {
  const kept = chairs.map(chair => ({ ...chair, state: 'stored' }));
  assert.deepEqual(described('Which of the stored things is the oldest?', kept), ['none', 'none', 'none']);
});

test('words of a record that was named describe no other that has them as well', () => {
  assert.deepEqual(described('Put the chair L-2 aside.', chairs), ['none', 'none', 'others']);
  assert.deepEqual(described('Put L-2, which is a chair, on the lamp.', chairs), ['none', 'none', 'this']);
});
