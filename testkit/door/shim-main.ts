import { runShim } from '@sallyport/gateway/transports/stdio/shim.ts';

/** What a client starts: the shim alone, told by its environment where to go. For tests of the stdio door. */
const { SHIM_SOCKET = '', SHIM_ENTRY = 'editor', SHIM_SECRET = 's3cret', SHIM_SERVER } = process.env;

process.exitCode = await runShim({
  socketPath: SHIM_SOCKET,
  entry: SHIM_ENTRY,
  secret: SHIM_SECRET,
  server: SHIM_SERVER,
  version: '0.0.0-test',
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
});
