// @ts-check
// Plain JavaScript that runs on Node 18 and newer, without packages: it installs them.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const tailLinesMax = 25;

/**
 * Why the packages have to be installed, or undefined if what is installed is what the lock file says. Read from npm's
 * own record of what it installed, not from file times, which a checkout or a copy changes.
 * @param {string} root
 * @returns {string | undefined}
 */
export function installReason(root) {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === undefined) return undefined;
  if (present === undefined) return 'nothing is installed yet';
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.startsWith('node_modules/') || entry.optional === true) continue;
    const found = present[path];
    const same = found !== undefined && found.version === entry.version && found.integrity === entry.integrity;
    if (!same || !existsSync(join(root, path)))
      return `${path.slice('node_modules/'.length)} is not what the lock file says`;
  }
  return undefined;
}

/** @typedef {{ version?: string, integrity?: string, optional?: boolean }} LockEntry */

/**
 * @param {string} file
 * @returns {Record<string, LockEntry> | undefined}
 */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** @typedef {{ isTTY?: boolean, write: (text: string) => unknown }} Out */
/** @typedef {{ command: string, before: readonly string[] }} Npm */

/**
 * Runs `npm ci` and says what it is doing. Resolves to undefined, or to what went wrong and what to do about it.
 * @param {string} root
 * @param {Out} out
 * @param {Npm} npm
 * @returns {Promise<string | undefined>}
 */
export async function install(root, out = process.stderr, npm = npmCommand(process.env)) {
  const started = Date.now();
  const line = liveLine(out, () => `Installing packages (npm ci) … ${Math.round((Date.now() - started) / 1000)} s`);
  const { code, output } = await collect(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], root);
  line.stop();
  if (code === 0) {
    out.write(`Installed packages in ${((Date.now() - started) / 1000).toFixed(1)} s.\n`);
    return undefined;
  }
  return failure(code, output);
}

/**
 * The npm that runs this script, if one does: the one in the PATH may be another.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Npm}
 */
export function npmCommand(env) {
  const script = env.npm_execpath;
  if (script?.endsWith('.js') && existsSync(script)) return { command: process.execPath, before: [script] };
  return { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', before: [] };
}

/**
 * @param {Npm} npm
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {Promise<{ code: number | string, output: string }>}
 */
function collect({ command, before }, args, cwd) {
  return new Promise(resolve => {
    let output = '';
    const shell = command.endsWith('.cmd');
    const child = spawn(command, [...before, ...args], { cwd, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @param {string} chunk */
    const keep = chunk => {
      output = (output + chunk).slice(-64 * 1024);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', error => resolve({ code: 'code' in error ? String(error.code) : error.message, output }));
    child.on('close', (code, signal) => resolve({ code: code ?? String(signal), output }));
  });
}

/**
 * @param {number | string} code
 * @param {string} output
 */
function failure(code, output) {
  if (code === 'ENOENT') return 'npm was not found. Install Node 20 or newer together with npm, then run this again.';
  // After what is wrong npm prints its whole usage.
  const [wrong = ''] = output.split(/\n(?:npm error)? *Clean install a project/);
  const tail = wrong.trim().split('\n').slice(-tailLinesMax).join('\n');
  return `${tail}\n\n\`npm ci\` failed (${code}). ${adviceFor(output)} Then run this again.`;
}

/**
 * The usual causes, by npm's own error codes.
 * @param {string} output
 */
export function adviceFor(output) {
  if (/E(NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|NETUNREACH)|ERR_SOCKET_TIMEOUT|FETCH_ERROR/.test(output))
    return 'The package registry cannot be reached: check the network, the proxy and `npm config get registry`.';
  if (/ENOSPC/.test(output)) return 'The disk is full: make room (about 400 MB).';
  if (/EACCES|EPERM/.test(output))
    return 'A file may not be written: check who owns this folder, and that nothing runs from node_modules.';
  if (/EUSAGE|in sync/.test(output))
    return 'package.json and package-lock.json do not fit together: check out both from the same commit.';
  if (/EINTEGRITY/.test(output))
    return 'A package is not the one that the lock file names: try `npm cache clean --force`; if it stays, do not install it.';
  return 'The lines above are what npm said.';
}

/**
 * One line that shows it is alive: rewritten each second on a terminal, repeated every ten seconds elsewhere.
 * @param {Out} out
 * @param {() => string} text
 */
function liveLine(out, text) {
  const tty = out.isTTY === true;
  out.write(tty ? text() : `${text()}\n`);
  const timer = setInterval(() => out.write(tty ? `\r\u001b[K${text()}` : `${text()}\n`), tty ? 1_000 : 10_000);
  return {
    stop: () => {
      clearInterval(timer);
      if (tty) out.write('\r\u001b[K');
    },
  };
}
