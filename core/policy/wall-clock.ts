import type { WallClock } from './environment.ts';

/** Zones change what their clocks show at quarters of an hour of UTC, and at nothing finer since 1972. */
const quarterMillis = 15 * 60_000;
/** Of the newest: a day of decisions that come in order. */
const quartersMax = 96;

/** The clock of an IANA time zone, such as `Europe/Berlin`; undefined if there is no such zone. */
export function wallClockOf(timeZone: string): WallClock | undefined {
  const format = formatOf(timeZone);
  if (format === undefined) return undefined;
  const offsets = new Map<number, number>();
  return at => {
    const quarter = Math.floor(at / quarterMillis) * quarterMillis;
    const known = offsets.get(quarter);
    if (known !== undefined) return at + known;
    const offset = shownBy(format, quarter) - quarter;
    if (offsets.size >= quartersMax) offsets.clear();
    offsets.set(quarter, offset);
    return at + offset;
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      ...{ timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23' },
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
  } catch {
    return undefined;
  }
}

function shownBy(format: Intl.DateTimeFormat, at: number): number {
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const of = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
}
