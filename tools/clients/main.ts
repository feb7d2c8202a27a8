import { join } from 'node:path';
import { fetched } from '../fetched.ts';
import { proveClient } from './prove.ts';
import { realClients } from './table.ts';

/**
 * `npm run deep:clients [-- ID…]`: real coding clients from npm, each in a home of its own, with a model of ours that does what an
 * attacker wants and an address of this machine that waits for the secret.
 */
const chosen = process.argv.slice(2);
let wrong = 0;
for (const client of realClients.filter(({ seen: { id } }) => chosen.length === 0 || chosen.includes(id))) {
  const began = performance.now();
  let modules: string;
  let own: string | undefined;
  try {
    modules = join(fetched(`client-${client.seen.id}`, { [client.seen.package]: client.seen.version }), 'node_modules');
    if (client.fetches !== undefined) own = fetched(`client-${client.seen.id}-own`, client.fetches.packages);
  } catch (thrown) {
    console.log(
      `SKIPPED ${client.seen.package}@${client.seen.version}: it could not be installed (${(thrown as Error).message.split('\n', 1)[0]})`,
    );
    continue;
  }
  console.log(`\n${client.seen.package}@${client.seen.version}`);
  const shown = await proveClient(client, { modules, own }, ({ what, holds, saw }) => {
    console.log(`${holds ? '✓' : '✗'} ${what}`);
    if (saw !== undefined) console.log(saw.replaceAll(/^/gm, '      '));
  });
  console.log(`${Math.round((performance.now() - began) / 1_000)} s`);
  wrong += shown.filter(({ holds }) => !holds).length;
}
process.exitCode = wrong === 0 ? 0 : 1;
