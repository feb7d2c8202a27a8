import { join } from 'node:path';
import { fetched } from '../fetched.ts';
import { type Installed, proveClient } from './prove.ts';
import { type RealClient, realClients } from './table.ts';

/**
 * `npm run deep:clients [-- ID…]`: real coding clients from npm, each in a home of its own, with a model of ours that does what an
 * attacker wants and an address of this machine that waits for the secret.
 */
const chosen = process.argv.slice(2);
const waiting = realClients.filter(({ seen: { id } }) => chosen.length === 0 || chosen.includes(id));
/** Clients mostly wait: for a model, for a hook that is late. */
const atOnce = 2;

/** How many things were not as they are said to be. */
async function prove(client: RealClient): Promise<number> {
  const { id, package: name, version } = client.seen;
  const began = performance.now();
  let installed: Installed;
  try {
    const modules = join(fetched(`client-${id}`, { [name]: version }), 'node_modules');
    const own = client.fetches === undefined ? undefined : fetched(`client-${id}-own`, client.fetches.packages);
    installed = { modules, own };
  } catch (thrown) {
    console.log(
      `SKIPPED ${name}@${version}: it could not be installed (${(thrown as Error).message.split('\n', 1)[0]})`,
    );
    return 0;
  }
  const shown = await proveClient(client, installed);
  const lines = shown.flatMap(({ what, holds, saw }) => [
    `${holds ? '✓' : '✗'} ${what}`,
    ...(saw === undefined ? [] : [saw.replaceAll(/^/gm, '      ')]),
  ]);
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.log([`\n${name}@${version}, ${seconds} s`, ...lines].join('\n'));
  return shown.filter(({ holds }) => !holds).length;
}

async function work(): Promise<number> {
  let wrong = 0;
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) wrong += await prove(next);
  return wrong;
}

const wrong = await Promise.all(Array.from({ length: atOnce }, work));
process.exitCode = wrong.every(count => count === 0) ? 0 : 1;
