import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '@sallyport/testkit/random.ts';
import { openTrack, type Race, type RaceTrack } from '@sallyport/testkit/tasks/race.ts';

async function races(track: RaceTrack): Promise<readonly Race[]> {
  const random = seeded(7);
  return await Promise.all(Array.from({ length: 300 }, () => track.run(random)));
}

const after = (all: readonly Race[]): number => all.filter(({ firstByteAfter = -1 }) => firstByteAfter > 0).length;

test('E-10 R17 no first byte leaves after a stop, however close the race', async () => {
  const all = await races(openTrack());
  assert.equal(after(all), 0);
  const refused = all.filter(({ refusal }) => refusal === 'task-ended').length;
  assert.ok(refused > 30 && refused < 300, `the races were not close: ${refused} refused`);
});

test('E-10 and without the second check there would be some: the races are races', async () => {
  assert.ok(after(await races(openTrack({ withoutSecondCheck: true }))) > 30);
});
