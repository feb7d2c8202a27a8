/** Local wall-clock time of an instant (milliseconds since the epoch): `22:41:07`, and with its date where that is not the date of `now`. */
export function clock(at: number, now = Date.now()): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  return isToday ? new Date(at).toLocaleTimeString('sv-SE') : moment(at);
}

/** `2026-11-21 22:41:07`, local time. */
export function moment(at: number): string {
  return new Date(at).toLocaleString('sv-SE');
}

/** A duration in the two largest units that matter: `850 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return two(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  if (seconds < 86_400) return two(Math.floor(seconds / 3_600), 'h', Math.floor((seconds % 3_600) / 60), 'min');
  return two(Math.floor(seconds / 86_400), 'd', Math.floor((seconds % 86_400) / 3_600), 'h');
}

function two(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** `0.24 ms`, `3.1 ms`, `1.2 s` */
export function micros(value: number): string {
  if (value < 10_000) return `${(value / 1_000).toFixed(2)} ms`;
  return value < 1_000_000 ? `${(value / 1_000).toFixed(0)} ms` : `${(value / 1_000_000).toFixed(1)} s`;
}

export function bytes(value: number): string {
  if (value < 1_024) return `${value} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let scaled = value / 1_024;
  let unit = 0;
  while (scaled >= 1_024 && unit < units.length - 1) {
    scaled /= 1_024;
    unit++;
  }
  return `${scaled.toFixed(scaled < 10 ? 1 : 0)} ${units[unit]}`;
}
