import { closeSync, constants, fdatasync, fsyncSync, openSync, type WriteFileOptions, write, writev } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** The functions through which everything that has to survive a power cut is written (threats DF18, DF19). */

/** A file to which only more is written. */
export interface DurableFile {
  /** Resolves once the bytes are on disk. A failure is final: what the page cache then says is not to be trusted. */
  readonly append: (parts: readonly Uint8Array[]) => Promise<void>;
  readonly close: () => void;
}

/** With `start` the file is there, and what is in it from that byte on is written over; without, it grows. */
export type OpenDurableFile = (path: string, start?: number) => DurableFile;

/**
 * Opens `path`, or creates it where there is no `start`; where no more files may be opened, nothing was created. On Linux `O_DSYNC`
 * makes one system call of write and fdatasync: the call returns when the bytes, and the size needed to find them, are on disk
 * (open(2)). Elsewhere the two are separate.
 */
export const openDurableFile: OpenDurableFile = (path, start) => {
  const dsync = process.platform === 'linux' ? constants.O_DSYNC : 0;
  const open = (where: number): number => openSync(path, constants.O_WRONLY | where | dsync, 0o600);
  const create = (): number => open(constants.O_CREAT | constants.O_APPEND);
  const fd = start === undefined ? inSyncedDir(dirname(path), create) : open(0);
  let at = start;
  return {
    append: async parts => {
      await writeAll(fd, parts, at);
      if (at !== undefined) at += bytesOf(parts);
      if (dsync === 0) await dataSync(fd);
    },
    close: () => closeSync(fd),
  };
};

/** From byte `start` on, or to the end. */
function writeAll(fd: number, parts: readonly Uint8Array[], start: number | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const step = (left: readonly Uint8Array[], at: number | null): void => {
      const done = (error: Error | null, written: number): void => {
        const rest = after(left, written);
        // A short write is no failure: the rest follows. Only a failed call is final.
        if (error !== null) reject(error);
        else if (rest.length === 0) resolve();
        else if (written === 0) reject(new Error('the disk took no byte'));
        else step(rest, at === null ? null : at + written);
      };
      const [only] = left;
      if (left.length === 1 && only !== undefined) write(fd, only, 0, only.length, at, done);
      else writev(fd, left as Uint8Array[], at, done);
    };
    step(parts, start ?? null);
  });
}

function bytesOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function after(parts: readonly Uint8Array[], written: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  let skip = written;
  for (const part of parts) {
    if (skip < part.length) rest.push(skip === 0 ? part : part.subarray(skip));
    skip = Math.max(0, skip - part.length);
  }
  return rest;
}

export function dataSync(fd: number): Promise<void> {
  return new Promise((resolve, reject) => fdatasync(fd, error => (error === null ? resolve() : reject(error))));
}

/**
 * A new, renamed or removed file is so in its directory only once the directory is on disk, as it is when this returns. The directory is
 * open before `change` begins: where no more files may be opened, nothing was changed. Windows has no such call.
 */
function inSyncedDir<T>(path: string, change: () => T): T {
  if (process.platform === 'win32') return change();
  const fd = openSync(path, constants.O_RDONLY);
  try {
    const changed = change();
    fsyncSync(fd);
    return changed;
  } finally {
    closeSync(fd);
  }
}

/** How long somebody who may open no more files is waited for, and how often it is tried. */
const openMillisMax = 60_000;
const openAgainMillis = 100;

/** Opens a file. */
export function openPatiently(path: string, flags: string | number, mode?: number): Promise<FileHandle> {
  return patiently(() => open(path, flags, mode));
}

/** That a process or machine has as many files open as it may is no failure of the disk: nothing was begun, and some are closed soon. */
export async function patiently<T>(open: () => T | Promise<T>): Promise<T> {
  for (const begun = performance.now(); ; await wait(openAgainMillis))
    try {
      return await open();
    } catch (thrown) {
      if (!hasTooManyFiles(thrown) || performance.now() - begun > openMillisMax) throw thrown;
    }
}

export function hasTooManyFiles(thrown: unknown): boolean {
  const { code } = thrown as NodeJS.ErrnoException;
  return code === 'EMFILE' || code === 'ENFILE';
}

/** What was changed in a directory is on disk. */
export async function syncDirPatiently(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await openPatiently(path, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Replaces `path` whole or not at all, by a text or by pieces of one. */
export async function writeFileDurably(path: string, text: string | readonly string[], mode = 0o600): Promise<void> {
  const next = `${path}.next`;
  await rm(next, { force: true });
  const options: WriteFileOptions = { flush: true };
  const file = await openPatiently(next, 'wx', mode);
  try {
    await file.writeFile(text, options);
    await file.sync();
  } finally {
    await file.close();
  }
  await renameDurably(next, path);
}

/** The folder of `to` is open before anything is renamed: whoever does not wait for that (`openDir`) finds nothing begun. */
export async function renameDurably(from: string, to: string, openDir = openPatiently): Promise<void> {
  const dir = process.platform === 'win32' ? undefined : await openDir(dirname(to), constants.O_RDONLY);
  try {
    await rename(from, to);
    await dir?.sync();
  } finally {
    await dir?.close();
  }
}
