import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeLimits, fakeManifest, fakeTask, fakeUse } from '@sallyport/testkit/fakes/task.ts';
import { seeded } from '@sallyport/testkit/random.ts';
import { noChains, tryChain } from '@sallyport/testkit/tasks/chain.ts';
import { noManifest, type Task } from '../model/task.ts';
import { delegate, type Wanted } from './delegate.ts';

const parent: Task = {
  ...fakeTask,
  kind: 'opened',
  opener: 'operator',
  manifest: fakeManifest({ tools: ['files/*'] }),
  ceiling: 'internal',
  segments: ['office'],
  audience: ['files', 'mail'],
  limits: fakeLimits({ callsMax: 100, bytesMax: 1_000, spendCentsMax: 50, secondsMax: 60, depthMax: 2 }),
  used: fakeUse({ calls: 20 }),
};
const nothing: Wanted = {
  manifest: noManifest,
  ceiling: undefined,
  segments: undefined,
  audience: undefined,
  limits: {},
};

test('who asks for nothing gets what the parent has, half of what is left of its budgets, and no money', () => {
  const made = delegate(parent, fakeUse({ calls: 10 }), nothing, 10_500);
  assert.ok(made.ok);
  const { manifest, ceiling, segments, audience, limits, depth, opener } = made.bounds;
  assert.deepEqual(
    { manifest, ceiling, segments, audience, depth, opener },
    {
      manifest: parent.manifest,
      ceiling: 'internal',
      segments: ['office'],
      audience: ['files', 'mail'],
      depth: 1,
      opener: 'operator',
    },
  );
  assert.deepEqual(limits, fakeLimits({ callsMax: 35, bytesMax: 500, spendCentsMax: 0, secondsMax: 49, depthMax: 1 }));
});

test('D-7 what would reach beyond is refused, by the name of its field', () => {
  const wrong: [Partial<Wanted>, string][] = [
    [{ manifest: fakeManifest({ tools: ['files/*', 'mail/send'] }) }, 'tools'],
    [{ ceiling: 'secret' }, 'ceiling'],
    [{ segments: ['office', 'bank'] }, 'segments'],
    [{ audience: ['web'] }, 'audience'],
    [{ limits: { callsMax: 81 } }, 'limits.callsMax'],
    [{ limits: { secondsMax: 61 } }, 'limits.secondsMax'],
    [{ limits: { spendCentsMax: 51 } }, 'limits.spendCentsMax'],
    [{ limits: { bytesMax: Number.NaN } }, 'limits.bytesMax'],
    [{ limits: { depthMax: 2 } }, 'limits.depthMax'],
    [{ limits: { callsMax: 0 } }, 'limits.callsMax'],
  ];
  for (const [over, field] of wrong) {
    const made = delegate(parent, fakeUse(), { ...nothing, ...over }, 0);
    assert.equal(!made.ok && made.field, field);
  }
  const flat = { ...parent, limits: { ...parent.limits, depthMax: 0 } };
  const none = delegate(flat, fakeUse(), nothing, 0);
  assert.equal(!none.ok && none.why, 'it may not delegate');
  const nowhere = delegate({ ...parent, segments: undefined }, fakeUse(), nothing, 0);
  assert.equal(!nowhere.ok && nowhere.field, 'segments');
});

test('what an ambient or claimed task says about its child counts for nothing', () => {
  for (const opener of ['gateway', 'claimed'] as const) {
    const made = delegate({ ...parent, opener }, fakeUse(), nothing, 0);
    assert.equal(made.ok && made.bounds.opener, 'claimed');
  }
});

test('D-7 random chains never widen, whatever is asked for', () => {
  const random = seeded(20_261);
  const count = noChains();
  while (count.chains < 4_000) tryChain(random, count);
  assert.ok(count.granted > 2_000 && count.refused > 2_000, `too tame: ${JSON.stringify(count)}`);
});
