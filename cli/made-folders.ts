import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** The folders that have to be made for something in `dir`, outermost first. */
export function foldersMissing(dir: string): string[] {
  return existsSync(dir) ? [] : [...foldersMissing(dirname(dir)), dir];
}

/** Takes folders away that were made, where nothing else has come to lie in them. */
export function removeMadeFolders(dirs: readonly string[]): void {
  for (const dir of dirs.toReversed()) if (existsSync(dir) && readdirSync(dir).length === 0) rmdirSync(dir);
}
