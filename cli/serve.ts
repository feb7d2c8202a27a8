import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openStateDir } from '@sallyport/gateway/app/state-dir.ts';

/**
 * The gateway's own process, started by `launch.ts` with the Node flags that belong to it. Compiled sources are kept in
 * the state directory, which nobody else can write: the next start takes half the time and less memory.
 */
const { values } = parseArgs({
  options: { config: { type: 'string' }, state: { type: 'string' }, beside: { type: 'boolean' } },
});
const stateDir = openStateDir(values.state ?? '');
enableCompileCache(join(stateDir, 'compile-cache'));
const { serve } = await import('./serving.ts');
await serve({ config: values.config ?? '', stateDir, isBeside: values.beside === true });
