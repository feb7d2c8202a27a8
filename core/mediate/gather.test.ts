import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import { toolOf } from '@sallyport/testkit/policy/scene.ts';
import { makeAction } from '../model/action.ts';
import type { Endorsement, Reach } from '../model/endorsement.ts';
import { emptyObject } from '../model/json.ts';
import { noManifest, type Task } from '../model/task.ts';
import { type ActionClass, actionClasses } from '../model/tool.ts';
import { nothingLooked } from '../provenance/memories.ts';
import { gather } from './gather.ts';

const agent = {
  id: 'a',
  classes: [],
  team: undefined,
  owner: undefined,
  shared: false,
  vendor: false,
  trust: 2,
  proof: 'bearer',
  principal: 'user:emma',
} as const;

function facts(classes: readonly ActionClass[], over: Partial<Task>) {
  const tool = toolOf({ server: 'ledger', name: 'act', classes: actionClasses.filter(name => classes.includes(name)) });
  const action = makeAction(
    { method: 'tools/call', server: tool.server, name: tool.name, input: emptyObject },
    tool,
    text => text,
  );
  const task: Task = { ...fakeTask, opener: 'operator', kind: 'opened', ...over };
  return gather({ agent, task, action, looked: nothingLooked, now: 0 }).task;
}

function standingBehind(tool: string, reach: Reach): Endorsement {
  const endorsed = { kind: 'tool', server: 'ledger', tool } as const;
  return { entry: 'o_1', endorsed, reach, by: 'ann', why: 'ours', at: 0 };
}

test('F-8 a tool that somebody stands behind is asked for and in the manifest, up to what they agreed to', () => {
  const manifest = { ...noManifest, tools: ['ledger/other'] };
  for (const [classes, tool, reach, counts] of [
    [['write'], 'act', 'changes', true],
    [['write', 'message'], 'act', 'changes', false],
    [['write', 'message'], 'act', 'outward', true],
    [['write', 'money'], 'act', 'outward', false],
    [['write', 'money'], 'act', 'grave', true],
    [['write'], 'other', 'grave', false],
  ] as const) {
    const endorsements = [standingBehind(tool, reach)];
    assert.equal(facts(classes, { endorsements }).asked, counts, `${classes} ${tool} ${reach}`);
    const bound = facts(classes, { endorsements, manifest });
    assert.deepEqual([bound.hasManifest, bound.inManifest], [true, counts], `${classes} ${tool} ${reach}`);
  }
  assert.equal(facts(['write'], {}).asked, false);
  const outside = facts(['write'], { manifest });
  assert.deepEqual([outside.asked, outside.related, outside.delegated], [false, false, false]);
  const claimed = facts(['write'], { manifest: { ...noManifest, tools: ['ledger/act'] }, opener: 'claimed' });
  assert.deepEqual([claimed.hasManifest, claimed.inManifest, claimed.asked], [false, false, false]);
  const unstated = facts(['write'], {});
  assert.deepEqual([unstated.hasManifest, unstated.inManifest], [false, false], 'a manifest that says nothing is none');
});

test('F-8 who stands behind a tool stands behind no other server’s of that name', () => {
  const elsewhere = {
    ...standingBehind('act', 'grave'),
    endorsed: { kind: 'tool', server: 'other', tool: 'act' },
  } as const;
  assert.equal(facts(['write'], { endorsements: [elsewhere] }).asked, false);
});

test('K-9 what calls spend that are under way counts, so that a rule about it holds for calls at once', () => {
  const tool = toolOf({ server: 'ledger', name: 'act', classes: ['money'] });
  const action = makeAction(
    { method: 'tools/call', server: 'ledger', name: 'act', input: emptyObject },
    tool,
    text => text,
  );
  const used = { calls: 2, bytes: 5, spendCents: 100 };
  const of = (before: Task['used'] | undefined): unknown => {
    const at = { agent, task: { ...fakeTask, used }, action, looked: nothingLooked, now: 0, costCents: 90, before };
    const { calls, spendCents, costCents } = gather(at).task;
    return [calls, spendCents, costCents];
  };
  assert.deepEqual(of(undefined), [2, 100, 90]);
  assert.deepEqual(of({ calls: 4, bytes: 9, spendCents: 280 }), [4, 280, 90]);
  assert.deepEqual(of({ calls: 0, bytes: 0, spendCents: 0 }), [2, 100, 90], 'some have ended meanwhile');
});
