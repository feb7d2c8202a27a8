import { setTimeout as pause } from 'node:timers/promises';
import { notRunning, openApi } from '../api.ts';
import type { Command, Given, Outcome } from '../command.ts';
import { CliError, exit } from '../exit.ts';
import { isAlive, readRunning } from '../running.ts';

export const down: Command = {
  name: 'down',
  group: 'Run',
  summary: 'stop the gateway, in order: what is under way is finished or recorded',
  examples: [['sallyport down', 'resolves once it has stopped']],
  run,
};

const stopSecondsMax = 20;
const lookMillis = 25;

async function run(given: Given): Promise<Outcome> {
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
