import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { unreadDigest } from '@sallyport/gateway/api/view/policy.ts';
import type { StatusView } from '@sallyport/gateway/api/view/status.ts';
import { homeDir } from '@sallyport/gateway/app/host/home-dir.ts';
import { alreadyRunning, openApi } from '../api.ts';
import { type Command, flag, type Given, type Outcome, text, yesOption } from '../command.ts';
import { buildConsole } from '../console-build.ts';
import { CliError, type ExitStatus, exit } from '../exit.ts';
import { liveLine } from '../format/live-line.ts';
import { launch } from '../launch.ts';
import { readRunning } from '../running.ts';
import {
  agentsUid,
  asSystemService,
  asUserService,
  serviceScope,
  tellingSystemd,
  tellSystemd,
} from '../service/up-service.ts';
import { downText } from './status.ts';

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
    [
      'sudo sallyport up --service system --config /etc/sallyport/sallyport.yaml',
      'as a user of its own, with the machine',
    ],
  ],
  options: [
    { flags: '--config <file>', text: 'the configuration file' },
    { flags: '--foreground', text: 'stay here until Ctrl-C' },
    {
      flags: '--service [scope]',
      text: 'as a service of systemd, started again when it fails: `user` (default) with your session, `system` under a user of its own',
    },
    {
      flags: '--agents-uid <uid>',
      text: "the user id that agents run under (default: with sudo yours, else the gateway's)",
    },
    yesOption,
  ],
  endsItself: true,
  run,
};

async function run(given: Given): Promise<Outcome> {
  const { terminal, stateDir, paint } = given;
  const config = configFile(given);
  const scope = serviceScope(given);
  if (scope === 'system') return await asSystemService(given, config);
  if (scope === 'user') return await asUserService(given, config);
  const already = readRunning(stateDir);
  if (already !== undefined) throw alreadyRunning(already, config);
  const shown = flag(given, 'foreground');
  // Before the line: what is wrong with it must not leave one behind that goes on for ever.
  const uid = agentsUid(given);
  const line = liveLine(terminal, 'Starting the gateway');
  const toSystemd = tellingSystemd(terminal.env);
  const launching = launch({
    config,
    stateDir,
    as: shown ? 'shown' : 'beside',
    agentsUid: uid,
    onProgress: text => {
      line.say(text);
      if (shown) toSystemd(text);
    },
    signal: terminal.signal,
  });
  const building = buildConsole(line.say);
  const launched = await launching.finally(() => building.finally(line.stop));
  const unbuilt = await building;
  const { url, pid } = launched.running;
  // Whoever waits for this command goes on with the tools of servers that were never there before.
  if (!shown) await launched.met;
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
  if (launched.starting.length > 0) terminal.err(`still starting: ${launched.starting.join(', ')}\n`);
  tellSystemd(terminal.env, '--ready', `--status=ready at ${url}`);
  terminal.signal.addEventListener('abort', () => void launched.stop(), { once: true });
  return { status: (await launched.ended) as ExitStatus };
}

/** A gateway whose servers are down is ready, and refuses what is asked of them; what is asked of one that starts waits. */
async function troubles(stateDir: string): Promise<string[]> {
  const { status } = await openApi(stateDir).get<{ status: StatusView }>('status');
  const down = status.servers.filter(({ state }) => state === 'down');
  const starting = status.servers.filter(({ state, transport }) => state === 'starting' && transport !== 'a2a');
  return [
    ...(status.candidate === undefined ? [] : [policiesNote(status.candidate)]),
    ...down.map(({ id, ...found }) => `server ${id} is down: ${downText({ why: 'it cannot be reached', ...found })}`),
    ...(starting.length === 0 ? [] : [`still starting: ${starting.map(({ id }) => id).join(', ')}`]),
  ];
}

function policiesNote(candidate: string): string {
  return candidate === unreadDigest
    ? 'the policy files that the configuration names cannot be read; those in force stay: sallyport policy check'
    : 'the policy files are not what is in force: sallyport policy activate';
}

/** The configuration that is meant where none is named. */
export function configFile(given: Given): string {
  const { cwd, env } = given.terminal;
  const named = text(given, 'config');
  if (named !== undefined) return resolve(cwd, named);
  const home = homeDir();
  const own = env.XDG_CONFIG_HOME?.startsWith('/') ? env.XDG_CONFIG_HOME : home && join(home, '.config');
  const places = [join(cwd, 'sallyport.yaml'), ...(own ? [join(own, 'sallyport', 'sallyport.yaml')] : [])];
  const found = places.find(place => existsSync(place));
  if (found !== undefined) return found;
  throw new CliError(
    'no-config',
    `there is no configuration: ${places.map(place => `no ${place}`).join(', ')}`,
    'Name one with --config FILE. The example is examples/sallyport.yaml.',
    exit.usage,
  );
}
