import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

/**
 * Stacks of a bundle name the lines of the sources. A map is read when a stack first needs it: Node's own
 * `--enable-source-maps` would hold all of them from the start.
 */
export function nameSourceLines(): void {
  Error.prepareStackTrace = (error, calls) =>
    [headOf(error), ...calls.map(call => `    at ${inSources(String(call))}`)].join('\n');
}

const maps = new Map<string, SourceMap | undefined>();

/** `place (file:///…/chunk.js:12:5)` as the source's own file, line and column; as it is where there is no map. */
function inSources(call: string): string {
  return call.replace(/(file:\S+\.js):(\d+):(\d+)/, (chunkPlace, chunk: string, line: string, column: string) => {
    if (!maps.has(chunk)) maps.set(chunk, mapOf(chunk));
    const origin = maps.get(chunk)?.findOrigin(Number(line), Number(column));
    if (origin === undefined || !('fileName' in origin)) return chunkPlace;
    return `${new URL(origin.fileName, chunk).href}:${origin.lineNumber}:${origin.columnNumber}`;
  });
}

function mapOf(chunk: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(new URL(`${chunk}.map`), 'utf8')));
  } catch {
    return undefined;
  }
}

/** As Node begins a stack itself: an error of its own bears its code. */
function headOf(error: unknown): string {
  try {
    const bearsCode = error instanceof Error && 'code' in error && /^ERR_/.test(String(error.code));
    return bearsCode ? `${error.name} [${error.code}]: ${error.message}` : String(error);
  } catch {
    return 'Error';
  }
}
