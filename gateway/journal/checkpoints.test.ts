import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Checkpoints } from './checkpoints.ts';

test('a journal at rest publishes nothing, and one that is written to again publishes once more', async context => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let [size, rounds] = [0, 0];
  const checkpoints = new Checkpoints(
    { size, note: '', at: 0 },
    {
      size: () => size,
      isUp: () => true,
      now: () => 0,
      publish: async () => ({ size, note: `round ${++rounds}` }),
      onFault: thrown => assert.fail(String(thrown)),
      millisMax: 10,
    },
  );
  const pass = async (): Promise<void> => {
    checkpoints.soon();
    context.mock.timers.tick(100);
    await checkpoints.idle();
    context.mock.timers.tick(100);
    await checkpoints.idle();
  };
  await pass();
  assert.equal(rounds, 0);
  size = 3;
  await pass();
  await pass();
  assert.deepEqual([rounds, checkpoints.newest.size], [1, 3]);
  size = 4;
  await pass();
  assert.deepEqual([rounds, checkpoints.newest.note], [2, 'round 2']);
});
