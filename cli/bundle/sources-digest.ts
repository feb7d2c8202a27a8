import { createRequire } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { filesDigest, filesIn } from '../files-digest.ts';

const require = createRequire(import.meta.url);

/**
 * Over everything that a bundle is made of and how: the sources, and npm's own record of the packages that are installed. Where
 * they lie counts as well, since the bundle finds files of theirs by their paths.
 */
export function sourcesDigest(): string {
  const others = ['core', 'gateway'].map(room => dirname(require.resolve(`@sallyport/${room}/package.json`)));
  const sources = [...others, resolve(import.meta.dirname, '..')].flatMap(sourcesIn);
  const installed = resolve(dirname(require.resolve('rolldown/package.json')), '../.package-lock.json');
  return filesDigest([...sources, installed], '/');
}

/** What the folders above it are called says nothing: a checkout may well lie in `node_modules` or in `app.test.d`. */
export function sourcesIn(room: string): string[] {
  return filesIn(room).filter(file => {
    const name = relative(room, file);
    return /\.[jt]s$|package\.json$/.test(name) && !/node_modules|\.test\./.test(name);
  });
}
