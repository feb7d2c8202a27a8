import { dirname } from 'node:path';
import { keepMarked } from './in-use.ts';
import { nameSourceLines } from './source-lines.ts';

/** The gateway's own process where it runs from a bundle (`gateway-script.ts`); otherwise it is `serve.ts` itself. */
nameSourceLines();
// Its own path: the bundle's `import.meta` is that of the sources.
keepMarked(dirname(process.argv[1] ?? ''));
await import('../serve.ts');
