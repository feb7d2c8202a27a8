import {
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** A file that holds a secret cannot be trusted or used; the message says why and what to do. */
export class PrivateFileError extends Error {
  override readonly name = 'PrivateFileError';
}

/** The text of a file that only this user can read; undefined if there is none. Links are not followed. */
export function readPrivate(file: string): string | undefined {
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (!stats.isFile()) throw new PrivateFileError(`${file} is not a plain file; remove it`);
  const uid = process.getuid?.();
  if (uid !== undefined && stats.uid !== uid)
    throw new PrivateFileError(`${file} belongs to another user, so it is not ours to trust; remove it`);
  if (uid !== undefined && (stats.mode & 0o077) !== 0)
    throw new PrivateFileError(
      `others may read ${file}, which holds secrets: close it with chmod 600, and make new ones if others use this machine`,
    );
  return readFileSync(file, 'utf8');
}

/** The JSON object in such a file; undefined where there is none, or it was damaged: for what can be had or found out anew. */
export function readPrivateRecord(file: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(readPrivate(file) ?? '');
    const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isRecord ? (value as Record<string, unknown>) : undefined;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

/** Replaces the file as a whole: after a crash it is the old one or the new one, and once this returns the new one. */
export function writePrivate(file: string, text: string): void {
  const draft = `${file}.new`;
  unlinkIfThere(draft);
  const fd = openSync(draft, 'wx', 0o600);
  try {
    // Goes on after a short write, which is what a disk that is nearly full answers with: only the next one fails.
    writeFileSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(draft, file);
  syncFolder(dirname(file));
}

/** Durable once this returns; that there is none is no error. */
export function removePrivate(file: string): void {
  unlinkIfThere(file);
  syncFolder(dirname(file));
}

function unlinkIfThere(file: string): void {
  try {
    unlinkSync(file);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
  }
}

function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
