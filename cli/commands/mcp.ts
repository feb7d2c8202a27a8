import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { agentIdPattern } from '@sallyport/core/model/ids.ts';
import { nearest } from '@sallyport/core/model/nearest.ts';
import { entrySecretFile } from '@sallyport/gateway/identity/entry-secrets.ts';
import { readPrivate } from '@sallyport/gateway/secret/private-file.ts';
import { localPlace } from '@sallyport/gateway/transports/local-place.ts';
import { type Command, type Given, type Outcome, text } from '../command.ts';
import { CliError, type ExitStatus, exit, usageError } from '../exit.ts';
import { didYouMean } from '../given/suggest.ts';
import { version } from '../version.ts';

export const mcp: Command = {
  name: 'mcp',
  group: 'Connect',
  summary: 'be an MCP server over stdio for a local client, through the gateway',
  about: `What stands in a client's configuration instead of its servers. It proves itself with the secret of the entry, which
stands in the state directory; what is run stands in the gateway's configuration, never in the client's.`,
  examples: [
    ['sallyport mcp --entry assistant', 'every server, for the agent that has this entry'],
    ['sallyport mcp --entry assistant --server files', 'one server, under its own tool names'],
    ['sallyport mcp --entry assistant --task-file ./task.token', 'within a task that was opened for it'],
  ],
  options: [
    { flags: '--entry <id>', text: 'an entry of an agent in the configuration (required)' },
    { flags: '--server <id>', text: 'only this server' },
    { flags: '--task-file <file>', text: 'file with the token of a task' },
  ],
  endsItself: true,
  run,
};

async function run(given: Given): Promise<Outcome> {
  const entry = text(given, 'entry');
  if (entry === undefined || !agentIdPattern.test(entry))
    throw usageError(
      '--entry must be the id of an entry',
      'Entries stand under `agents:` in the configuration; see `sallyport agents ls`.',
    );
  const { runShim } = await import('@sallyport/gateway/transports/stdio/shim.ts');
  const server = text(given, 'server');
  const status = await runShim({
    socketPath: localPlace(given.stateDir, 'mcp.sock'),
    entry,
    secret: secretOf(given, entry),
    version,
    ...(server === undefined ? {} : { server }),
    ...taskOf(given),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
  });
  return { status: status as ExitStatus };
}

function secretOf({ stateDir }: Given, entry: string): string {
  const folder = join(stateDir, 'entries');
  const secret = readPrivate(entrySecretFile(folder, entry));
  if (secret !== undefined) return secret.trimEnd();
  const near = nearest(entry, entriesIn(folder));
  throw new CliError(
    'not-found',
    `there is no secret for the entry ${entry} in ${stateDir}`,
    near === undefined
      ? 'Add the entry to an agent in the configuration and start the gateway with it: `sallyport up`.'
      : didYouMean(near),
    exit.unhealthy,
  );
}

function entriesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map(name => name.replace(/\.secret$/, ''));
}

function taskOf(given: Given): { task?: string } {
  const file = text(given, 'taskFile');
  if (file === undefined) return {};
  const token = readPrivate(resolve(given.terminal.cwd, file));
  if (token === undefined)
    throw usageError(`${file} does not exist`, 'Make it with `sallyport task open … --token-file FILE`.');
  return { task: token.trimEnd() };
}
