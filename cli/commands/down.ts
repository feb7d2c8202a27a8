import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { notRunning, openApi } from '../api.ts';
import { type Command, flag, type Given, type Outcome } from '../command.ts';
import { CliError, exit } from '../exit.ts';
import { isAlive, readRunning } from '../running.ts';
import { removeService } from '../service.ts';

export const down: Command = {
  name: 'down',
  group: 'Run',
  summary: 'stop the gateway, in order: what is under way is finished or recorded',
  about: 'A gateway that runs as a service is started again by systemd unless the service itself goes: --service.',
  examples: [
    ['sallyport down', 'resolves once it has stopped'],
    ['sallyport down --service', 'stops it and takes the service away, file by file'],
  ],
  options: [{ flags: '--service', text: 'take the user service away as well' }],
  run,
};

/** systemd stops it in order, as `down` does. */
function withoutService({ stateDir, terminal }: Given): Outcome {
  const file = removeService(resolve(stateDir), terminal.env);
  if (file === undefined)
    throw new CliError(
      'no-service',
      'no service was installed from this state directory',
      'Stop it with: sallyport down',
    );
  return { json: { removed: [file] }, text: `stopped, and removed ${file}: no file of the service is left` };
}

const stopSecondsMax = 20;
const lookMillis = 25;

async function run(given: Given): Promise<Outcome> {
  if (flag(given, 'service')) return withoutService(given);
  const running = readRunning(given.stateDir);
  if (running === undefined) throw notRunning(given.stateDir);
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
