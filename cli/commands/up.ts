import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { StatusView } from '@sallyport/gateway/api/view/status.ts';
import { openApi } from '../api.ts';
import { type Command, confirmed, flag, type Given, type Outcome, text, yesOption } from '../command.ts';
import { buildConsole } from '../console-build.ts';
import { CliError, type ExitStatus, exit } from '../exit.ts';
import { liveLine } from '../format/live-line.ts';
import { safeLine } from '../format/safe.ts';
import { launch } from '../launch.ts';
import { readRunning } from '../running.ts';
import { hasService, installService, serviceFor, unitName } from '../service.ts';

export const up: Command = {
  name: 'up',
  group: 'Run',
  summary: 'start the gateway, and wait until it is ready',
  about: `Reads --config, else ./sallyport.yaml, else $XDG_CONFIG_HOME/sallyport/sallyport.yaml. It goes on in the background and
writes its log to gateway.log in the state directory; with --foreground it stays here until Ctrl-C.`,
  examples: [
    ['sallyport up --config examples/sallyport.yaml', 'the example: three real servers, one agent'],
    ['sallyport up --foreground', 'stay in this terminal, log to standard error'],
    ['sallyport up --service', 'whenever you are logged in; asks first'],
  ],
  options: [
    { flags: '--config <file>', text: 'the configuration file' },
    { flags: '--foreground', text: 'stay here until Ctrl-C' },
    { flags: '--service', text: 'as a user service of systemd: starts with your session, and again when it fails' },
    yesOption,
  ],
  endsItself: true,
  run,
};

async function run(given: Given): Promise<Outcome> {
  const { terminal, stateDir, paint } = given;
  const config = configFile(given);
  if (flag(given, 'service')) return await asService(given, config);
  const already = readRunning(stateDir);
  if (already !== undefined) throw alreadyRunning(already.url, already.pid);
  const shown = flag(given, 'foreground');
  const line = liveLine(terminal, 'Starting the gateway');
  const building = buildConsole(line.say);
  const launched = await launch({
    config,
    stateDir,
    as: shown ? 'shown' : 'beside',
    onProgress: line.say,
    signal: terminal.signal,
  }).finally(() => building.finally(line.stop));
  const unbuilt = await building;
  const { url, pid } = launched.running;
  if (!shown)
    return {
      json: { gateway: { url, pid, config, stateDir: resolve(stateDir) } },
      text: `${paint.good('ready')}  ${url}  (process ${pid})`,
      notes: [
        ...(await troubles(stateDir)),
        ...(unbuilt === undefined ? ['see it: sallyport console'] : [unbuilt]),
        'watch it: sallyport tail --follow',
        'connect an agent: sallyport agents token AGENT',
        'stop it: sallyport down',
      ],
    };
  terminal.err(`ready  ${url}  (Ctrl-C stops it)\n`);
  terminal.signal.addEventListener('abort', () => void launched.stop(), { once: true });
  return { status: (await launched.ended) as ExitStatus };
}

/** The file is shown before it is written: it is not ours to put there unasked. */
async function asService(given: Given, config: string): Promise<Outcome> {
  const { terminal, stateDir, paint } = given;
  const state = resolve(stateDir);
  const already = readRunning(state);
  if (already !== undefined && !hasService(state)) throw alreadyRunning(already.url, already.pid);
  const service = serviceFor(terminal.env, config, state);
  if (!given.json) terminal.err(`${paint.bold(service.file)}\n${service.text.replace(/^/gm, '    ')}\n`);
  await confirmed(given, 'Write this file, and start it?');
  installService(service, state, terminal.env);
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

/** A gateway whose servers are down is ready, and refuses what is asked of them. */
async function troubles(stateDir: string): Promise<string[]> {
  const { status } = await openApi(stateDir).get<{ status: StatusView }>('status');
  const down = status.servers.filter(({ state }) => state === 'down');
  return down.map(({ id, why }) => `server ${id} is down: ${safeLine(why ?? 'it cannot be reached')}`);
}

export function alreadyRunning(url: string, pid: number): CliError {
  return new CliError(
    'already-running',
    `a gateway is running on this state directory already, at ${url} (process ${pid})`,
    'Use it: `sallyport status`. Stop it: `sallyport down`. Or start another one with another --state DIR.',
  );
}

/** The configuration that is meant where none is named. */
export function configFile(given: Given): string {
  const { cwd, env } = given.terminal;
  const named = text(given, 'config');
  if (named !== undefined) return resolve(cwd, named);
  const home = env.XDG_CONFIG_HOME?.startsWith('/') ? env.XDG_CONFIG_HOME : join(homedir(), '.config');
  const places = [join(cwd, 'sallyport.yaml'), join(home, 'sallyport', 'sallyport.yaml')];
  const found = places.find(place => existsSync(place));
  if (found !== undefined) return found;
  throw new CliError(
    'no-config',
    `there is no configuration: neither ${places.join(' nor ')} exists`,
    'Name one: `sallyport up --config FILE`. The example is examples/sallyport.yaml.',
    exit.usage,
  );
}
