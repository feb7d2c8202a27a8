import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { buildApart } from './build-apart.ts';
import { filesDigest, filesIn } from './files-digest.ts';

const place = dirname(createRequire(import.meta.url).resolve('@sallyport/console/package.json'));

/** Where the built console lies, or would lie. */
export function consoleDir(): string {
  return join(place, 'dist');
}

/**
 * Builds the console if what is built is not what stands in its sources; where there are no sources (an installed
 * package) there is nothing to do. Resolves to what went wrong, or to undefined: a gateway without a page is a gateway.
 */
export async function buildConsole(say: (text: string) => void): Promise<string | undefined> {
  if (!existsSync(join(place, 'src'))) return undefined;
  const wanted = sourcesDigest();
  if (builtFrom() === wanted) return undefined;
  say('Building the console');
  const wrong = await buildApart(place, join(place, 'build.ts'), [wanted]);
  return wrong === undefined ? undefined : `the console could not be built: ${wrong}`;
}

function builtFrom(): string | undefined {
  try {
    return readFileSync(join(consoleDir(), 'built-from'), 'utf8');
  } catch {
    return undefined;
  }
}

/** Over every file that the build reads, and the versions of what it is built with. */
function sourcesDigest(): string {
  const files = ['index.html', 'build.ts', 'package.json'].map(name => join(place, name));
  return filesDigest([...filesIn(join(place, 'src')), ...files], place);
}
