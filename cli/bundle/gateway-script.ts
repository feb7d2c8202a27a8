import { existsSync, lstatSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { privateCacheDir } from '../bin/compile-cache.js';
import { buildApart } from '../build-apart.ts';
import { filesDigest, filesIn } from '../files-digest.ts';
import { type BundleRecord, bundleEntry, digestOf, recordName } from './record.ts';

const require = createRequire(import.meta.url);
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
    if (sourcesDigest() !== name || !isWhole(folder)) throw new Error('they changed while they were read');
  }
  // The build clears away what nobody has started for longest.
  utimesSync(folder, new Date(), new Date());
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

/**
 * Over everything that a bundle is made of and how: the sources, and npm's own record of the packages that are installed. Where
 * they lie counts as well, since the bundle finds files of theirs by their paths.
 */
function sourcesDigest(): string {
  const rooms = [...['core', 'gateway'].map(room => dirname(require.resolve(`@sallyport/${room}/package.json`))), cli];
  const sources = rooms
    .flatMap(filesIn)
    .filter(file => /\.[jt]s$|package\.json$/.test(file) && !/node_modules|\.test\./.test(file));
  const installed = resolve(dirname(require.resolve('rolldown/package.json')), '../.package-lock.json');
  return filesDigest([...sources, installed], '/');
}
