// @ts-check
// Plain JavaScript that runs on Node 18 and newer, and before anything that would have to be compiled.
import { lstatSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where Node keeps the sources as it compiled them (types stripped, bytecode), so that a start does not do that again:
 * `$XDG_CACHE_HOME/sallyport/compiled` or `~/.cache/sallyport/compiled` (XDG Base Directory 0.8). What lies there is
 * executed, so that a directory which others may enter, or which somebody else made, is not used: undefined.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined}
 */
export function compileCacheDir(env) {
  const base = env.XDG_CACHE_HOME?.startsWith('/') ? env.XDG_CACHE_HOME : join(homedir(), '.cache');
  const dir = join(base, 'sallyport', 'compiled');
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    return [join(base, 'sallyport'), dir].every(isOurs) ? dir : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The environment of a Node process that is to use it. What a person chose goes before (`NODE_COMPILE_CACHE`,
 * `NODE_DISABLE_COMPILE_CACHE`; Node's documentation, "Command-line API").
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ NODE_COMPILE_CACHE?: string }}
 */
export function compileCacheFor(env) {
  if (env.NODE_COMPILE_CACHE !== undefined) return {};
  const dir = compileCacheDir(env);
  return dir === undefined ? {} : { NODE_COMPILE_CACHE: dir };
}

/** @param {string} dir */
function isOurs(dir) {
  const stats = lstatSync(dir);
  const uid = process.getuid?.();
  return stats.isDirectory() && (uid === undefined || (stats.uid === uid && (stats.mode & 0o077) === 0));
}
