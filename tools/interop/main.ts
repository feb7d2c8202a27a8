import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GatewayProcess, startGatewayProcess } from '@sallyport/testkit/gateway-process.ts';
import { until } from '@sallyport/testkit/upstream/fixture.ts';
import { fetched } from '../fetched.ts';
import { callOf, differences, direct, type Launch, launchOf, look, type Seen, through } from './compare.ts';
import { atAddress, inspect, inspectorVersion } from './inspector.ts';
import { type Popular, popular } from './servers.ts';

/**
 * `npm run deep:interop`: popular servers from npm, each listed and called with the official client, directly and through
 * Sallyport with a policy that permits everything, and how Sallyport pinned and classified it; and the MCP Inspector's
 * command line against one of them. Exit code 1 if anything is not the same through.
 */
interface ToolView {
  readonly tool: string;
  readonly status: string;
  readonly classes: readonly string[];
}

function configOf(launches: ReadonlyMap<string, Launch>): string {
  const servers = [...launches].map(([id, { command, args, env }]) => {
    const variables = Object.keys(env).length === 0 ? '' : `, env: ${JSON.stringify(env)}`;
    return `  ${id}: { command: ${JSON.stringify(command)}, args: ${JSON.stringify(args)}${variables} }`;
  });
  return `agents: { interop: { principal: "user:interop" } }\nservers:\n${servers.join('\n')}\n`;
}

const startsMillisMax = 120_000;

async function isMet({ url }: GatewayProcess): Promise<boolean> {
  return ((await (await fetch(`${url}/readyz`)).json()) as { starting: number }).starting === 0;
}

/** One line for each class, with how many tools are in it. */
function classesText(tools: readonly ToolView[]): string {
  const counts = new Map<string, number>();
  for (const { classes } of tools) for (const name of classes) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ');
}

async function examine(
  server: Popular,
  launch: Launch,
  gateway: GatewayProcess,
  token: string,
  folder: string,
): Promise<number> {
  const call = callOf(server, folder);
  const failed = (thrown: Error): Seen => ({ tools: [], outcome: 'error', content: thrown.message });
  const own = await look(direct(launch), call).catch(failed);
  const relayed = await look(through(`${gateway.url}/mcp/${server.id}`, token), call).catch(failed);
  const { tools } = await gateway.ask<{ tools: readonly ToolView[] }>('tools');
  const held = tools.filter(({ tool }) => tool.startsWith(`${server.id}/`) && !tool.includes('/mcp:'));
  const pinned = held.filter(({ status }) => status === 'pinned').length;
  const found = differences(own, relayed, server.steady ?? false);
  if (own.tools.length === 0) found.push(`nothing was listed directly: ${JSON.stringify(own.content).slice(0, 200)}`);
  console.log(`${found.length === 0 ? '✓' : '✗'} ${server.package}@${server.version}`);
  console.log(
    `    ${relayed.tools.length} of ${own.tools.length} tools listed, ${pinned} pinned; ${classesText(held)}`,
  );
  console.log(`    ${call.tool}: ${own.outcome} directly, ${relayed.outcome} through`);
  for (const difference of found) console.log(`    ${difference}`);
  return found.length;
}

async function main(): Promise<number> {
  const began = performance.now();
  const versions = Object.fromEntries(popular.map(server => [server.package, server.version]));
  const installed = fetched('interop', versions);
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-interop-'));
  mkdirSync(join(folder, 'data'));
  const data = join(folder, 'data');
  writeFileSync(join(data, 'note.txt'), 'a note\n');
  const launches = new Map(popular.map(server => [server.id, launchOf(server, installed, data)]));
  let wrong = 0;
  try {
    await using gateway = await startGatewayProcess({ config: configOf(launches) });
    // Lists wait five seconds for servers that nobody knew: on a busy machine so many of them take longer.
    await until('every server was met or failed', () => isMet(gateway), startsMillisMax);
    const token = await gateway.token('interop');
    for (const server of popular)
      wrong += await examine(server, launches.get(server.id) as Launch, gateway, token, data);
    const faults = await inspect(atAddress(`${gateway.url}/mcp/everything`, token), ['echo', 'message=hello']);
    console.log(
      `${faults.length === 0 ? '✓' : '✗'} MCP Inspector ${inspectorVersion}, command line: tools/list, tools/call`,
    );
    for (const fault of faults) console.log(`    ${fault}`);
    wrong += faults.length;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.log(`${popular.length} servers, ${wrong} differences; ${seconds} s`);
  return wrong === 0 ? 0 : 1;
}

process.exitCode = await main();
