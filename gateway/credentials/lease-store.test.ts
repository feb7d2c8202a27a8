import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Lease } from '@sallyport/core/lease/lease.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { openLeaseStore } from './lease-store.ts';

const lease = (id: string, over: Partial<Lease> = {}): Lease => ({
  ...{ id: `l_${id}`, credential: 'db', server: 's', agent: 'a', principal: 'user:emma', task: undefined, scope: '' },
  ...{ issuedAt: 1, expiresAt: undefined, revocable: true, ...over },
});
const idsOf = (leases: readonly Lease[]): string[] => leases.map(({ id }) => id);

test('R8 a lease is on disk once its put resolves, and is found by whoever opens the file next', async () => {
  using folder = temporaryFolder();
  const file = folder.file('leases.jsonl');
  const store = await openLeaseStore(file);
  await Promise.all(Array.from({ length: 50 }, (_, n) => store.put(lease(`${n}`))));
  store.remove('l_7');
  await store.put(lease('8', { expiresAt: 99 }));
  // As after a crash: nobody closed the first one.
  const next = await openLeaseStore(file);
  assert.equal(next.all().length, 49);
  assert.deepEqual(
    [idsOf(next.all()).includes('l_7'), next.all().find(({ id }) => id === 'l_8')?.expiresAt],
    [false, 99],
  );
  assert.equal(statSync(file).mode & 0o077, 0);
  await Promise.all([store.close(), next.close()]);
});

test('R8 a line that was being written when everything stopped is none, and what stands before it counts', async () => {
  using folder = temporaryFolder();
  const file = folder.file('leases.jsonl');
  const store = await openLeaseStore(file);
  await store.put(lease('1'));
  await store.close();
  appendFileSync(file, '{"v":1,"put":{"id":"l_2"');
  const next = await openLeaseStore(file);
  assert.deepEqual(idsOf(next.all()), ['l_1']);
  await next.put(lease('3'));
  await next.close();
  const last = await openLeaseStore(file);
  assert.deepEqual(idsOf(last.all()), ['l_1', 'l_3']);
  await last.close();
});

test('what was not written here is no list of leases', async () => {
  using folder = temporaryFolder();
  const file = folder.file('leases.jsonl');
  for (const text of ['nonsense\n', '{"v":2,"removed":"l_1"}\n', '{"v":1}\n', '{"v":1,"put":{},"removed":"x"}\n']) {
    writeFileSync(file, text, { mode: 0o600 });
    await assert.rejects(openLeaseStore(file), SyntaxError, text);
  }
});

test('the file does not grow with what is over', async () => {
  using folder = temporaryFolder();
  const file = folder.file('leases.jsonl');
  const store = await openLeaseStore(file);
  await store.put(lease('stays'));
  for (let n = 0; n < 1_200; n++) {
    void store.put(lease(`${n}`));
    store.remove(`l_${n}`);
    if (n % 100 === 0) await store.put(lease('stays'));
  }
  await store.put(lease('last'));
  await store.close();
  assert.ok(readFileSync(file, 'utf8').split('\n').length < 1_500);
  const next = await openLeaseStore(file);
  assert.deepEqual(idsOf(next.all()), ['l_stays', 'l_last']);
  await next.close();
});
