import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
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
  for (const folder of [target.log, to]) syncNow(folder);
}

/**
 * Files, folders and links, in the order of their names; what went meanwhile is passed over, and so is what is none of these. Each folder
 * is listed twice: the full tile that took the place of a partial one was not there at first, and then the partial one is not. In the
 * copy the owner may write to every folder, as whoever fills it has to.
 *
 * With `passOver` it is a folder where others write and of which no start needs anything: what cannot be read or named there is told
 * to it and keeps no copy from being made, and nobody waits for the disk.
 */
export function copyTree(from: string, to: string, passOver?: (path: string) => void): void {
  try {
    copyOne(from, to, passOver);
  } catch (thrown) {
    if (passOver === undefined || !unreadable.has(String((thrown as NodeJS.ErrnoException).code))) throw thrown;
    passOver(from);
  }
}

const unreadable = new Set(['EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG']);

function copyOne(from: string, to: string, passOver: ((path: string) => void) | undefined): void {
  const stats = lstatSync(from, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (stats.isFile()) copyBackwards(from, to, passOver === undefined);
  else if (stats.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
  if (!stats.isDirectory()) return;
  const names = new Set(namesIn(from));
  mkdirSync(to, { mode: (stats.mode & 0o777) | 0o700 });
  for (const name of names) copyTree(join(from, name), join(to, name), passOver);
  for (const name of namesIn(from)) if (!names.has(name)) copyTree(join(from, name), join(to, name), passOver);
  if (passOver === undefined) syncNow(to);
}

/** A page of the system's: what is read at once is not written in between. */
const pageBytes = 4_096;

/**
 * From the end, as it is now, to the beginning. To a journal's file only more is written, from its beginning to its end, so that of what was
 * written while it was read the copy has the beginning, and never a later piece behind one that is missing.
 */
function copyBackwards(from: string, to: string, isDurable: boolean): void {
  const source = unlessGone(() => openSync(from, readPlain));
  if (source === undefined) return;
  try {
    const stats = fstatSync(source);
    if (!stats.isFile()) return;
    const { size, mode } = stats;
    const target = openSync(to, 'wx', mode & 0o777);
    try {
      const page = Buffer.allocUnsafe(pageBytes);
      for (let at = Math.floor(size / pageBytes) * pageBytes; at >= 0; at -= pageBytes) {
        const bytes = readSync(source, page, 0, Math.min(pageBytes, size - at), at);
        for (let done = 0; done < bytes; ) done += writeSync(target, page, done, bytes - done, at + done);
      }
      if (isDurable) fsyncSync(target);
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

/** Where somebody puts a link or a pipe in the place of what was just a file, that is neither followed nor waited for. */
const readPlain = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

function namesIn(folder: string): readonly string[] {
  return unlessGone(() => readdirSync(folder).sort()) ?? [];
}

/** Of a file or a folder. */
export function syncNow(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
}
