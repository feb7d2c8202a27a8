import { flushCompileCache } from 'node:module';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { readConfig } from '@sallyport/gateway/app/config/config.ts';
import { type Gateway, startGateway } from '@sallyport/gateway/app/gateway.ts';
import { createLog, type Log } from '@sallyport/gateway/app/host/log.ts';
import { openStateDir } from '@sallyport/gateway/app/host/state-dir.ts';
import { readPoliciesAhead } from '@sallyport/gateway/app/rules/first-world.ts';
import { consoleDir } from './console-build.ts';
import { asCliError } from './errors.ts';
import { type ExitStatus, exit } from './exit.ts';
import { gatewayServingFlags } from './gateway-flags.js';
import type { ServeMessage } from './launch.ts';
import { removeRunning, writeRunning } from './running.ts';
import { version } from './version.ts';

const closeSecondsMax = 15;
const log: Log = createLog(
  line => void process.stderr.write(line),
  () => Date.now(),
);
let starting: Promise<Gateway> | undefined;
let ending = false;

/** The gateway's own process, started by `launch.ts` with the Node flags and the environment that belong to it. */
const { values } = parseArgs({
  options: {
    ...{ config: { type: 'string' }, state: { type: 'string' }, 'agents-uid': { type: 'string' } },
    beside: { type: 'boolean' },
    'sources-because': { type: 'string' },
  },
});
const sourcesBecause = values['sources-because'];
const agentsUid = values['agents-uid'] === undefined ? undefined : Number(values['agents-uid']);
await serve(values.config ?? '', openStateDir(values.state ?? ''), values.beside === true);

/** Serves until it is told to end, its keeper goes away (unless `isBeside`), or it can no longer keep its promises. */
async function serve(configFile: string, stateDir: string, isBeside: boolean): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(exit.ok, stateDir));
  if (!isBeside) process.on('disconnect', () => void end(exit.ok, stateDir));
  // Nobody says it a second time.
  if (!isBeside && !process.connected) return await end(exit.ok, stateDir);
  try {
    tell({ kind: 'progress', text: 'Reading the configuration' });
    const config = readConfig(configFile);
    readPoliciesAhead(config, stateDir);
    starting = startGateway({
      config,
      stateDir,
      version,
      consoleDir: consoleDir(),
      agentsUid,
      runsFrom: sourcesBecause === undefined ? { kind: 'bundle' } : { kind: 'sources', because: sourcesBecause },
      log,
      onProgress: text => tell({ kind: 'progress', text }),
      onFailure: why => {
        log('error', why);
        void end(exit.error, stateDir);
      },
      onShutdown: () => void end(exit.ok, stateDir),
    });
    const gateway = await starting;
    if (ending) return;
    const running = { pid: process.pid, url: gateway.url, startedAt: Date.now(), config: config.file };
    writeRunning(stateDir, running);
    const awaited = gateway.starting();
    log('info', 'ready', { url: gateway.url, ...(awaited.length === 0 ? {} : { starting: awaited.join(', ') }) });
    tell({ kind: 'ready', running, starting: awaited });
    void gateway.met.then(() => tell({ kind: 'met' }));
    flushCompileCache();
    for (const flag of gatewayServingFlags) setFlagsFromString(flag);
  } catch (thrown) {
    const { code, message, fix, status } = asCliError(thrown);
    log('error', message);
    tell({ kind: 'failed', code, message, status, ...(fix === undefined ? {} : { fix }) });
    await end(status, stateDir);
  }
}

/** Once; what hangs is left to the operating system. */
async function end(status: ExitStatus, stateDir: string): Promise<void> {
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(exit.error), closeSecondsMax * 1_000).unref();
  removeRunning(stateDir, process.pid);
  // What is only half started is closed like the rest, once it is whole; one that could not be started closed itself.
  const gateway = await starting?.catch(() => undefined);
  try {
    await gateway?.close();
  } catch (thrown) {
    log('error', thrown instanceof Error ? thrown.message : 'it could not be closed');
    process.exit(exit.error);
  }
  process.exit(status);
}

/** Whoever started this may have gone a moment ago: that is seen by its `disconnect`. */
function tell(message: ServeMessage): void {
  if (process.connected) process.send?.(message, () => {});
}
