import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

const place = dirname(createRequire(import.meta.url).resolve('@sallyport/console/package.json'));
const outputBytesMax = 4_096;

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
  const { code, output } = await run([join(place, 'build.ts'), wanted]);
  return code === 0 ? undefined : `the console could not be built: ${output.trim().split('\n').at(-1) ?? ''}`;
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
  const hash = createHash('sha256');
  const files = readdirSync(join(place, 'src'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name));
  for (const file of [...files, ...['index.html', 'build.ts', 'package.json'].map(name => join(place, name))].sort())
    hash
      .update(`${relative(place, file)}\n`)
      .update(readFileSync(file))
      .update('\n');
  return hash.digest('base64url');
}

function run(args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise(resolve => {
    let output = '';
    const child = spawn(process.execPath, args, { cwd: place, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: string): void => {
      output = (output + chunk).slice(-outputBytesMax);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', error => resolve({ code: 1, output: error.message }));
    child.on('close', code => resolve({ code, output }));
  });
}
