import { dirname, join } from 'node:path';
import { readBy } from '@sallyport/gateway/engines/cedar/examine-apart.ts';
import { holdFiles } from './held-files.ts';
import { keepMarked } from './in-use.ts';
import { readerEntry } from './record.ts';
import { nameSourceLines } from './source-lines.ts';

/** The gateway's own process where it runs from a bundle (`gateway-script.ts`); otherwise it is `serve.ts` itself. */
nameSourceLines();
// Its own path: the bundle's `import.meta` is that of the sources.
const folder = dirname(process.argv[1] ?? '');
keepMarked(folder);
readBy(join(folder, readerEntry));
await import('../serve.ts');
// It is ready: nothing of the start was loaded by way of this.
holdFiles(folder);
