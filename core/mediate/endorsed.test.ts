import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import { toolOf } from '@sallyport/testkit/policy/scene.ts';
import { makeAction } from '../model/action.ts';
import type { Endorsement } from '../model/endorsement.ts';
import { emptyObject } from '../model/json.ts';
import { withEndorsementsFor } from './endorsed.ts';

const tool = toolOf({ server: 'ledger', name: 'act', classes: ['write'] });
const action = makeAction(
  { method: 'tools/call', server: tool.server, name: tool.name, input: emptyObject },
  tool,
  text => text,
);

function standing(entry: string, until?: number): Endorsement {
  const endorsed = { kind: 'tool', server: 'ledger', tool: 'act' } as const;
  const over = until === undefined ? {} : { until };
  return { entry: `e_${entry}`, endorsed, reach: 'changes', by: 'ann', why: 'ours', at: 0, ...over };
}

test('F-8 an endorsement for a time holds up to its end and not at it; one for the task holds on', () => {
  const task = { ...fakeTask, endorsements: [standing('hour', 1_000), standing('task')] };
  const at = (now: number): string[] => withEndorsementsFor(task, action, now).endorsements.map(({ entry }) => entry);
  assert.deepEqual(at(999), ['e_hour', 'e_task']);
  assert.deepEqual(at(1_000), ['e_task']);
  assert.deepEqual(at(1_000_000), ['e_task']);
});

test('F-8 what was endorsed in one segment is nothing on the way into another, whatever was endorsed', () => {
  const elsewhere = { ...fakeTask, segments: ['another'], endorsements: [standing('task')] };
  assert.deepEqual(withEndorsementsFor(elsewhere, action, 0).endorsements, []);
  const here = { ...elsewhere, segments: [tool.segment] };
  assert.equal(withEndorsementsFor(here, action, 0), here);
});
