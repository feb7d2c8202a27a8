import { startHttpUpstream } from './http.ts';
import type { Script } from './script.ts';

/** The scripted upstream over HTTP in a process of its own; it prints its address, and ends with its standard input. */
const { url } = await startHttpUpstream(JSON.parse(process.argv[2] ?? '{}') as Script);
process.stdout.write(`${url}\n`);
process.stdin.resume().on('end', () => process.exit(0));
