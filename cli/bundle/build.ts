import { lstatSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { inUseMillis } from './in-use.ts';
import { foldedOnce, latin1, places } from './plugins.ts';
import { type BundleRecord, bundleEntry, digestOf, readerEntry, recordName } from './record.ts';
import { sourcesDigest } from './sources-digest.ts';

/**
 * Puts the gateway's own process into one bundle, in the folder `name` of `place`: whole or not at all. What the sources import when
 * they need it stays in files of its own. Nothing is minified: people read stacks.
 */
const [place = '', name = ''] = process.argv.slice(2);
const fresh = mkdtempSync(join(place, '.building-'));
try {
  await bundle(join(import.meta.dirname, 'entry.ts'), bundleEntry);
  await bundle(fileURLToPath(import.meta.resolve('@sallyport/gateway/engines/cedar/examine-child.ts')), readerEntry);
  // Node would have to parse each script to find out what kind it is.
  writeFileSync(join(fresh, 'package.json'), JSON.stringify({ type: 'module' }));
  record();
  // What is kept under the name of some sources is made of no others.
  if (sourcesDigest() !== name) throw new Error('they changed while they were read');
  putInPlace();
  clearAway();
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

async function bundle(input: string, name: string): Promise<void> {
  const made = await rolldown({
    input,
    platform: 'node',
    plugins: [places, foldedOnce, latin1],
    // No file that is in no digest has a say.
    tsconfig: false,
    logLevel: 'silent',
  });
  await made.write({
    dir: fresh,
    format: 'esm',
    entryFileNames: name,
    comments: false,
    sourcemap: 'hidden',
    sourcemapExcludeSources: true,
  });
  await made.close();
}

function record(): void {
  const loaded = readdirSync(fresh).filter(file => /\.js$|^package\.json$/.test(file));
  const files = Object.fromEntries(loaded.map(file => [file, digestOf(readFileSync(join(fresh, file)))]));
  writeFileSync(join(fresh, recordName), JSON.stringify({ files } satisfies BundleRecord));
}

function putInPlace(): void {
  try {
    renameSync(fresh, join(place, name));
  } catch (thrown) {
    // Another start was quicker, with the same bundle.
    if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes((thrown as NodeJS.ErrnoException).code ?? '')) throw thrown;
  }
}

/** Some 4 MB each. Beside the latest those stay that may be running: a gateway may not have loaded all of its own yet. */
function clearAway(): void {
  const bundlesMax = 8;
  const all = readdirSync(place)
    .map(entry => join(place, entry))
    .map(path => ({ path, used: lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.used - a.used);
  for (const { path, used } of all.slice(bundlesMax))
    if (used < Date.now() - inUseMillis) rmSync(path, { recursive: true, force: true });
}
