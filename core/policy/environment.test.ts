import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environmentAt } from './environment.ts';
import { wallClockOf } from './wall-clock.ts';

const shown = (zone: string, at: string): string => {
  const clock = wallClockOf(zone);
  assert.ok(clock !== undefined);
  const now = Date.parse(at);
  const { local, weekday } = environmentAt(now, clock(now));
  return `${new Date(local).toISOString()} ${weekday}`;
};

test('the clock on the wall, and its day of the week, in summer and in winter', () => {
  for (const [zone, at, expected] of [
    ['UTC', '2026-11-27T17:30:00.123Z', '2026-11-27T17:30:00.123Z friday'],
    ['Europe/Berlin', '2026-11-27T16:59:59Z', '2026-11-27T17:59:59.000Z friday'],
    ['Europe/Berlin', '2026-07-31T22:00:00Z', '2026-08-01T00:00:00.000Z saturday'],
    ['Europe/Berlin', '2026-10-25T00:59:59Z', '2026-10-25T02:59:59.000Z sunday'],
    ['Europe/Berlin', '2026-10-25T01:00:00Z', '2026-10-25T02:00:00.000Z sunday'],
    ['Asia/Kathmandu', '2026-11-27T18:15:00Z', '2026-11-28T00:00:00.000Z saturday'],
    ['America/New_York', '2026-11-28T04:59:00Z', '2026-11-27T23:59:00.000Z friday'],
    ['Australia/Lord_Howe', '2026-10-03T15:30:00Z', '2026-10-04T02:30:00.000Z sunday'],
    ['UTC', '1969-12-31T23:59:59Z', '1969-12-31T23:59:59.000Z wednesday'],
  ] as const)
    assert.equal(shown(zone, at), expected, `${zone} ${at}`);
});

test('without a clock of its own it is that of UTC', () => {
  assert.deepEqual(environmentAt(0), { now: 0, local: 0, weekday: 'thursday' });
});

test('there is no such zone', () => assert.equal(wallClockOf('Europe/Atlantis'), undefined));
