// @ts-check
// Plain JavaScript: there is nothing to compile before it runs.
import { enableCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { compileCacheFor } from './bin/compile-cache.js';
import { gatewayOwnFlags } from './gateway-flags.js';

/**
 * The gateway's own process in its first moments: Node starts, and loads what any script of it needs, while whoever launched it
 * (`launch.ts`) still finds out which one that is. Ends if it is never told.
 */
process.once('message', async (/** @type {ScriptMessage} */ { script, args }) => {
  process.argv.splice(1, 1, script);
  process.argv.push(...args);
  await import(pathToFileURL(script).href);
});

for (const name of ['child_process', 'crypto', 'http', 'sqlite']) process.getBuiltinModule(`node:${name}`);
for (const flag of gatewayOwnFlags) setFlagsFromString(flag);
// After the flags: what was compiled with them serves only where they are the same.
const { NODE_COMPILE_CACHE: compiled } = compileCacheFor(process.env);
if (compiled !== undefined) enableCompileCache(compiled);

/** @typedef {{ readonly script: string, readonly args: readonly string[] }} ScriptMessage */
