import { join, resolve } from 'node:path';
import { startGatewayProcess } from '@sallyport/testkit/gateway-process.ts';
import { startProcess } from '@sallyport/testkit/process.ts';
import { fetched } from '../fetched.ts';
import { type Outcome, runSuite, type Selection } from './suite.ts';
import { startForwarder } from './with-token.ts';

/**
 * `npm run conformance`: the official suite against the full-featured test server, directly and through Sallyport with a
 * policy that permits everything, side by side. Exit code 1 if a scenario passes directly and does not pass through, or
 * fails directly.
 */
const root = resolve(import.meta.dirname, '../..');
const server = join(root, 'testkit/full-server/main.ts');

interface Column extends Selection {
  readonly title: string;
  readonly era: 'both' | 'legacy';
}

function columns(): Column[] {
  const suite = (version: string): string => fetched('conformance', { '@modelcontextprotocol/conformance': version });
  const [current, older] = [suite('0.2.0-alpha.12'), suite('0.1.16')];
  const frozen = (revision: string): readonly string[] => ['--requirements', revision];
  return [
    { title: '2026-07-28 (suite 0.2.0-alpha.12)', era: 'both', folder: current, args: frozen('2026-07-28') },
    { title: '2025-11-25 (suite 0.2.0-alpha.12)', era: 'legacy', folder: current, args: frozen('2025-11-25') },
    { title: 'all server scenarios (suite 0.1.16)', era: 'legacy', folder: older, args: ['--suite', 'all'] },
  ];
}

function count({ passed, failed, warned }: Outcome): string {
  return `${passed} of ${passed + failed + warned}`;
}

function passes({ failed, warned }: Outcome): boolean {
  return failed + warned === 0;
}

/** Prints both columns; returns how many scenarios are worse than they should be. */
function compare(title: string, direct: ReadonlyMap<string, Outcome>, through: ReadonlyMap<string, Outcome>): number {
  console.log(`\n${title}\n${'scenario'.padEnd(48)}${'directly'.padEnd(12)}through Sallyport`);
  let worse = 0;
  for (const [scenario, own] of direct) {
    const relayed = through.get(scenario);
    const applied = relayed !== undefined && (relayed.passed > 0 || own.passed === 0);
    const good = passes(own) && applied && passes(relayed);
    if (!good) worse++;
    const shown = relayed === undefined ? 'no result' : count(relayed);
    console.log(`${good ? '✓' : '✗'} ${scenario.padEnd(46)}${count(own).padEnd(12)}${shown}`);
    const missing = own.passedIds.filter(id => relayed !== undefined && !relayed.passedIds.includes(id));
    if (good && missing.length > 0) console.log(`    did not apply: ${missing.join(', ')}`);
    for (const complaint of good ? [] : (relayed ?? own).complaints) console.log(`    ${complaint}`);
  }
  console.log(`${direct.size} scenarios, ${worse} of them not as they should be`);
  return direct.size === 0 ? 1 : worse;
}

async function main(only: string | undefined): Promise<number> {
  const began = performance.now();
  const wanted = columns().filter(({ title }) => only === undefined || title.includes(only));
  let worse = 0;
  for (const column of wanted) {
    await using upstream = await startProcess(server, [column.era]);
    await using forwarder = await startForwarder();
    await using gateway = await startGatewayProcess({
      config: `servers: { full: { url: "${upstream.url}" } }\nagents: { suite: { principal: "user:suite" } }\n`,
    });
    forwarder.aim(gateway.url, await gateway.token('suite'));
    const direct = await runSuite(column, upstream.url);
    const through = await runSuite(column, `http://${forwarder.authority}/mcp/full`);
    worse += compare(column.title, direct, through);
  }
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.log(`\n${wanted.length} selections, ${worse} scenarios not as they should be; ${seconds} s`);
  return worse === 0 && wanted.length > 0 ? 0 : 1;
}

process.exitCode = await main(process.argv[2]);
