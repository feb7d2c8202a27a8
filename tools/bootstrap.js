// @ts-check
// What `npm start` and `npm test` run, on any Node from 18 on and before anything is installed: plain JavaScript, no
// packages. It installs what is missing and builds what the first start would wait for, finds a Node that is new enough and hands over to it.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode, handOver, majorOf, noNodeMessage } from '../cli/bin/find-node.js';
import { install, installReason } from './install.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const scripts = new Map([
  ['start', 'tools/start.ts'],
  ['test', 'tools/run-tests.ts'],
]);
const nodeMajorOldest = 18;
/** As a shell reports it. Whatever else goes wrong in preparing is told, and tried again, by the start itself. */
const endedBySignal = 128;

process.exitCode = await main(process.argv.slice(2));

/** @param {readonly string[]} args */
async function main([name = '', ...rest]) {
  const script = scripts.get(name);
  if (script === undefined) return fail(`Run one of: ${[...scripts.keys()].join(', ')}.`, 2);
  if (majorOf(process.version) < nodeMajorOldest)
    return fail(`This is Node ${process.version}; ${nodeMajorOldest} is the oldest that can start Sallyport.`, 1);
  const reason = installReason(root);
  if (reason !== undefined) {
    process.stderr.write(`Sallyport: ${reason}.\n`);
    const problem = await install(root);
    if (problem !== undefined) return fail(problem, 1);
  }
  const node = findNode([root]);
  if (node === undefined) return fail(noNodeMessage(), 1);
  if (reason !== undefined) {
    const status = await handOver(node, [join(root, 'tools', 'prepare.ts')], { cwd: root });
    if (status > endedBySignal) return status;
  }
  return await handOver(node, [join(root, script), ...rest], { cwd: root });
}

/**
 * @param {string} message
 * @param {number} code
 */
function fail(message, code) {
  process.stderr.write(`${message}\n`);
  return code;
}
