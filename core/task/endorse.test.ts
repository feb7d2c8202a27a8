import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import type { TaskDeclassified, TaskEndorsed } from '../model/entry.ts';
import {
  declassificationsMax,
  declassified,
  policyDeclassificationsMax,
  hasRoom as roomToLower,
} from './declassify.ts';
import { endorsed, endorsementsMax, hasRoom, policyEndorsementsMax } from './endorse.ts';

const acted = (n: number, by: string) =>
  ({ id: `e_${n}`, task: fakeTask.id, by, proof: by === 'ann' ? 'shared-uid' : 'policy', why: 'known' }) as const;
const endorsing = (n: number, by: string, over: Partial<TaskEndorsed> = {}): TaskEndorsed => ({
  ...{ kind: 'task.endorsed', ...acted(n, by), endorsed: { kind: 'value', digest: `v${n}` }, reach: 'changes' },
  ...over,
});
const lowering = (n: number, by: string): TaskDeclassified => ({
  ...{ kind: 'task.declassified', ...acted(n, by), what: { kind: 'value', digest: `v${n}` }, to: 'internal' },
});
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

test('F-8 what people and what policies vouch for has room each: nobody’s uses up that of the others', () => {
  for (const { max, policyMax, act, room } of [
    {
      ...{ max: endorsementsMax, policyMax: policyEndorsementsMax },
      act: (task: typeof fakeTask, n: number, by: string) => endorsed(task, endorsing(n, by), n),
      room: (task: typeof fakeTask) => ({ has: hasRoom(task.endorsements), all: task.endorsements }),
    },
    {
      ...{ max: declassificationsMax, policyMax: policyDeclassificationsMax },
      act: (task: typeof fakeTask, n: number, by: string) => declassified(task, lowering(n, by), n),
      room: ({ declassified: all = [] }: typeof fakeTask) => ({ has: roomToLower(all), all }),
    },
  ]) {
    const entriesOf = (task: typeof fakeTask) => room(task).all.map(({ entry }) => entry);
    const byPolicy = upTo(policyMax + 1).reduce((task, n) => act(task, n, 'policy:p'), fakeTask);
    assert.deepEqual(
      entriesOf(byPolicy),
      upTo(policyMax).map(n => `e_${n + 1}`),
      'the oldest is forgotten',
    );
    assert.ok(room(byPolicy).has);
    const byBoth = upTo(max).reduce((task, n) => act(task, 1_000 + n, 'ann'), byPolicy);
    assert.equal(entriesOf(byBoth).length, policyMax + max);
    assert.equal(room(byBoth).has, false);
    assert.equal(act(byBoth, 5_000, 'ann'), byBoth, 'no more of people');
    const another = entriesOf(act(byBoth, 6_000, 'policy:p'));
    assert.deepEqual([another[0], another.at(-1), another.length], ['e_2', 'e_6000', policyMax + max]);
  }
});

test('F-8 an endorsement is kept with its end and the question that it answers, where it has them', () => {
  const kept = (over: Partial<TaskEndorsed>) => endorsed(fakeTask, endorsing(1, 'ann', over), 7).endorsements[0];
  const plain = {
    entry: 'e_1',
    endorsed: { kind: 'value', digest: 'v1' },
    reach: 'changes',
    by: 'ann',
    why: 'known',
    at: 7,
  };
  assert.deepEqual(kept({}), plain);
  assert.deepEqual(kept({ until: 9, approval: 'ap_1' }), { ...plain, until: 9, approval: 'ap_1' });
});
