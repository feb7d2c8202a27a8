import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { StatusView } from '@sallyport/gateway/api/view/status.ts';
import { alreadyRunning, openApi } from '../api.ts';
import { confirmed, flag, type Given, type Outcome, text } from '../command.ts';
import { CliError, exit, usageError } from '../exit.ts';
import { liveLine } from '../format/live-line.ts';
import { prepare } from '../prepare.ts';
import { readRunning } from '../running.ts';
import { hasService, installService } from './service.ts';
import { checkedSystemService, type Host, installSystemService } from './system-service.ts';
import { runProgram } from './systemctl.ts';
import { account, launcher, type Service, unitName, userService } from './unit.ts';

/** Undefined: no service is asked for. */
export function serviceScope(given: Given): Service['scope'] | undefined {
  const scope = flag(given, 'service') ? 'user' : text(given, 'service');
  if (scope === undefined || scope === 'user' || scope === 'system') return scope;
  throw usageError('--service is `user` or `system`', 'sallyport up --service system');
}

/** As given, or whoever asked `sudo` for this. */
export function agentsUid(given: Given): number | undefined {
  const said = text(given, 'agentsUid');
  if (said === undefined) return undefined;
  if (/^(?:0|[1-9]\d{0,9})$/.test(said)) return Number(said);
  throw usageError('--agents-uid is the number of a user', 'id -u');
}

/** Whoever keeps the service waits for this (sd_notify(3)). A datagram is more than Node.js can send by itself. */
export function tellSystemd(env: NodeJS.ProcessEnv, ...words: readonly string[]): void {
  if (env.NOTIFY_SOCKET === undefined) return;
  spawn('systemd-notify', words, { env, stdio: 'ignore' }).on('error', () => {});
}

const toldMillis = 10_000;
const waitMicros = 90_000_000;

/** What a long start is at, now and then: as long as it says so systemd waits on, longer than the unit's own time. */
export function tellingSystemd(env: NodeJS.ProcessEnv): (text: string) => void {
  let told = Date.now();
  return text => {
    if (Date.now() - told < toldMillis) return;
    told = Date.now();
    tellSystemd(env, `EXTEND_TIMEOUT_USEC=${waitMicros}`, `--status=${text}`);
  };
}

/** The file is shown before it is written: it is not ours to put there unasked. */
export async function asUserService(given: Given, config: string): Promise<Outcome> {
  const { terminal, stateDir, paint } = given;
  const state = resolve(stateDir);
  const already = readRunning(state);
  if (already !== undefined && !hasService(state)) throw alreadyRunning(already, config);
  const service = userService(terminal.env, config, state);
  await agreed(service, given);
  await prepared(given);
  installService(service, terminal.env);
  const running = await started(state);
  const { operator } = await openApi(state).get<{ status: StatusView }>('status');
  return {
    json: { service: { file: service.file, ...running }, operator },
    text: `${paint.good('ready')}  ${running.url}  (service ${unitName}, process ${running.pid})`,
    notes: [
      ...(operator.startsWith('advisory') ? [`${operator}: a user service runs as you, and so do your agents`] : []),
      'take it away: sallyport down --service',
    ],
  };
}

const machine = (env: NodeJS.ProcessEnv): Host => ({ env, root: '/', rootUid: 0 });

/** Needs root. Whose agents it is for says `sudo`, or `--agents-uid`. */
export async function asSystemService(given: Given, config: string, host?: Host): Promise<Outcome> {
  const { terminal, paint } = given;
  const on = host ?? machine(terminal.env);
  if (process.getuid?.() !== on.rootUid)
    throw new CliError(
      'not-root',
      'a system service is installed by root',
      `sudo sallyport up --service system --config ${config}`,
    );
  const agents = agentsUid(given) ?? Number(terminal.env.SUDO_UID ?? 'nobody');
  if (!Number.isInteger(agents) || agents === on.rootUid)
    throw usageError('say which user your agents run under, who is not root', '--agents-uid 1000');
  const service = checkedSystemService(config, agents, [process.execPath, launcher], on);
  await agreed(service, given);
  installSystemService(service, on);
  const words = ['--state', service.stateDir, 'status', '--json'];
  const said = runProgram(terminal.env, 'runuser', '-u', account, '--', process.execPath, launcher, ...words);
  const { operator, status } = JSON.parse(said) as { operator: string; status: StatusView };
  return {
    json: {
      service: { file: service.file, account, stateDir: service.stateDir, url: `http://${status.listen}` },
      operator,
    },
    text: `${paint.good('ready')}  http://${status.listen}  (service ${unitName}, user ${account})`,
    notes: [
      operator.startsWith('advisory')
        ? `${operator}: it runs servers of its own, and those run as it does`
        : `${operator}: no agent of yours can read the operator's key`,
      `approve and loosen as that user: sudo -u ${account} sallyport --state ${service.stateDir} COMMAND`,
      'take it away: sudo sallyport down --service system',
    ],
  };
}

/** So that systemd, and whoever waits for it, has no build to wait for. */
async function prepared({ terminal }: Given): Promise<void> {
  const line = liveLine(terminal, 'Preparing the first start');
  await prepare(line.say, terminal.env).finally(line.stop);
}

async function agreed({ file, text: written }: Service, given: Given): Promise<void> {
  if (!given.json) given.terminal.err(`${given.paint.bold(file)}\n${written.replace(/^/gm, '    ')}\n`);
  await confirmed(given, 'Write this file, and start it?');
}

const serviceSecondsMax = 60;

async function started(stateDir: string): Promise<{ readonly url: string; readonly pid: number }> {
  const until = Date.now() + serviceSecondsMax * 1_000;
  for (;;) {
    const running = readRunning(stateDir);
    if (running !== undefined) return { url: running.url, pid: running.pid };
    if (Date.now() > until)
      throw new CliError(
        'not-ready',
        `the service was started, and is not ready after ${serviceSecondsMax} s`,
        `See: journalctl --user -u ${unitName}`,
        exit.unhealthy,
      );
    await pause(100);
  }
}
