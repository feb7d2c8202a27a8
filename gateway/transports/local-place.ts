import { createHash } from 'node:crypto';
import { join, win32 } from 'node:path';

export type LocalDoor = 'mcp.sock' | 'hook.sock';

/**
 * Where this machine's clients find a door of ours: a socket in the state directory, and on Windows a named pipe that is called
 * after it, since sockets have no place in folders there. The folder keeps others from a socket; a pipe's name can be taken by
 * whoever is there first (docs/limitations.md).
 */
export function localPlace(stateDir: string, door: LocalDoor, platform: NodeJS.Platform = process.platform): string {
  if (platform !== 'win32') return join(stateDir, door);
  const name = createHash('sha256').update(win32.resolve(stateDir).toLowerCase()).digest('hex').slice(0, 32);
  return `${pipes}sallyport-${name}-${door}`;
}

const pipes = '\\\\.\\pipe\\';

/** It lies in no folder: there is nothing to make, to close to others, or to clean up. */
export function isPipe(path: string): boolean {
  return path.startsWith(pipes);
}
