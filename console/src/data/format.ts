/** How values are written everywhere. */

export function clock(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB', { hour12: false });
}

export function moment(at: number): string {
  const then = new Date(at);
  const day = then.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
  return then.toDateString() === new Date().toDateString() ? clock(at) : `${day}, ${clock(at)}`;
}

/** `9:07`, `1 h 12 min`; never negative. */
export function countdown(millis: number): string {
  const seconds = Math.max(0, Math.ceil(millis / 1_000));
  if (seconds >= 3_600) return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

export function duration(millis: number): string {
  const seconds = Math.max(0, Math.round(millis / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

export function bytes(count: number): string {
  if (count < 1_024) return `${count} B`;
  if (count < 1_048_576) return `${(count / 1_024).toFixed(count < 10_240 ? 1 : 0)} kB`;
  if (count < 1_073_741_824) return `${(count / 1_048_576).toFixed(1)} MB`;
  return `${(count / 1_073_741_824).toFixed(count % 1_073_741_824 === 0 ? 0 : 1)} GB`;
}

export function micros(count: number): string {
  return count < 1_000 ? `${count} µs` : `${(count / 1_000).toFixed(count < 10_000 ? 1 : 0)} ms`;
}

/** Ids are long so that nobody can guess them; the first characters are enough to tell them apart. */
export function short(id: string): string {
  const mark = id.indexOf('_');
  return id.slice(0, mark + 9);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-GB')} ${count === 1 ? one : many}`;
}

/** A text as one part of an address; half a character, which an attacker can write, becomes U+FFFD. */
export function inUrl(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** Back again; an address that somebody mistyped means itself. */
export function fromUrl(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
