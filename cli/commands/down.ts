import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openApi } from '../api.ts';
import type { Command, Given, Outcome } from '../command.ts';
import { CliError, exit } from '../exit.ts';
import { isAlive, readRunning } from '../running.ts';
import { removeService } from '../service/service.ts';
import { removeSystemService } from '../service/system-service.ts';
import { account, type Service } from '../service/unit.ts';
import { serviceScope } from '../service/up-service.ts';

export const down: Command = {
  name: 'down',
  group: 'Run',
  summary: 'stop the gateway, in order: what is under way is finished or recorded',
  about: 'A gateway that runs as a service is started again by systemd unless the service itself goes: --service.',
  examples: [
    ['sallyport down', 'resolves once it has stopped'],
    ['sallyport down --service', 'stops it and takes the service away, file by file'],
    ['sudo sallyport down --service system', 'the same for a system service'],
  ],
  options: [{ flags: '--service [scope]', text: 'take the service away as well: `user` (default) or `system`' }],
  run,
};

/** systemd stops it in order, as `down` does. */
function withoutService({ stateDir, terminal }: Given, scope: Service['scope']): Outcome {
  if (scope === 'system') return withoutSystemService(terminal.env);
  const file = removeService(resolve(stateDir), terminal.env);
  if (file === undefined)
    throw new CliError(
      'no-service',
      'no service was installed from this state directory',
      'Stop it with: sallyport down',
    );
  return { json: { removed: [file] }, text: `stopped, and removed ${file}: no file of the service is left` };
}

/** What it kept (the record, keys) stays where it is, and is told. */
function withoutSystemService(env: NodeJS.ProcessEnv): Outcome {
  const removed = removeSystemService({ env, root: '/', rootUid: 0 });
  if (removed === undefined)
    throw new CliError('no-service', 'there is no system service of ours here', 'See: systemctl status sallyport');
  return {
    json: { removed },
    text: `stopped, and removed ${removed.join(' and ')}`,
    notes: [`the record stays in /var/lib/${account}: it is yours to keep or delete`],
  };
}

function nothingToStop(stateDir: string): CliError {
  return new CliError(
    'not-running',
    `no gateway is running on ${stateDir}, so there is nothing to stop`,
    'One with another state directory is named with --state DIR.',
    exit.unhealthy,
  );
}

const stopSecondsMax = 20;
const lookMillis = 25;

async function run(given: Given): Promise<Outcome> {
  const scope = serviceScope(given);
  if (scope !== undefined) return withoutService(given, scope);
  const running = readRunning(given.stateDir);
  if (running === undefined) throw nothingToStop(given.stateDir);
  try {
    await openApi(given.stateDir).post('shutdown');
  } catch (thrown) {
    // One that does not answer is asked by the operating system; it is ours, the run file names its process.
    if (!(thrown instanceof CliError) || thrown.status !== exit.unhealthy) throw thrown;
    process.kill(running.pid, 'SIGTERM');
  }
  const until = Date.now() + stopSecondsMax * 1_000;
  while (isAlive(running.pid)) {
    if (Date.now() > until)
      throw new CliError(
        'not-stopped',
        `the gateway (process ${running.pid}) has not stopped within ${stopSecondsMax} s`,
        `Look at gateway.log in ${given.stateDir}; \`kill -9 ${running.pid}\` ends it without finishing what is under way.`,
        exit.unhealthy,
      );
    await pause(lookMillis);
  }
  return { json: { stopped: { url: running.url, pid: running.pid } }, text: `stopped  ${running.url}` };
}
