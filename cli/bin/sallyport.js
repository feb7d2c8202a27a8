#!/usr/bin/env node
// @ts-check
// Plain JavaScript that runs on Node 18 and newer. It finds a Node that is new enough and hands over to it.
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileCacheFor } from './compile-cache.js';
import { findNode, handOver, noNodeMessage } from './find-node.js';

const here = dirname(realpathSync(fileURLToPath(import.meta.url)));
const node = findNode([here]);
if (node === undefined) {
  process.stderr.write(`${noNodeMessage()}\n`);
  process.exitCode = 1;
} else if (node === process.execPath) {
  const { enableCompileCache } = await import('node:module');
  const { NODE_COMPILE_CACHE: compiled } = compileCacheFor(process.env);
  if (compiled !== undefined) enableCompileCache(compiled);
  const { runProcess } = await import('../process.ts');
  await runProcess();
} else {
  process.exitCode = await handOver(node, [join(here, 'sallyport.js'), ...process.argv.slice(2)]);
}
