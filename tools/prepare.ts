import { liveLine } from 'sallyport/format/live-line.ts';
import { prepare } from 'sallyport/prepare.ts';
import { processTerminal } from 'sallyport/terminal.ts';

/** Run by the bootstrap once it has installed packages. */
const started = performance.now();
const terminal = processTerminal(new AbortController().signal);
const line = liveLine(terminal, 'Preparing the first start');
await prepare(line.say).finally(line.stop);
terminal.err(`Prepared the first start in ${((performance.now() - started) / 1_000).toFixed(1)} s.\n`);
