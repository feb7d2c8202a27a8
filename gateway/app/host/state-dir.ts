import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { quotedWord } from '@sallyport/core/facts/arguments.ts';
import { homeDir } from './home-dir.ts';

/** The state directory could not be used; the message says why and what to do. */
class StateDirError extends Error {
  override readonly name = 'StateDirError';
}

/** `$XDG_STATE_HOME/sallyport`, or `~/.local/state/sallyport` (XDG Base Directory 0.8). */
export function defaultStateDir(env: NodeJS.ProcessEnv): string {
  if (env.XDG_STATE_HOME?.startsWith('/')) return join(env.XDG_STATE_HOME, 'sallyport');
  const home = homeDir();
  if (home !== undefined) return join(home, '.local', 'state', 'sallyport');
  throw new StateDirError(
    'this user has no home folder to keep the state in; name a directory with --state DIR, or set HOME',
  );
}

/**
 * Makes the directory and its parents where they are missing, for this user alone. It holds keys: a directory of
 * somebody else's, or one that others may enter, is refused rather than repaired silently.
 */
export function openStateDir(path: string): string {
  const dir = resolve(path);
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    throw new StateDirError(
      `${dir} cannot be made (${(thrown as NodeJS.ErrnoException).code}); choose another with --state DIR`,
    );
  }
  const stats = lstatSync(dir);
  if (!stats.isDirectory()) throw new StateDirError(`${dir} is not a directory; choose another with --state DIR`);
  const uid = process.getuid?.();
  if (uid !== undefined && stats.uid !== uid)
    throw new StateDirError(`${dir} belongs to another user; choose another with --state DIR`);
  if (uid !== undefined && (stats.mode & 0o077) !== 0)
    throw new StateDirError(`others may enter ${dir}, which holds keys; close it with: chmod 700 ${quotedWord(dir)}`);
  return dir;
}

/** The same, for a directory below it that the gateway makes itself. */
export function openBelow(stateDir: string, name: string): string {
  const dir = join(stateDir, name);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  return dir;
}
