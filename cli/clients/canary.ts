import { Client as McpClient } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { canaryTool } from '@sallyport/gateway/transports/hook/acts.ts';
import type { Api } from '../api.ts';
import type { OwnEntry } from './shape.ts';

export type Proof = { readonly kind: 'proven' } | { readonly kind: 'unproven'; readonly why: string };

const waitMillisMax = 15_000;

/**
 * Starts an entry exactly as its client does, with as little of an environment, and fires a call that must be refused.
 * Proven is: the refusal came, and the gateway's own record has the call, by this agent, since we asked.
 */
export async function fireCanary(entry: OwnEntry, agent: string, api: Api): Promise<Proof> {
  const { newest } = await api.get<{ newest: number }>('entries', { limit: 1 });
  const transport = new StdioClientTransport({
    command: entry.command,
    args: [...entry.args],
    env: plainEnvironment(),
    stderr: 'ignore',
  });
  const client = new McpClient({ name: 'sallyport-doctor', version: '1' });
  try {
    await within(client.connect(transport), 'it did not answer');
    const answer = await within(client.callTool({ name: canaryTool, arguments: {} }), 'the call was not answered');
    if (answer.isError !== true) return { kind: 'unproven', why: 'the call that must be refused was not' };
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : 'it failed';
    if (!/refused/i.test(message)) return { kind: 'unproven', why: message };
  } finally {
    await client.close().catch(() => undefined);
  }
  return (await isOnRecord(api, agent, newest))
    ? { kind: 'proven' }
    : { kind: 'unproven', why: 'a refusal came, but the gateway has no record of the call: something else answered' };
}

export async function isOnRecord(api: Api, agent: string, after: number): Promise<boolean> {
  const end = performance.now() + waitMillisMax;
  do {
    const { entries } = await api.get<{ entries: Entry[] }>('entries', { after, kind: 'rejected', agent });
    if (entries.some(entry => entry.kind === 'rejected' && entry.what.endsWith(canaryTool))) return true;
    await new Promise(resolve => setTimeout(resolve, 50));
  } while (performance.now() < end);
  return false;
}

/** What a program that was started from a desktop has: no shell's path, and none of ours. */
export function plainEnvironment(): Record<string, string> {
  const { HOME = '', PATH = '/usr/bin:/bin', XDG_STATE_HOME } = process.env;
  return { HOME, PATH, ...(XDG_STATE_HOME === undefined ? {} : { XDG_STATE_HOME }) };
}

function within<T>(promise: Promise<T>, why: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${why} within ${waitMillisMax / 1000} s`)), waitMillisMax);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
