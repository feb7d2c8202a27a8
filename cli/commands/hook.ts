import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { nearest } from '@sallyport/core/model/nearest.ts';
import { hookClients } from '@sallyport/gateway/transports/hook/clients/all.ts';
import { hookWords } from '../clients/hooks/script.ts';
import { arg, type Command, flag, type Given, type Outcome } from '../command.ts';
import { type ExitStatus, usageError } from '../exit.ts';
import { safeLine } from '../format/safe.ts';
import { didYouMean } from '../given/suggest.ts';

export const hook: Command = {
  name: 'hook',
  group: 'Connect',
  args: '<client>',
  summary: "answer one hook of a coding client: its JSON comes in, the client's own answer goes out",
  about: `\`sallyport wrap\` puts the faster script behind this into the client's file; both give the same answers. Exit codes are the
client's: 0 with an answer, 2 for a refusal because the gateway gave none.`,
  examples: [
    ['sallyport hook claude-code < event.json', 'what Claude Code would be told about its tool'],
    ['sallyport hook claude-code --prompt < event.json', "with the secret of the user's words instead of the tools'"],
  ],
  options: [{ flags: '--prompt', text: "this is the hook for what the client's user types" }],
  choices: () => hookClients.map(({ id }) => id),
  endsItself: true,
  run,
};

async function run(given: Given): Promise<Outcome> {
  const client = arg(given, 0);
  const ids = hookClients.map(({ id }) => id);
  if (!ids.includes(client)) {
    const near = nearest(client, ids);
    throw usageError(
      `${safeLine(client)} is no client whose hooks are understood`,
      near === undefined ? `There are ${ids.join(', ')}.` : didYouMean(near),
    );
  }
  const part = flag(given, 'prompt') ? 'prompt' : 'tool';
  const [program, script] = hookWords(process.platform);
  const child = spawn(program, [script, resolve(given.stateDir), client, part], { stdio: 'inherit' });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status: (status ?? 2) as ExitStatus };
}
