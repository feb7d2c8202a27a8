import { execFileSync, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { type GatewayProcess, startGatewayProcess } from '@sallyport/testkit/gateway-process.ts';
import { Browser } from '@sallyport/testkit/identity/browser.ts';
import { fetched } from '../fetched.ts';
import { type Outcome, resultsOf, suiteScript } from './suite.ts';

/**
 * `npm run conformance:authorization`: every authorization scenario of the official suite. As a client: our way to a token
 * against the suite's servers. As a server: our authorization server, asked by the suite. Exit code 1 if one fails.
 */
const root = resolve(import.meta.dirname, '../..');
const version = '0.2.0-alpha.12';
const scenarioMillisMax = 60_000;
const began = performance.now();

/** `- auth/dpop [extension]` */
function scenariosIn(script: string): { readonly client: readonly string[]; readonly server: readonly string[] } {
  const text = execFileSync(process.execPath, [script, 'list'], { encoding: 'utf8' });
  const [, client = '', server = ''] =
    /Client scenarios[^\n]*\n([\s\S]*?)\n\nAuthorization server[^\n]*\n([\s\S]*)/.exec(text) ?? [];
  const names = (part: string): string[] => [...part.matchAll(/^ {2}- (\S+)/gm)].map(([, name]) => name ?? '');
  return { client: names(client).filter(name => name.startsWith('auth/')), server: names(server) };
}

async function asClient(script: string, scenario: string): Promise<Outcome | undefined> {
  const command = `${process.execPath} ${join(root, 'tools/conformance/client.ts')}`;
  const { outcomes } = await resultsOf(results =>
    spawn(process.execPath, [script, 'client', '--command', command, '--scenario', scenario, '-o', results], {
      ...{ cwd: results, stdio: 'ignore', timeout: scenarioMillisMax },
    }),
  );
  return [...outcomes.values()][0];
}

/** The suite prints the address of the sign-in and waits: a person opens it, and agrees with the operator's code. */
async function asServer(script: string): Promise<ReadonlyMap<string, Outcome>> {
  const port = 30_000 + (process.pid % 20_000);
  const redirectUri = `http://127.0.0.1:${port}/callback`;
  const config = `agents: { suite: { principal: "user:suite", proofs: { vendor: { clientId: suite, redirectUris: ["${redirectUri}"] } } } }\n`;
  await using gateway = await startGatewayProcess({ config });
  const issuer = `${gateway.url}/oauth`;
  const args = ['--url', issuer, '--client-id', 'suite', '--resource', `${gateway.url}/mcp`, '--port', String(port)];
  // Awaited here: the gateway stays until the suite is done with it.
  const { outcomes } = await resultsOf(results => {
    const child = spawn(process.execPath, [script, 'authorization', ...args, '-o', results], {
      ...{ cwd: results, stdio: ['ignore', 'pipe', 'ignore'], timeout: scenarioMillisMax },
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      const url = /^(http\S+\/authorize\?\S+)$/m.exec(said)?.[1];
      if (url === undefined) return;
      said = '';
      void agree(url, gateway).catch(thrown => console.error(String(thrown)));
    });
    return child;
  });
  return outcomes;
}

async function agree(url: string, gateway: Pick<GatewayProcess, 'ask'>): Promise<void> {
  const browser = new Browser();
  const page = await browser.open(url);
  const { link } = await gateway.ask<{ link: string }>('session/link', { role: 'operator' });
  await browser.submit(page, { answer: 'allow', code: link });
}

function show(name: string, outcome: Outcome | undefined): number {
  const good = outcome !== undefined && outcome.failed + outcome.warned === 0 && outcome.passed > 0;
  const counts =
    outcome === undefined ? 'no result' : `${outcome.passed} of ${outcome.passed + outcome.failed + outcome.warned}`;
  console.log(`${good ? '✓' : '✗'} ${name.padEnd(52)}${counts}`);
  for (const complaint of good ? [] : (outcome?.complaints ?? [])) console.log(`    ${complaint}`);
  return good ? 0 : 1;
}

async function main(only: string | undefined): Promise<number> {
  const script = suiteScript(fetched('conformance', { '@modelcontextprotocol/conformance': version }));
  const { client, server } = scenariosIn(script);
  const wanted = client.filter(name => only === undefined || name.includes(only));
  let bad = 0;
  console.log(`as a client (suite ${version})`);
  for (const scenario of wanted) bad += show(scenario, await asClient(script, scenario));
  if (only !== undefined && !server.some(name => name.includes(only))) return bad === 0 ? 0 : 1;
  console.log('\nas an authorization server');
  const outcomes = await asServer(script);
  for (const scenario of server) bad += show(scenario, outcomes.get(scenario));
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.log(`\n${wanted.length + server.length} scenarios, ${bad} of them not as they should be; ${seconds} s`);
  return bad === 0 && wanted.length > 0 && server.length > 0 ? 0 : 1;
}

process.exitCode = await main(process.argv[2]);
