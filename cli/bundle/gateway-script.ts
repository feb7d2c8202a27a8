import { existsSync, lstatSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { privateCacheDir } from '../bin/compile-cache.js';
import { buildApart } from '../build-apart.ts';
import { markUsed } from './in-use.ts';
import { type BundleRecord, bundleEntry, digestOf, recordName } from './record.ts';
import { sourcesDigest } from './sources-digest.ts';

const cli = resolve(import.meta.dirname, '..');
const sourcesScript = join(cli, 'serve.ts');

/**
 * The script of the gateway's own process: a bundle of exactly these sources, which takes less memory and starts sooner than
 * they do by themselves, built where there is none yet; the sources wherever that does not work. `SALLYPORT_SOURCES` in
 * the environment asks for the sources.
 */
export async function gatewayScript(say: (text: string) => void, env = process.env): Promise<string> {
  const place = env.SALLYPORT_SOURCES ? undefined : privateCacheDir(env, 'bundles');
  if (place === undefined) return sourcesScript;
  try {
    const name = sourcesDigest();
    return await bundleIn(place, name, say);
  } catch (thrown) {
    say(`Running the sources as they are: ${thrown instanceof Error ? thrown.message : 'no bundle'}`);
    return sourcesScript;
  }
}

async function bundleIn(place: string, name: string, say: (text: string) => void): Promise<string> {
  const folder = join(place, name);
  if (existsSync(folder) && !isWhole(folder)) rmSync(folder, { recursive: true, force: true });
  if (!existsSync(folder)) {
    say('Putting the gateway into one bundle');
    const wrong = await buildApart(cli, join(import.meta.dirname, 'build.ts'), [place, name]);
    if (wrong !== undefined) throw new Error(wrong);
    if (!isWhole(folder)) throw new Error('the bundle is not whole');
  }
  markUsed(folder);
  return join(folder, bundleEntry);
}

/** Nothing of it was cut off by a crash or written by somebody else since it was built. */
function isWhole(folder: string): boolean {
  try {
    const stats = lstatSync(folder);
    const { files } = JSON.parse(readFileSync(join(folder, recordName), 'utf8')) as BundleRecord;
    if (!stats.isDirectory() || files[bundleEntry] === undefined) return false;
    return Object.entries(files).every(([name, digest]) => digestOf(readFileSync(join(folder, name))) === digest);
  } catch {
    return false;
  }
}
