import { existsSync, lstatSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { privateCacheDir } from '../bin/compile-cache.js';
import { buildApart } from '../build-apart.ts';
import { markUsed } from './in-use.ts';
import { type BundleRecord, bundleEntry, digestOf, recordName } from './record.ts';
import { sourcesDigest } from './sources-digest.ts';

const cli = resolve(import.meta.dirname, '..');
const sourcesScript = join(cli, 'serve.ts');

export interface GatewayScript {
  readonly path: string;
  /** Why the sources are run, where they are. */
  readonly sourcesBecause?: string;
}

/**
 * The script of the gateway's own process: a bundle of exactly these sources, which takes less memory and starts sooner than
 * they do by themselves, built where there is none yet; the sources wherever that does not work. `SALLYPORT_SOURCES` in
 * the environment asks for the sources.
 */
export async function gatewayScript(say: (text: string) => void, env = process.env): Promise<GatewayScript> {
  if (env.SALLYPORT_SOURCES) return sources('SALLYPORT_SOURCES is set');
  const place = privateCacheDir(env, 'bundles');
  if (place === undefined) return sources("the user's cache has no folder that is this user's alone");
  try {
    return { path: await bundleIn(place, sourcesDigest(), say) };
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    say(`Running the sources as they are: ${why}`);
    return sources(`the bundle could not be made: ${why}`);
  }
}

function sources(sourcesBecause: string): GatewayScript {
  return { path: sourcesScript, sourcesBecause };
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
