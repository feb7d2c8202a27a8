// @ts-check
// Plain JavaScript that runs on Node 18 and newer, and before anything that would have to be compiled.
import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * Where Node keeps the sources as it compiled them (types stripped, bytecode), so that a start does not do that again:
 * `$XDG_CACHE_HOME/sallyport/compiled` or `~/.cache/sallyport/compiled` (XDG Base Directory 0.8). What lies there is
 * executed, so that a directory which others may enter, or which somebody else made, is not used: undefined.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined}
 */
export function compileCacheDir(env) {
  return privateCacheDir(env, 'compiled');
}

/**
 * A folder of the user's cache whose content is executed: undefined if anybody else may have put something there, or the
 * user has no home.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} name
 * @returns {string | undefined}
 */
export function privateCacheDir(env, name) {
  try {
    const base = env.XDG_CACHE_HOME?.startsWith('/') ? env.XDG_CACHE_HOME : join(homedir(), '.cache');
    const dir = join(base, 'sallyport', name);
    // A home that is named by an empty or relative HOME would be whatever folder this was called in.
    if (!isAbsolute(dir)) return undefined;
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

/** Ten installations or so; about 100 MB. */
const filesMax = 20_000;

/**
 * Node adds to it and takes nothing out: a folder for each version of itself and each set of its options, a file for each
 * source that it ever compiled. What was written to longest ago goes first. A cache that cannot be looked at stays.
 * @param {NodeJS.ProcessEnv} env
 * @param {number} [most] how many files may stay
 */
export function boundCompileCache(env, most = filesMax) {
  const dir = compileCacheFor(env).NODE_COMPILE_CACHE;
  if (dir === undefined) return;
  try {
    const folders = readdirSync(dir, { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(({ name }) => ({ path: join(dir, name), written: lstatSync(join(dir, name)).mtimeMs }))
      .sort((a, b) => b.written - a.written);
    let files = 0;
    for (const { path } of folders) {
      files += readdirSync(path).length;
      if (files > most) rmSync(path, { recursive: true, force: true });
    }
  } catch {
    // Somebody else clears it, too, or nobody may: it is only a cache.
  }
}

/** @param {string} dir */
function isOurs(dir) {
  const stats = lstatSync(dir);
  const uid = process.getuid?.();
  return stats.isDirectory() && (uid === undefined || (stats.uid === uid && (stats.mode & 0o077) === 0));
}
