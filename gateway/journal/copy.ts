import {
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { layoutOf } from './layout.ts';

/**
 * Copies a journal, also while it is written: what is copied is what a crash would have left. Whatever is written last is copied
 * first (decision 0007), so that nothing in the copy speaks of what it lacks: the checkpoint needs its tiles and entries, the log has
 * no entry that is in no batch, a body is sealed under a key that came before it. What is only held or prepared is left out.
 */
export function copyJournal(from: string, to: string): void {
  const source = layoutOf(from);
  const target = layoutOf(to);
  mkdirSync(to, { mode: 0o700 });
  mkdirSync(target.log, { mode: 0o700 });
  for (const name of ['snapshot', 'published', 'vkey', 'checkpoint'] as const) copyTree(source[name], target[name]);
  copyTree(join(source.log, 'tile'), join(target.log, 'tile'));
  for (const name of ['entries', 'batches', 'keys'] as const) copyTree(source[name], target[name]);
}

/** Files, folders and links, in the order of their names; what went meanwhile is passed over, and so is what is none of these. */
export function copyTree(from: string, to: string, isLeftOut: (path: string) => boolean = () => false): void {
  const stats = lstatSync(from, { throwIfNoEntry: false });
  if (stats === undefined || isLeftOut(from)) return;
  if (stats.isFile()) copyBackwards(from, to);
  else if (stats.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
  if (!stats.isDirectory()) return;
  mkdirSync(to, { mode: stats.mode & 0o777 });
  for (const name of readdirSync(from).sort()) copyTree(join(from, name), join(to, name), isLeftOut);
}

/** A page of the system's: what is read at once is not written in between. */
const pageBytes = 4_096;

/**
 * From the end, as it is now, to the beginning. To a journal's file only more is written, from its beginning to its end, so that of what was
 * written while it was read the copy has the beginning, and never a later piece behind one that is missing.
 */
function copyBackwards(from: string, to: string): void {
  const source = openIfThere(from);
  if (source === undefined) return;
  try {
    const { size, mode } = fstatSync(source);
    const target = openSync(to, 'wx', mode & 0o777);
    try {
      const page = Buffer.allocUnsafe(pageBytes);
      for (let at = Math.floor(size / pageBytes) * pageBytes; at >= 0; at -= pageBytes) {
        const bytes = readSync(source, page, 0, Math.min(pageBytes, size - at), at);
        for (let done = 0; done < bytes; ) done += writeSync(target, page, done, bytes - done, at + done);
      }
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
}
