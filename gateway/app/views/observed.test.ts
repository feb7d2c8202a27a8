import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { createObserved, type ObservedPorts } from './observed.ts';

const hour = 3_600_000;
const start = 1_800_000_000_000;

function decided(at: number, answer: string): Entry {
  return { kind: 'decided', at, answer } as unknown as Entry;
}

/** Reads as the index does: without `after` the newest, otherwise the oldest. */
function pageOf(entries: readonly Entry[]): ObservedPorts['page'] {
  return async ({ after, limit }) => ({
    entries: after === undefined ? entries.slice(-limit) : entries.slice(0, limit),
    newest: entries.length,
  });
}

const week = [
  decided(start, 'deny'),
  decided(start + 30 * hour, 'permit'),
  decided(start + 31 * hour, 'ask'),
  decided(start + 32 * hour, 'ask'),
  decided(start + 33 * hour, 'deny'),
];

test('after a day of observing it is said what enforcing would have done since yesterday, and of older calls nothing', async () => {
  using folder = temporaryFolder();
  const ports = { page: pageOf(week), isObserving: () => true, now: () => start + 34 * hour, stateDir: folder.path };
  assert.deepEqual(await createObserved(ports).lastDay(), { since: start, calls: 4, asked: 2, refused: 1 });
});

test('nothing is said before there is a day, where nothing would have been stopped, and where it is enforced', async () => {
  using folder = temporaryFolder();
  const base = { page: pageOf(week), isObserving: () => true, now: () => start + 34 * hour, stateDir: folder.path };
  const silent: readonly ObservedPorts[] = [
    { ...base, now: () => start + 23 * hour },
    { ...base, page: pageOf([]) },
    { ...base, page: pageOf([decided(start, 'permit'), decided(start + 30 * hour, 'permit')]) },
    { ...base, isObserving: () => false },
  ];
  for (const ports of silent) {
    assert.equal(await createObserved(ports).lastDay(), undefined);
    assert.equal(await createObserved(ports).onceADay(), undefined);
  }
});

test('a client is told once a day, also by a gateway that was started anew', async () => {
  using folder = temporaryFolder();
  const ports = { page: pageOf(week), isObserving: () => true, now: () => start + 34 * hour, stateDir: folder.path };
  const observed = createObserved(ports);
  assert.match((await observed.onceADay()) ?? '', /would have asked 2 and refused 1/);
  assert.equal(await observed.onceADay(), undefined);
  assert.equal(await createObserved(ports).onceADay(), undefined);
  const tomorrow = {
    ...ports,
    page: pageOf([...week, decided(start + 57 * hour, 'ask')]),
    now: () => start + 59 * hour,
  };
  assert.match((await createObserved(tomorrow).onceADay()) ?? '', /would have asked 1/);
});
