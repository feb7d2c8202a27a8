import { type Given, text } from '../command.ts';
import { usageError } from '../exit.ts';
import { safeLine } from '../format/safe.ts';

/** The instant that an option names, undefined where it was not given; a usage error where it names none. */
export function instantOf(given: Given, name: string): number | undefined {
  const when = text(given, name);
  if (when === undefined) return undefined;
  const at = instantIn(when, Date.now());
  if (at !== undefined) return at;
  throw usageError(
    `--${name} ${safeLine(when)} is no time`,
    'A date (2026-11-23), a time (2026-11-23T14:00), or 90m, 24h, 7d.',
  );
}

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * The instant of a date (`2026-11-23`, its first moment here), a time (`2026-11-23T14:00`, here; or with `Z` or `+02:00`), or a while
 * before `now` (`90m`, `24h`, `7d`). Undefined for anything else, also what a looser reader would take for some year, such as `7`.
 */
export function instantIn(text: string, now: number): number | undefined {
  const [, count, unit = ''] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * (units[unit] ?? 0);
  const [, day, time] = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?$/.exec(text) ?? [];
  // A date alone would be read as one of UTC.
  const at = Date.parse(`${day}${time ?? 'T00:00'}`);
  return Number.isFinite(at) ? at : undefined;
}
