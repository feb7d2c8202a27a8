import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

/**
 * `npm run build -w console`: the page that the gateway serves, in `dist/`. It is built beside it and put into its place
 * whole, so that a gateway that serves meanwhile never sees half of it. The argument is kept as `built-from`.
 */
const root = import.meta.dirname;
const fresh = mkdtempSync(join(root, '.building-'));
try {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: fresh,
      emptyOutDir: true,
      // Nothing stands inline: the page's policy would refuse it.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      target: 'baseline-widely-available',
    },
  });
  writeFileSync(join(fresh, 'built-from'), process.argv[2] ?? '');
  const place = join(root, 'dist');
  const old = `${fresh}-old`;
  try {
    renameSync(place, old);
  } catch {
    // There was none, or another build has just taken it away.
  }
  renameSync(fresh, place);
  rmSync(old, { recursive: true, force: true });
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
