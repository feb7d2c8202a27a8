import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LabelSource } from '../model/label.ts';
import { held, leavesSomething, namesMax, type Stores, write } from './stores.ts';

const source = (label: LabelSource['label'], entry: `o_${string}` = 'o_1'): LabelSource => ({
  ...{ label, entry, server: 'vault', tool: 'read', at: 1 },
});
const labels = (stores: Stores, name?: string): readonly string[] =>
  held(stores, 'memory', name).map(({ label }) => label);

test('F-4 a name that is forgotten may be any name from then on, and the newest written are kept', () => {
  const stores: Stores = new Map();
  write(stores, 'memory', 'first', [source('secret')]);
  write(stores, 'memory', 'second', [source('untrusted')]);
  for (let n = 2; n < namesMax; n++) write(stores, 'memory', `n${n}`, [source('untrusted')]);
  assert.deepEqual([labels(stores, 'first'), labels(stores, 'elsewhere')], [['secret'], []]);
  write(stores, 'memory', 'first', [source('secret', 'o_2')]);
  write(stores, 'memory', 'one more', [source('untrusted')]);
  assert.deepEqual(labels(stores, 'elsewhere'), ['untrusted'], 'what stood under the longest unwritten one');
  assert.deepEqual(labels(stores, 'first'), ['secret', 'untrusted']);
  write(stores, 'memory', 'and one', [source('untrusted')]);
  assert.equal(stores.get('memory')?.named.size, namesMax);
  assert.deepEqual(labels(stores), ['secret', 'untrusted']);
});

test('F-4 only what does nothing but read leaves nothing, unless an operator says that it keeps nothing', () => {
  for (const classes of [['read'], ['read', 'egress'], ['read', 'admin']] as const)
    assert.ok(!leavesSomething(classes));
  for (const classes of [['write'], ['read', 'write'], ['egress'], ['admin'], ['read', 'code'], []] as const)
    assert.ok(leavesSomething(classes), classes.join());
  assert.ok(!leavesSomething(['write'], false));
});
