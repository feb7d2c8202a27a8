import assert from 'node:assert/strict';
import test from 'node:test';
import { stdioUpstream, temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { startRig, textOf } from '@sallyport/testkit/upstream/rig.ts';
import { createRequestIds } from './request-ids.ts';

test('A-5 an answer that lies in the pipe before its request is written answers nothing', async () => {
  using folder = temporaryFolder();
  await using rig = await startRig({ servers: [stdioUpstream('files', {})], stateDir: folder.path });
  const call = async (): Promise<string> => textOf(await rig.call({ server: 'files', tool: 'ahead' }));
  assert.equal(await call(), 'mine');
  // Nothing is read meanwhile, as when the gateway is busy: what the server writes waits in the pipe.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  assert.equal(await call(), 'mine');
});

test('A-5 ids are positive, fit in 31 bits, come once each, and lie nowhere near one another', () => {
  const next = createRequestIds();
  const ids = Array.from({ length: 200_000 }, next);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.every(id => Number.isInteger(id) && id > 0 && id < 2 ** 31));
  const steps = ids.slice(1).map((id, at) => id - (ids[at] ?? 0));
  assert.ok(new Set(steps).size > 199_000, 'steps hardly ever come twice');
  const near = steps.filter(step => Math.abs(step) < 2 ** 20).length;
  // Of two random ids of 30 bits, one pair in 512 lies as near.
  assert.ok(near > 200 && near < 600, `${near} pairs`);
});

test('two gateways, and two runs of one, begin elsewhere', () => {
  assert.notDeepEqual(Array.from({ length: 3 }, createRequestIds()), Array.from({ length: 3 }, createRequestIds()));
});
