import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CliError, exit } from '../exit.ts';
import { refuseForeign } from './service.ts';
import { runProgram, runSystemctl } from './systemctl.ts';
import { account, mark, type Service, systemService, unitName } from './unit.ts';

/** A machine, or for a test one below `root`, whose `rootUid` owns what belongs to root. */
export interface Host {
  readonly env: NodeJS.ProcessEnv;
  readonly root: string;
  readonly rootUid: number;
}

/** In the unit, which is root's: the account goes with it. Nothing that the service itself could write is believed. */
const madeAccount = `# The account ${account} was made for it.`;

/** What it is made of is checked before anything is written: a gateway that agents can rewrite is no other user's. */
export function checkedSystemService(
  config: string,
  agentsUid: number,
  program: readonly string[],
  host: Host,
): Service {
  for (const file of [...program, config]) refuseLoose(file, host);
  const service = systemService(config, agentsUid, host.root);
  refuseForeign(service.file);
  return service;
}

export function installSystemService({ file, text, scope }: Service, { env }: Host): void {
  const makes = !hasAccount(env) || readOurs(file)?.includes(madeAccount) === true;
  if (!hasAccount(env))
    runProgram(
      ...([
        env,
        'useradd',
        '--system',
        '--user-group',
        '--no-create-home',
        '--home-dir',
        `/var/lib/${account}`,
      ] as const),
      ...['--shell', '/usr/sbin/nologin', '--comment', 'Sallyport', account],
    );
  writeFileSync(file, makes ? text.replace(mark, `${mark}\n${madeAccount}`) : text, { mode: 0o644 });
  try {
    runSystemctl(env, scope, 'daemon-reload');
    runSystemctl(env, scope, 'enable', unitName);
    runSystemctl(env, scope, 'restart', unitName);
  } catch (thrown) {
    takeAway(file, env);
    throw thrown;
  }
}

/** What was taken away; undefined where there is no unit of ours. */
export function removeSystemService(host: Host): readonly string[] | undefined {
  const { file } = systemService('', 0, host.root);
  if (readOurs(file) === undefined) return undefined;
  runSystemctl(host.env, 'system', 'disable', '--now', unitName);
  return takeAway(file, host.env);
}

function takeAway(file: string, env: NodeJS.ProcessEnv): readonly string[] {
  const withAccount = readOurs(file)?.includes(madeAccount) === true;
  rmSync(file, { force: true });
  runSystemctl(env, 'system', 'daemon-reload');
  if (withAccount) runProgram(env, 'userdel', account);
  return [file, ...(withAccount ? [`the account ${account}`] : [])];
}

function readOurs(file: string): string | undefined {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  return text?.startsWith(mark) ? text : undefined;
}

function hasAccount(env: NodeJS.ProcessEnv): boolean {
  try {
    runProgram(env, 'getent', 'passwd', account);
    return true;
  } catch {
    return false;
  }
}

const loose = 'Install Sallyport and its configuration as root, for instance below /opt and /etc.';
/** Folders that a system service does not see (`ProtectHome`). */
const hidden = /^\/(?:home|root|run\/user)\//;

/** It is seen by the service; every folder on the way to it, and itself, belong to root, and nobody else may write there. */
function refuseLoose(file: string, { rootUid, root }: Host): void {
  if (hidden.test(file))
    throw new CliError('service-hidden', `${file} lies in a home folder, which a system service does not see`, loose);
  for (let at = file; ; at = dirname(at)) {
    const { uid, mode } = statSync(at);
    if (uid !== rootUid || (mode & 0o022) !== 0)
      throw new CliError(
        'service-loose',
        `${at} is not root's alone${at === file ? '' : `, and ${file} lies below it`}: whoever changes it would be the gateway`,
        loose,
        exit.error,
      );
    if (at === dirname(at) || at === root) return;
  }
}
