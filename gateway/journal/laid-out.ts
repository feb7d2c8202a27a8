import { constants } from 'node:fs';
import { open, rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Of the free space of its disk a file that is only there to be quicker takes at most one part in so many. */
const freeSpaceShare = 4;
const pieceBytes = 256 * 1024;

/**
 * Makes a file of so many zeros that are on disk, so that writing over them changes nothing but the bytes themselves: a
 * file that grows has its place on the disk and its length written as well, each time. Resolves to false, and leaves
 * nothing, where there is not enough space, the disk refuses, or `signal` ends it: nobody depends on such a file.
 */
export async function layOut(path: string, bytes: number, signal: AbortSignal): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(dirname(path));
    if (bavail * bsize < bytes * freeSpaceShare) return false;
    const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
    try {
      const zeros = Buffer.alloc(pieceBytes);
      for (let at = 0; at < bytes && !signal.aborted; ) {
        const { bytesWritten } = await file.write(zeros, 0, Math.min(pieceBytes, bytes - at), at);
        at += bytesWritten;
      }
      if (!signal.aborted) await file.sync();
    } finally {
      await file.close();
    }
    if (!signal.aborted) return true;
  } catch {
    // Said by whoever has to write.
  }
  await rm(path, { force: true }).catch(() => undefined);
  return false;
}
