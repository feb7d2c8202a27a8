import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passed } from '@sallyport/core/model/refusal.ts';
import { emptyState } from '@sallyport/core/task/state.ts';
import { fakeSource, holderOf, openBroker } from '@sallyport/testkit/rooms/credentials.ts';
import { until } from '@sallyport/testkit/upstream/fixture.ts';
import { endStopped } from './credentials.ts';

test('R8 a stop ends the credentials of what it stops, also one that is being minted, and no others', async () => {
  const source = fakeSource('db');
  const { broker } = openBroker([source]);
  const held = await broker.issue('db', holderOf());
  const minting = Promise.withResolvers<void>();
  source.mintAs = async () => {
    await minting.promise;
    return passed({ secret: 'late', expiresAt: undefined, revocable: true });
  };
  const stopped = broker.issue('db', holderOf({ server: 'other' }));
  const spared = broker.issue('db', holderOf({ agent: 'other' }));
  await until('both are minted', () => source.minted.length === 3);
  endStopped({ kind: 'agent', agent: 'assistant' }, broker, emptyState());
  assert.equal(held.ok && held.value.ended.aborted, true);
  minting.resolve();
  assert.deepEqual([(await stopped).ok, (await spared).ok], [false, true]);
});
