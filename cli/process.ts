import { main } from './main.ts';
import { processTerminal } from './terminal.ts';

/** Runs the command line of this process. */
export async function runProcess(): Promise<void> {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort());
  // Whoever reads our output may have read enough: `sallyport tail | head`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  process.exitCode = await main(process.argv.slice(2), processTerminal(interrupt.signal));
  if (interrupt.signal.aborted) process.exit();
}
