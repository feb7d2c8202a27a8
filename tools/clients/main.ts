import { join } from 'node:path';
import { fetched } from '../fetched.ts';
import { type Installed, proveClient, type Seen } from './prove.ts';
import { type RealClient, realClients } from './table.ts';

/**
 * `npm run deep:clients [-- ID…]`: real coding clients from npm, each in a home of its own, with a model of ours that does what an
 * attacker wants and an address of this machine that waits for the secret. One after the other: two at once on two cores are late
 * for each other's hooks.
 */
const chosen = process.argv.slice(2);
const clientMillisMax = 115_000;

/** How many things were not as they are said to be. */
async function prove(client: RealClient): Promise<number> {
  const { id, package: name, version } = client.seen;
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
  console.log(`\n${name}@${version}`);
  const began = performance.now();
  const seconds = (): string => `${Math.round((performance.now() - began) / 1_000)} s`;
  let wrong = 0;
  const show = ({ what, holds, saw }: Seen): void => {
    if (!holds) wrong++;
    console.log(`${holds ? '✓' : '✗'} ${what}  ${seconds()}`);
    if (saw !== undefined) console.log(saw.replaceAll(/^/gm, '      '));
  };
  const signal = AbortSignal.timeout(clientMillisMax);
  try {
    await proveClient(client, installed, show, signal);
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    show({ what: `everything was seen within ${clientMillisMax / 1_000} s`, holds: false });
  }
  return wrong;
}

let wrong = 0;
for (const client of realClients.filter(({ seen: { id } }) => chosen.length === 0 || chosen.includes(id)))
  wrong += await prove(client);
process.exitCode = wrong === 0 ? 0 : 1;
