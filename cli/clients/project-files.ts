import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FilePlan } from './plan.ts';
import type { Client } from './table.ts';

/** Project files that are there; others work with them too, so that nobody's `wrap` takes them unless told to. */
export function projectFilesOf(clients: readonly Client[]): readonly string[] {
  const paths = clients.flatMap(({ files }) =>
    files.filter(({ scope }) => scope === 'project').map(({ path }) => path),
  );
  return [...new Set(paths)].filter(path => existsSync(path));
}

/** The project's repository would carry our entry to people who have nothing at its path (E7). */
export function isShared({ file: { folder } }: FilePlan): boolean {
  for (let at = folder; at !== undefined; at = dirname(at) === at ? undefined : dirname(at))
    if (existsSync(join(at, '.git'))) return true;
  return false;
}
