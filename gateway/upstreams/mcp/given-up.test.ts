import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskId } from '@sallyport/core/model/ids.ts';
import { Pending } from './ask.ts';
import { GivenUp } from './given-up.ts';

function asked(id: number, task: TaskId): Pending {
  return new Pending(
    id,
    { method: 'tools/call', params: '{}', millisMax: 1, replyBytesMax: 1, actsIn: task },
    () => {},
  );
}

test('what was given up in a task is of others than another task, until its server has answered', () => {
  const givenUp = new GivenUp(60_000);
  givenUp.add(asked(1, 't_one'));
  assert.deepEqual([givenUp.areOfOthersThan('t_one'), givenUp.areOfOthersThan('t_two')], [false, true]);
  givenUp.delete(1);
  assert.equal(givenUp.areOfOthersThan('t_two'), false);
});

test('R-5 of more than are kept any may be of another task, until their time has passed', async () => {
  const givenUp = new GivenUp(200);
  for (let id = 0; id < 4_096; id++) givenUp.add(asked(id, 't_one'));
  assert.equal(givenUp.areOfOthersThan('t_one'), false);
  givenUp.add(asked(4_096, 't_two'));
  for (let id = 0; id <= 4_096; id++) givenUp.delete(id);
  assert.equal(givenUp.areOfOthersThan('t_two'), true, 'it is not known of whom');
  const end = performance.now() + 200;
  while (performance.now() <= end) await new Promise(setImmediate);
  assert.equal(givenUp.areOfOthersThan('t_two'), false);
});
