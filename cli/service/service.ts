import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readPrivate, removePrivate, writePrivate } from '@sallyport/gateway/secret/private-file.ts';
import { CliError } from '../exit.ts';
import { foldersMissing, removeMadeFolders } from '../made-folders.ts';
import { runSystemctl } from './systemctl.ts';
import { mark, type Service, unitName } from './unit.ts';

/** What was made for it, so that nothing else goes with it. */
interface Installed {
  readonly file: string;
  readonly madeDirs: readonly string[];
}

function recordFile(stateDir: string): string {
  return join(stateDir, 'service.json');
}

/** Throws where a unit of this name is not ours, and where systemd does not take it; then nothing is left behind. */
export function installService({ file, text, stateDir }: Service, env: NodeJS.ProcessEnv): void {
  refuseForeign(file);
  const before = readInstalled(stateDir);
  const madeDirs = before?.madeDirs ?? foldersMissing(dirname(file));
  mkdirSync(dirname(file), { recursive: true });
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  writePrivate(recordFile(stateDir), `${JSON.stringify({ file, madeDirs })}\n`);
  writeFileSync(file, text, { mode: 0o644 });
  try {
    runSystemctl(env, 'user', 'daemon-reload');
    runSystemctl(env, 'user', 'enable', unitName);
    runSystemctl(env, 'user', 'restart', unitName);
  } catch (thrown) {
    removeFiles({ file, madeDirs }, stateDir);
    throw thrown;
  }
}

export function refuseForeign(file: string): void {
  if (!existsSync(file) || readFileSync(file, 'utf8').startsWith(mark)) return;
  throw new CliError(
    'service-foreign',
    `${file} is there already, and was not written by Sallyport`,
    'Move it away first.',
  );
}

/** The file that was removed; undefined where there was no service of ours. */
export function removeService(stateDir: string, env: NodeJS.ProcessEnv): string | undefined {
  const installed = readInstalled(stateDir);
  if (installed === undefined) return undefined;
  runSystemctl(env, 'user', 'disable', '--now', unitName);
  removeFiles(installed, stateDir);
  runSystemctl(env, 'user', 'daemon-reload');
  return installed.file;
}

export function hasService(stateDir: string): boolean {
  return readInstalled(stateDir) !== undefined;
}

function readInstalled(stateDir: string): Installed | undefined {
  const text = readPrivate(recordFile(stateDir));
  return text === undefined ? undefined : (JSON.parse(text) as Installed);
}

function removeFiles({ file, madeDirs }: Installed, stateDir: string): void {
  rmSync(file, { force: true });
  removeMadeFolders(madeDirs);
  removePrivate(recordFile(stateDir));
}
