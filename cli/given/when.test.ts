import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantIn } from './when.ts';

const now = Date.UTC(2026, 10, 24);

test('a date and a time are those of this place, and a while is before now', () => {
  const zone = process.env.TZ;
  process.env.TZ = 'America/Los_Angeles';
  try {
    const rows: readonly (readonly [string, number])[] = [
      ['2026-11-23', new Date(2026, 10, 23).getTime()],
      ['2026-11-23T14:00', new Date(2026, 10, 23, 14).getTime()],
      ['2026-11-23T14:00:30Z', Date.UTC(2026, 10, 23, 14, 0, 30)],
      ['2026-11-23T14:00+02:00', Date.UTC(2026, 10, 23, 12)],
      ['90m', now - 5_400_000],
      ['24h', now - 86_400_000],
      ['7d', now - 7 * 86_400_000],
    ];
    for (const [text, at] of rows) assert.equal(instantIn(text, now), at, text);
    assert.equal(instantIn('2026-11-23', now), Date.UTC(2026, 10, 23, 8));
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});

test('what names no time is none, also where a looser reader finds a year in it', () => {
  for (const text of [
    '7',
    '2026',
    '-1',
    '1/2/3',
    'mon 5',
    'soon',
    '',
    '0d',
    '7 d',
    '7w',
    '2026-13-01',
    '2026-11-23 14:00',
  ])
    assert.equal(instantIn(text, now), undefined, text);
});
