import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { foldingCode } from '@sallyport/gateway/app/record/folding-code.ts';
import type { Plugin } from 'rolldown';

/** They find files of their own beside themselves, and are loaded only where something needs them. */
const packagesApart: readonly string[] = ['@cedar-policy/cedar-wasm', 'libpg-query', 'pg'];

/** A source finds the files beside it (migrations, child processes, packages) from where it lies itself, not from the bundle. */
export const places: Plugin = {
  name: 'places',
  resolveId: {
    async handler(source, importer, options) {
      if (!packagesApart.includes(source)) return null;
      const found = await this.resolve(source, importer, { ...options, skipSelf: true });
      return found === null ? null : { id: pathToFileURL(found.id).href, external: true };
    },
  },
  transform(code, id) {
    if (!code.includes('import.meta.')) return null;
    const placed = code
      .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href))
      .replaceAll('import.meta.dirname', JSON.stringify(dirname(id)));
    // Lines stay what they are.
    return { code: placed, map: null };
  },
};

/** What the sources read themselves to find out is known when they are put into one bundle. */
export const foldedOnce: Plugin = {
  name: 'folded-once',
  transform: {
    filter: { id: /\/gateway\/app\/record\/folding-code\.ts$/ },
    handler: () => ({ code: `export const foldingCode = () => ${JSON.stringify(foldingCode())};`, map: null }),
  },
};

/** One character beyond Latin-1 would have the engine keep a whole file at two bytes for each character. */
export const latin1: Plugin = {
  name: 'latin1',
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) if (chunk.type === 'chunk') chunk.code = inLatin1(chunk.code);
  },
};

/**
 * Means the same in a string, a template and a pattern: those are the places where such characters stand. One that is escaped
 * already stands for itself. (What a raw template holds becomes a pattern, in which the escape means the same, too.)
 */
export function inLatin1(code: string): string {
  return code.replace(/\\[\0-\xff]|\\?([^\0-\xff])/g, (all: string, unit: string | undefined) =>
    unit === undefined ? all : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
