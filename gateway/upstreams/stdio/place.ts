import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ConnectionKey, keyFolder } from '../key.ts';

/** Where a child lives: folders of its own under the state directory, readable by nobody else. */
export interface Place {
  readonly root: string;
  readonly home: string;
  readonly work: string;
}

export function placeOf(stateDir: string, key: ConnectionKey): Place {
  const root = join(stateDir, 'servers', key.server, keyFolder(key));
  return { root, home: join(root, 'home'), work: join(root, 'work') };
}

export function makePlace(stateDir: string, key: ConnectionKey): Place {
  const place = placeOf(stateDir, key);
  for (const folder of [place.home, place.work]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return place;
}

/** What a task's own child left behind goes with the task. */
export function clearPlace(place: Place): void {
  rmSync(place.root, { recursive: true, force: true, maxRetries: 3 });
}

/**
 * All that a child is told of the machine: the path, a home of its own, the language, and what the operator configured.
 * Nothing of the gateway's own environment, where its secrets may be.
 */
export function environmentOf(place: Place, configured: Readonly<Record<string, string>>): Record<string, string> {
  const { PATH, LANG, SystemRoot } = process.env;
  return {
    PATH: PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: place.home,
    LANG: LANG ?? 'C.UTF-8',
    ...(SystemRoot === undefined ? {} : { SystemRoot, USERPROFILE: place.home }),
    ...configured,
  };
}
