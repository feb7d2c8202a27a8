import { startFullServer } from './http.ts';

/** The full-featured server in a process of its own; `legacy` as an argument: it knows nothing of the modern era. */
const { url } = await startFullServer(process.argv[2] === 'legacy');
process.stdout.write(`${url}\n`);
process.stdin.resume().on('end', () => process.exit(0));
