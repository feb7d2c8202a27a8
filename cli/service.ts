import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPrivate, removePrivate, writePrivate } from '@sallyport/gateway/secret/private-file.ts';
import { CliError, exit } from './exit.ts';
import { foldersMissing, removeMadeFolders } from './made-folders.ts';

/** A user service of systemd: it starts with the session and is started again when it fails. Whatever it needs is absolute. */
export interface Service {
  readonly file: string;
  readonly text: string;
}

export const unitName = 'sallyport.service';
const mark = '# Written by `sallyport up --service`; `sallyport down --service` takes it away.';
const launcher = fileURLToPath(new URL('./bin/sallyport.js', import.meta.url));

export function serviceFor(env: NodeJS.ProcessEnv, config: string, stateDir: string): Service {
  const words = [process.execPath, launcher, 'up', '--foreground', '--config', config, '--state', stateDir];
  const lines = [
    mark,
    '[Unit]',
    'Description=Sallyport: decides every action of an AI agent as it is made',
    '',
    '[Service]',
    'Type=exec',
    `ExecStart=${words.map(unitWord).join(' ')}`,
    'Restart=on-failure',
    'RestartSec=2',
    'UMask=0077',
    'NoNewPrivileges=yes',
    '',
    '[Install]',
    'WantedBy=default.target',
    '',
  ];
  const home = env.XDG_CONFIG_HOME?.startsWith('/') ? env.XDG_CONFIG_HOME : join(env.HOME ?? homedir(), '.config');
  return { file: join(home, 'systemd', 'user', unitName), text: lines.join('\n') };
}

/** A word of a command line in a unit: `%` and `$` would be replaced (systemd.service, "Command lines"). */
function unitWord(word: string): string {
  const plain = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@%+=:,./-]+$/.test(plain) ? plain : `"${plain}"`;
}

/** What was made for it, so that nothing else goes with it. */
interface Installed {
  readonly file: string;
  readonly madeDirs: readonly string[];
}

function recordFile(stateDir: string): string {
  return join(stateDir, 'service.json');
}

/** Throws where a unit of this name is not ours, and where systemd does not take it; then nothing is left behind. */
export function installService({ file, text }: Service, stateDir: string, env: NodeJS.ProcessEnv): void {
  if (existsSync(file) && !readFileSync(file, 'utf8').startsWith(mark))
    throw new CliError(
      'service-foreign',
      `${file} is there already, and was not written by Sallyport`,
      'Move it away first.',
    );
  const before = readInstalled(stateDir);
  const madeDirs = before?.madeDirs ?? foldersMissing(dirname(file));
  mkdirSync(dirname(file), { recursive: true });
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  writePrivate(recordFile(stateDir), `${JSON.stringify({ file, madeDirs })}\n`);
  writeFileSync(file, text, { mode: 0o644 });
  try {
    systemctl(env, 'daemon-reload');
    systemctl(env, 'enable', unitName);
    systemctl(env, 'restart', unitName);
  } catch (thrown) {
    removeFiles({ file, madeDirs }, stateDir);
    throw thrown;
  }
}

/** The file that was removed; undefined where there was no service of ours. */
export function removeService(stateDir: string, env: NodeJS.ProcessEnv): string | undefined {
  const installed = readInstalled(stateDir);
  if (installed === undefined) return undefined;
  systemctl(env, 'disable', '--now', unitName);
  removeFiles(installed, stateDir);
  systemctl(env, 'daemon-reload');
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

const systemctlMillisMax = 30_000;

function systemctl(env: NodeJS.ProcessEnv, ...words: readonly string[]): void {
  const { status, stderr, error } = spawnSync('systemctl', ['--user', ...words], {
    env,
    encoding: 'utf8',
    timeout: systemctlMillisMax,
  });
  if (status === 0) return;
  const why = error === undefined ? (stderr.trim().split('\n')[0] ?? '') : 'it cannot be started';
  throw new CliError(
    'systemd',
    `systemctl --user ${words.join(' ')} failed: ${why === '' ? `it ended with ${status}` : why}`,
    'Is there a user session of systemd? Without one: `sallyport up`, which goes on in the background.',
    exit.unhealthy,
  );
}
