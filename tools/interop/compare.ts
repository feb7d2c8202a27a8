import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { Popular } from './servers.ts';

/**
 * What a client sees of a server: its tools, and what became of one call. `execution` is not looked at: it speaks of the
 * tasks of 2025-11-25, which the gateway does not relay, so it is not shown.
 */
export interface Seen {
  readonly tools: readonly { readonly name: string; readonly definition: unknown }[];
  readonly outcome: 'result' | 'tool error' | 'error';
  readonly content: unknown;
}

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const callMillisMax = 60_000;

/** How a server is started, with `{folder}` filled in: the same for us and for the gateway. */
export function launchOf(server: Popular, installed: string, folder: string): Launch {
  const home = join(installed, 'node_modules', server.package);
  const { bin } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    bin: string | Record<string, string>;
  };
  const script = typeof bin === 'string' ? bin : (bin[server.bin ?? ''] ?? Object.values(bin)[0] ?? '');
  const fill = (text: string): string => text.replaceAll('{folder}', folder);
  return {
    command: process.execPath,
    args: [join(home, script), ...(server.args ?? []).map(fill)],
    env: Object.fromEntries(Object.entries(server.env ?? {}).map(([name, value]) => [name, fill(value)])),
  };
}

export function callOf({ call }: Popular, folder: string): Popular['call'] {
  return JSON.parse(JSON.stringify(call).replaceAll('{folder}', folder)) as Popular['call'];
}

/**
 * The official client, speaking the handshake era, which nearly every server of today understands. It can be asked what the
 * gateway says it can be asked, because some servers offer other tools then.
 */
async function connected(transport: StdioClientTransport | StreamableHTTPClientTransport): Promise<Client> {
  const capabilities = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };
  const client = new Client(
    { name: 'interop', version: '1' },
    { capabilities, versionNegotiation: { mode: 'legacy' } },
  );
  client.setRequestHandler('elicitation/create', async () => ({ action: 'decline' }));
  client.setRequestHandler('roots/list', async () => ({ roots: [] }));
  await client.connect(transport);
  return client;
}

export function direct({ command, args, env }: Launch): Promise<Client> {
  const path = { PATH: process.env.PATH ?? '', HOME: env.HOME ?? '/nonexistent', LANG: 'C.UTF-8' };
  return connected(new StdioClientTransport({ command, args: [...args], env: { ...path, ...env }, stderr: 'ignore' }));
}

export function through(url: string, token: string): Promise<Client> {
  const headers = { authorization: `Bearer ${token}` };
  return connected(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
}

export async function look(opening: Promise<Client>, call: Popular['call']): Promise<Seen> {
  const client = await opening;
  try {
    const { tools } = await client.listTools();
    const named = tools.map(({ execution: _, ...tool }) => ({ name: tool.name, definition: tool as unknown }));
    try {
      const params = { name: call.tool, arguments: { ...call.arguments } };
      const result = await client.callTool(params, { timeout: callMillisMax });
      return { tools: named, outcome: result.isError === true ? 'tool error' : 'result', content: result.content };
    } catch (thrown) {
      return { tools: named, outcome: 'error', content: thrown instanceof Error ? thrown.message : 'unknown' };
    }
  } finally {
    await client.close();
  }
}

/** What is not the same through the gateway, in words; empty if nothing. */
export function differences(own: Seen, relayed: Seen, steady: boolean): string[] {
  const by = (seen: Seen): Map<string, unknown> =>
    new Map(seen.tools.map(({ name, definition }) => [name, definition]));
  const [before, after] = [by(own), by(relayed)];
  const missing = [...before.keys()].filter(name => !after.has(name));
  const changed = [...before.keys()].filter(
    name => after.has(name) && !isDeepStrictEqual(before.get(name), after.get(name)),
  );
  return [
    ...missing.map(name => `${name} is not listed`),
    ...changed.map(name => `the definition of ${name} differs`),
    ...(own.outcome === relayed.outcome ? [] : [`the call: ${own.outcome} directly, ${relayed.outcome} through`]),
    ...(steady && !isDeepStrictEqual(own.content, relayed.content) ? ['the content of the answer differs'] : []),
  ];
}
