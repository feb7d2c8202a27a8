import { join } from 'node:path';
import { fetched } from '../fetched.ts';
import { proveClient } from './prove.ts';
import { type Proven, type Sight, table } from './sights.ts';
import { type RealClient, realClients } from './table.ts';

/**
 * `npm run deep:clients [-- ID…]`: real clients from npm, each in a home of its own, with a model of ours that does what an
 * attacker wants and an address of this machine that waits for the secret. One after the other: two at once on two cores are late
 * for each other's hooks. Exits with 1 where a client could not be run, or anything is not as the documents say.
 */
const chosen = process.argv.slice(2);
const clients = realClients.filter(({ seen: { id } }) => chosen.length === 0 || chosen.includes(id));
const runMillisMax = 530_000;
const began = performance.now();

async function prove(client: RealClient, signal: AbortSignal): Promise<Proven> {
  const { package: name, version } = client.seen;
  const start = performance.now();
  const seconds = (): number => Math.round((performance.now() - start) / 1_000);
  const sights: Sight[] = [];
  const show = (sight: Sight): void => {
    sights.push(sight);
    console.log(`${sight.holds ? '✓' : '✗'} ${sight.what}  ${seconds()} s`);
    if (sight.saw !== undefined) console.log(sight.saw.replaceAll(/^/gm, '      '));
  };
  console.log(`\n${name}@${version}`);
  try {
    await proveClient(client, installed(client), show, signal);
  } catch (thrown) {
    const why = signal.aborted
      ? `the whole run has ${runMillisMax / 1_000} s: \`npm run deep:clients -- ${client.seen.id}\` looks at this one alone`
      : String((thrown as Error).stack);
    show({ what: 'everything was seen', holds: false, saw: why });
  }
  return { client, sights, seconds: seconds() };
}

/** Fetched the first time, and kept. */
function installed({ seen: { id, package: name, version }, fetches }: RealClient): Parameters<typeof proveClient>[1] {
  const modules = join(fetched(`client-${id}`, { [name]: version }), 'node_modules');
  const own = fetches === undefined ? undefined : fetched(`client-${id}-own`, fetches.packages);
  return { modules, own };
}

console.log(`${clients.length} clients: ${clients.map(({ seen: { id } }) => id).join(', ')}`);
for (const [index, client] of clients.entries()) {
  const start = performance.now();
  process.stdout.write(
    `installing ${index + 1} of ${clients.length}: ${client.seen.package}@${client.seen.version} … `,
  );
  try {
    installed(client);
    console.log(`${Math.round((performance.now() - start) / 1_000)} s`);
  } catch (thrown) {
    console.log(`not installed: ${(thrown as Error).message.split('\n', 1)[0]}`);
  }
}
const signal = AbortSignal.timeout(Math.max(1, Math.ceil(runMillisMax - (performance.now() - began))));
const all: Proven[] = [];
for (const client of clients) all.push(await prove(client, signal));
const wrong = all.flatMap(({ sights }) => sights).filter(({ holds }) => !holds).length;
console.log(`\n${table(all)}\n`);
console.log(
  `${all.flatMap(({ sights }) => sights).length} things looked at, ${wrong} not so; ${Math.round((performance.now() - began) / 1_000)} s`,
);
process.exitCode = wrong === 0 ? 0 : 1;
