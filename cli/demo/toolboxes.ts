import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { CallAnswer, Toolbox } from './agent.ts';

const clientInfo = { name: 'sallyport-demo-agent', version: '1.0.0' };
/** Where the gateway says to machines what it refused (docs/reference/mcp.md). */
const refusalKey = 'dev.sallyport/refusal';

export interface DirectOrder {
  readonly folder: string;
  readonly home: string;
  /** What the server `everything` finds in its environment, besides the path. */
  readonly environment: Readonly<Record<string, string>>;
  /** Whose dependencies the servers are. */
  readonly packagesOf: string;
}

/** The servers themselves, each a child process: what an agent has today. */
export async function directToolbox({ folder, home, environment, packagesOf }: DirectOrder): Promise<Toolbox> {
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: home, ...environment };
  const open = (name: string, args: readonly string[]): Promise<Client> =>
    connected(
      new StdioClientTransport({
        command: process.execPath,
        args: [serverScript(packagesOf, name), ...args],
        cwd: home,
        env,
        stderr: 'ignore',
      }),
    );
  const [files, everything] = await Promise.all([
    open('@modelcontextprotocol/server-filesystem', [folder]),
    open('@modelcontextprotocol/server-everything', []),
  ]);
  const clients = new Map([
    ['files', files],
    ['everything', everything],
  ]);
  return {
    call: async (server, tool, args) =>
      answerOf(await clients.get(server)?.callTool({ name: tool, arguments: { ...args } })),
    close: async () => {
      await Promise.all([files.close(), everything.close()]);
    },
  };
}

export interface GatedOrder {
  /** `http://127.0.0.1:7420` */
  readonly url: string;
  readonly agentToken: string;
  readonly taskToken: string;
}

/** The same servers behind the gateway, as `<server>__<tool>` on `/mcp`. */
export async function gatedToolbox({ url, agentToken, taskToken }: GatedOrder): Promise<Toolbox> {
  const headers = { authorization: `Bearer ${agentToken}`, 'sallyport-task': taskToken };
  const client = await connected(
    new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers } }),
  );
  return {
    call: async (server, tool, args) =>
      answerOf(await client.callTool({ name: `${server}__${tool}`, arguments: { ...args } })),
    close: () => client.close(),
  };
}

async function connected(transport: Parameters<Client['connect']>[0]): Promise<Client> {
  const client = new Client(clientInfo);
  await client.connect(transport);
  return client;
}

function answerOf(result: unknown): CallAnswer {
  const { content, _meta } = (result ?? {}) as { content?: unknown; _meta?: Record<string, unknown> };
  const parts = Array.isArray(content) ? (content as { text?: unknown }[]) : [];
  const text = parts.map(part => (typeof part.text === 'string' ? part.text : '')).join('\n');
  const refusal = _meta?.[refusalKey] as { decision?: unknown } | undefined;
  if (refusal === undefined) return { text, refused: false };
  return { text, refused: true, ...(typeof refusal.decision === 'string' ? { decision: refusal.decision } : {}) };
}

/** The command of an npm package, found among the dependencies of the file `from`. */
function serverScript(from: string, name: string): string {
  const require = createRequire(from);
  const packageFile = require.resolve(`${name}/package.json`);
  const { bin } = require(packageFile) as { bin: Record<string, string> };
  return realpathSync(join(dirname(packageFile), Object.values(bin)[0] ?? ''));
}
