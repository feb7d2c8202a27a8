import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { joinedSources, type Label, type LabelSource, labelsIn, readersLabelsMax, tenantLabelsMax } from './label.ts';
import { isReadersLabel, mayRead, nobody, readerOf, readersLabel } from './readers-label.ts';
import { tenantLabel, tenantsIn } from './tenant-label.ts';

const everybody = Array.from({ length: 40 }, (_, at) => readerOf(`p${at}@x.example`, () => `${at}`.padEnd(43, '-')));
const label: fc.Arbitrary<Label> = fc.oneof(
  fc.constantFrom<Label>('untrusted', 'org', 'unlabelled', 'internal', 'secret'),
  fc.integer({ min: 0, max: 40 }).map(at => tenantLabel(`t${at}`)),
  fc.subarray(everybody, { maxLength: 6 }).map(who => readersLabel(['*@house.example'], who)),
);
const source = (one: Label): LabelSource => ({ label: one, entry: 'o_1', server: 's', tool: 't', at: 0 });
const join = (lists: readonly (readonly Label[])[]): Label[] =>
  labelsIn(lists.map(list => list.map(source)).reduce(joinedSources, []));

test('F-4 a join never allows more than any of its parts did, in whatever order, and has a bound', () => {
  fc.assert(
    fc.property(fc.array(fc.array(label, { maxLength: 8 }), { maxLength: 12 }), lists => {
      const all = lists.flat();
      const joined = join(lists);
      assert.deepEqual(new Set(join([joined, ...lists])), new Set(joined), 'what is in it adds nothing');
      for (const one of ['untrusted', 'org', 'unlabelled', 'internal', 'secret'] as const)
        assert.equal(joined.includes(one), all.includes(one));
      for (const who of everybody)
        if (all.filter(isReadersLabel).some(one => !mayRead(one, who)))
          assert.ok(
            joined.filter(isReadersLabel).some(one => !mayRead(one, who)),
            who.text,
          );
      const tenants = new Set(tenantsIn(all));
      if (tenants.size > 1) assert.ok(tenantsIn(joined).length > 1 || tenantsIn(joined).includes('*'));
      assert.ok(
        joined.filter(isReadersLabel).length <= readersLabelsMax && tenantsIn(joined).length <= tenantLabelsMax,
      );
    }),
    { numRuns: 300 },
  );
});

test('nobody may see what is for nobody, and names that come after the last that is told apart are left out', () => {
  for (const who of everybody) assert.equal(mayRead(nobody, who), false);
  const many = readersLabel([], everybody);
  assert.ok(many.length < 500);
  assert.ok(everybody.some(who => mayRead(many, who)) && everybody.some(who => !mayRead(many, who)));
});

test('F-4 where more kinds of readers come together than are told apart, whom one of them leaves out stays out', () => {
  const few = everybody.slice(0, readersLabelsMax + 4);
  const labels = few.map(out =>
    readersLabel(
      [],
      few.filter(who => who !== out),
    ),
  );
  for (const list of [labels, labels.toReversed()]) {
    const joined = join(list.map(one => [one])).filter(isReadersLabel);
    for (const who of few)
      assert.ok(
        joined.some(one => !mayRead(one, who)),
        who.text,
      );
  }
  const tenants = join(Array.from({ length: tenantLabelsMax + 1 }, (_, at) => [tenantLabel(`t${at}`)]));
  assert.deepEqual(tenants, ['tenant:*']);
});

test('F-4 the one label that stands for many tenants, or lets nobody read, takes in no label of another kind', () => {
  const tenants = Array.from({ length: tenantLabelsMax + 2 }, (_, at) => tenantLabel(`t${at}`));
  const later: readonly Label[] = ['untrusted', 'org', 'unlabelled', 'secret'];
  const joined = join([tenants, [nobody], later, [tenantLabel('new'), readersLabel([], everybody.slice(0, 2))]]);
  for (const one of [...later, nobody]) assert.ok(joined.includes(one), one);
  assert.deepEqual(
    joined.filter(one => one === tenantLabel('new')),
    [],
    'that is one of the many',
  );
});
