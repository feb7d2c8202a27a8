import { utimesSync } from 'node:fs';

const markMillis = 10 * 60_000;

/** A bundle that was marked within this time may be one that runs. */
export const inUseMillis = 3 * markMillis;

/** Marks a bundle as used now: the build clears away what was used longest ago. */
export function markUsed(folder: string): void {
  try {
    utimesSync(folder, new Date(), new Date());
  } catch {
    // One that came with a machine's image may be there to read only.
  }
}

/** For as long as this process runs, which may have files of it still to load. */
export function keepMarked(folder: string): void {
  setInterval(() => markUsed(folder), markMillis).unref();
}
