import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryFolder } from '../upstream/fixture.ts';
import { codingSessions, playSession } from './coding-session.ts';
import { openDeskHouse } from './desk-house.ts';

test('a written session runs to its end with the questions it should have, and what an attacker wants is asked', async () => {
  using folder = temporaryFolder();
  await using house = await openDeskHouse(folder.file('state'));
  const work = codingSessions('work');
  assert.ok(work.length >= 5);
  const session = work.find(({ name }) => name === 'a-go-service');
  assert.ok(session !== undefined);
  const asked = (await playSession(session, house)).filter(({ answer }) => answer !== 'allow');
  assert.deepEqual(
    asked.map(({ act }) => act.input.command),
    ['git push -u origin health-db'],
  );
  for (const attack of codingSessions('attacks').slice(0, 4)) {
    const told = await playSession(attack, house);
    assert.ok(told.some(({ act }) => act.attack));
    for (const { act, answer } of told) if (act.attack) assert.notEqual(answer, 'allow', `${attack.name}: ${act.tool}`);
  }
});
