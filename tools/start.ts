import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultStateDir, openStateDir } from '@sallyport/gateway/app/host/state-dir.ts';
import { alreadyRunning } from 'sallyport/api.ts';
import { buildConsole } from 'sallyport/console-build.ts';
import { makePrivateCopy, privateCopyIn } from 'sallyport/demo/private-copy.ts';
import { asCliError } from 'sallyport/errors.ts';
import { liveLine } from 'sallyport/format/live-line.ts';
import { asTyped } from 'sallyport/format/typed.ts';
import { type Launched, launch, logFileName } from 'sallyport/launch.ts';
import { main } from 'sallyport/main.ts';
import { readRunning } from 'sallyport/running.ts';
import { processTerminal, type Terminal } from 'sallyport/terminal.ts';

/**
 * `npm start`: the gateway with a private copy of the example, one run of the demo against it, and then it serves until
 * Ctrl-C. The gateway is a process of its own, with its own Node flags. `npm start -- --listen 127.0.0.1:7421` chooses
 * another address.
 */
const usage =
  'Usage: npm start [-- --listen HOST:PORT]\nEverything else is done by commands: npm exec -- sallyport help';
const startedApart = 'with a folder and a port of its own: SALLYPORT_STATE=DIR npm start -- --listen 127.0.0.1:7421';
const values = optionsOf(process.argv.slice(2));
const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort());
const terminal = processTerminal(interrupt.signal);
process.exitCode = await start(terminal);

/** What may stand behind `npm start --`. Anything else is told how it is used, and nothing is started. */
function optionsOf(args: readonly string[]): { readonly listen?: string } {
  try {
    const options = { listen: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
    const { help, ...values } = parseArgs({ args: [...args], options }).values;
    if (help !== true) return values;
    console.log(usage);
    process.exit(0);
  } catch (thrown) {
    console.error(`sallyport: ${thrown instanceof Error ? thrown.message : String(thrown)}\n${usage}`);
    process.exit(2);
  }
}

async function start(terminal: Terminal): Promise<number> {
  const { err, signal, env } = terminal;
  const say = (text: string): void => err(`${asTyped(text, terminal)}\n`);
  try {
    const stateDir = openStateDir(resolve(env.SALLYPORT_STATE ?? defaultStateDir(env)));
    const gateway = await started(stateDir);
    signal.addEventListener('abort', () => void gateway.stop(), { once: true });
    const { url } = gateway.running;
    say(`Gateway ready at ${url}; its state is in ${stateDir}.\n`);
    // It finds the state directory as this did, and so does what it tells the user to type next.
    if (!signal.aborted) await main(['demo'], terminal);
    if (!signal.aborted) say(`\nThe console, in a browser: sallyport console`);
    if (!signal.aborted) say(`Serving at ${url} until Ctrl-C. Its log: ${stateDir}/${logFileName}`);
    const status = await gateway.ended;
    if (status !== 0)
      say(`The gateway has ended (status ${status}); its last lines are in ${stateDir}/${logFileName}.`);
    return status;
  } catch (thrown) {
    if (signal.aborted) return 130;
    const { code, message, fix, status } = asCliError(thrown);
    const next =
      code === 'port-taken' ? 'Stop that program, or choose another port: npm start -- --listen 127.0.0.1:7421' : fix;
    say(`sallyport: ${message}${next === undefined ? '' : `\n  ${next}`}`);
    return status;
  }
}

async function started(stateDir: string): Promise<Launched> {
  const running = readRunning(stateDir);
  if (running !== undefined) throw alreadyRunning(running, privateCopyIn(stateDir).config, startedApart);
  const { config } = makePrivateCopy(stateDir, values.listen);
  const line = liveLine(terminal, 'Starting the gateway');
  const building = buildConsole(line.say);
  const launched = await launch({
    ...{ config, stateDir, as: 'within' as const },
    onProgress: line.say,
    signal: terminal.signal,
  }).finally(() => building.finally(line.stop));
  const unbuilt = await building;
  if (unbuilt !== undefined) terminal.err(`${unbuilt}\n`);
  return launched;
}
