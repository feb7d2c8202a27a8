import { fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * What a bundle loads only when it needs it can be loaded for as long as this process runs, also where somebody has cleared
 * the cache: its files are held open, and read from there when their names lead nowhere any more.
 */
export function holdFiles(folder: string): void {
  const held = opened(folder);
  registerHooks({
    resolve: (specifier, at, next) => {
      try {
        return next(specifier, at);
      } catch (thrown) {
        const url = URL.parse(specifier, at.parentURL)?.href ?? '';
        if (!held.has(url)) throw thrown;
        return { url, format: 'module', shortCircuit: true };
      }
    },
    load: (url, at, next) => {
      try {
        return next(url, at);
      } catch (thrown) {
        const fd = held.get(url);
        if (fd === undefined) throw thrown;
        return { format: 'module', source: textOf(fd), shortCircuit: true };
      }
    },
  });
}

/** By their addresses. */
function opened(folder: string): ReadonlyMap<string, number> {
  try {
    const scripts = readdirSync(folder).filter(name => name.endsWith('.js'));
    return new Map(scripts.map(name => [pathToFileURL(join(folder, name)).href, openSync(join(folder, name), 'r')]));
  } catch {
    // It was cleared while this started: what is missing is missed, as without this.
    return new Map();
  }
}

function textOf(fd: number): Buffer {
  const bytes = Buffer.alloc(fstatSync(fd).size);
  for (let at = 0, read = -1; read !== 0 && at < bytes.length; at += read)
    read = readSync(fd, bytes, at, bytes.length - at, at);
  return bytes;
}
