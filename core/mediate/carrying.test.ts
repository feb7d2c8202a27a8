import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import fc from 'fast-check';
import type { Label, LabelSource } from '../model/label.ts';
import { carrying } from './carrying.ts';

const label = fc.constantFrom<Label>('untrusted', 'org', 'unlabelled', 'internal', 'secret');
const source = fc
  .record({ label, entry: fc.constantFrom('o_1' as const, 'o_2' as const) })
  .map((one): LabelSource => ({ ...one, server: 'mail', tool: 'read', at: 1 }));

test('F-1 an action is decided with its task’s labels and those of what it carries, each with the source that came first', () => {
  fc.assert(
    fc.property(fc.array(source, { maxLength: 4 }), fc.array(source, { maxLength: 4 }), (own, carried) => {
      const sources = own.filter(({ label }, at) => own.findIndex(one => one.label === label) === at);
      const task = { ...fakeTask, labels: new Set(sources.map(({ label }) => label)), sources };
      const decided = carrying(task, carried);
      const all = [...sources, ...carried];
      assert.deepEqual(decided.labels, new Set(all.map(({ label }) => label)));
      assert.deepEqual(
        decided.sources,
        [...decided.labels].map(label => all.find(one => one.label === label)),
      );
      for (const { label, entry } of carried)
        if (label !== 'untrusted' && label !== 'org')
          assert.ok(decided.brought?.get(label)?.by.includes(entry), 'what was lowered for the task counts again');
      assert.equal(carrying(task, []), task);
    }),
    { seed: 20261122, numRuns: 200 },
  );
});
