import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';

/** The bytes of a plain file; undefined where there is none. Anything else is a fault: a pipe would be waited for without end. */
export function bytesOf(file: string): Buffer | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (!stats.isFile()) throw new NotAFileError(`${file} is no plain file`);
  return readFileSync(file);
}

export class NotAFileError extends Error {
  override readonly name = 'NotAFileError';
}

/** Replaces a file as a whole, keeping its mode and owner; a link to it stays a link, since `target` is where it leads. */
export function replaceFile(target: string, bytes: Buffer): void {
  const stats = statSync(target, { throwIfNoEntry: false });
  // A second name of the same file would go on with the old bytes.
  if (stats !== undefined && stats.nlink > 1) {
    overwrite(target, bytes);
    return;
  }
  const draft = draftOf(target);
  dropDraft(target);
  try {
    writeDraft(draft, bytes, stats);
    renameSync(draft, target);
  } catch (thrown) {
    dropDraft(target);
    if (stats === undefined || !keepsItsPlace.has((thrown as NodeJS.ErrnoException).code)) throw thrown;
    overwrite(target, bytes);
  }
}

/**
 * A file that can be written and not replaced: it is mounted by itself, as containers do, its folder takes no other, or it belongs to
 * somebody else.
 */
const keepsItsPlace: ReadonlySet<string | undefined> = new Set(['EBUSY', 'EACCES', 'EROFS', 'EPERM']);

/** What a crash may have left beside it. */
export function dropDraft(target: string): void {
  rmSync(draftOf(target), { force: true });
}

function draftOf(target: string): string {
  return `${target}.sallyport-new`;
}

function writeDraft(draft: string, bytes: Buffer, stats: Stats | undefined): void {
  const mode = stats === undefined ? 0o600 : stats.mode & 0o777;
  writeFileSync(draft, bytes, { mode, flag: 'wx', flush: true });
  chmodSync(draft, mode);
  if (stats !== undefined && stats.uid !== process.getuid?.()) chownSync(draft, stats.uid, stats.gid);
}

function overwrite(target: string, bytes: Buffer): void {
  const file = openSync(target, 'r+');
  try {
    writeFileSync(file, bytes);
    ftruncateSync(file, bytes.length);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
