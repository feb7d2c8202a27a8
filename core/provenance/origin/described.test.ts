import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJson, resultJsonLimits } from '../../model/json.ts';
import { indexResult } from '../result/index-result.ts';
import type { ResultIndex } from '../result/result-index.ts';
import { stop, Words } from '../said/words.ts';
import { describedIn, isPicked } from './picked.ts';

type Described = (record: number, index: ResultIndex, words: Words) => string;

/** Which of these records the words describe. */
function described(said: string, records: readonly object[], by: Described = describedIn): readonly string[] {
  const parsed = parseJson(JSON.stringify(records), resultJsonLimits);
  assert.ok(parsed.ok);
  const index = indexResult(parsed.node);
  const words = new Words();
  words.hear(said);
  return index.records.flatMap((record, at) => (record.list < 0 ? [] : [by(at, index, words)]));
}

/** The same in as many words, and as slowly: every word of every value by a pattern. */
function slowly(record: number, index: ResultIndex, words: Words): string {
  const wordsIn = (folded: string): readonly string[] => folded.match(/\p{L}{4,}/gu) ?? [];
  const said = wordsIn(words.folded).filter(word => !stop.has(word));
  const saidOf = (at: number): readonly string[] => {
    const has = index.records[at]?.values.flatMap(wordsIn) ?? [];
    return said.filter(word => has.includes(word));
  };
  const list = [...index.records.keys()].filter(at => index.records[at]?.list === index.records[record]?.list);
  const telling = said.filter(word => new Set(list.map(at => saidOf(at).includes(word))).size === 2);
  const ofPicked = list.filter(at => isPicked(at, index, words)).flatMap(saidOf);
  const own = saidOf(record);
  if (telling.some(word => own.includes(word) && !ofPicked.includes(word))) return 'this';
  return telling.length > 0 && !telling.some(word => own.includes(word)) ? 'others' : 'none';
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

test('of any words and records the same is said as by looking at every word of every value', () => {
  const word = fc.constantFrom(
    'chair',
    'lamp',
    'with',
    'oak',
    'L-2',
    'Anna',
    'größe',
    '椅子椅子',
    '𝒜𝒜𝒜𝒜',
    'żółty',
    'LAMP',
    '7pine7',
  );
  const text = fc
    .array(fc.tuple(word, fc.constantFrom(' ', ', ', '-', '_', '', 'é', '́')), { minLength: 1, maxLength: 5 })
    .map(parts => parts.flat().join(''));
  const records = fc.array(fc.record({ what: text, where: text }), { minLength: 2, maxLength: 5 });
  const seen = new Set<string>();
  fc.assert(
    fc.property(text, records, (said, list) => {
      const quick = described(said, list);
      assert.deepEqual(quick, described(said, list, slowly));
      for (const one of quick) seen.add(one);
    }),
    { numRuns: 500 },
  );
  assert.deepEqual([...seen].sort(), ['none', 'others', 'this']);
});
