import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Over what the files hold and where they lie below `root`, in whatever order they are named. */
export function filesDigest(files: readonly string[], root: string): string {
  const hash = createHash('sha256');
  for (const file of files.toSorted())
    hash
      .update(`${relative(root, file)}\n`)
      .update(readFileSync(file))
      .update('\n');
  return hash.digest('base64url');
}

/** Every file in a folder and below, and every link that leads to a file. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() || (entry.isSymbolicLink() && leadsToFile(join(entry.parentPath, entry.name))))
    .map(entry => join(entry.parentPath, entry.name));
}

function leadsToFile(link: string): boolean {
  return statSync(link, { throwIfNoEntry: false })?.isFile() === true;
}
