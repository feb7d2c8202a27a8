// @ts-check
// Plain JavaScript: there is nothing to compile before it runs.
import { pathToFileURL } from 'node:url';

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

/** @typedef {{ readonly script: string, readonly args: readonly string[] }} ScriptMessage */
