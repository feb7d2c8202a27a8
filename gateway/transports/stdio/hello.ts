import type { Proof } from '@sallyport/core/model/agent.ts';
import { callJsonLimits, parseJsonBytes, stringMember } from '@sallyport/core/model/json.ts';
import { type Scope, serverIdPattern } from '../mcp/names.ts';

/**
 * The first frame of a connection, from shim to daemon: `{"sallyport":1,"entry":…,"secret":…,"task"?:…,"server"?:…,
 * "shim":…}`. The answer is `{"sallyport":1,"ok":true}` or `{"sallyport":1,"ok":false,"why":…}`; from then on both sides
 * speak MCP.
 */
export interface Hello {
  readonly proof: Extract<Proof, { kind: 'local-entry' }>;
  readonly taskToken: string | undefined;
  readonly scope: Scope;
}

const members: ReadonlySet<string> = new Set(['sallyport', 'entry', 'secret', 'task', 'server', 'shim']);

export const helloBytesMax = 16 * 1024;

/** Undefined if it is not exactly that. */
export function readHello(frame: Uint8Array): Hello | undefined {
  const parsed = parseJsonBytes(frame, { ...callJsonLimits, charsMax: helloBytesMax, depthMax: 1 });
  if (!parsed.ok || parsed.node.kind !== 'object') return undefined;
  const { node } = parsed;
  const version = node.members.get('sallyport');
  if (version?.kind !== 'number' || version.text !== '1') return undefined;
  for (const [name, value] of node.members)
    if (!members.has(name) || (name !== 'sallyport' && value.kind !== 'string')) return undefined;
  const entry = stringMember(node, 'entry');
  const secret = stringMember(node, 'secret');
  const server = stringMember(node, 'server');
  if (entry === undefined || secret === undefined) return undefined;
  if (server !== undefined && !serverIdPattern.test(server)) return undefined;
  return {
    proof: { kind: 'local-entry', entry, secret },
    taskToken: stringMember(node, 'task'),
    scope: server === undefined ? { kind: 'all' } : { kind: 'one', server },
  };
}

export function helloText(hello: {
  readonly entry: string;
  readonly secret: string;
  readonly task: string | undefined;
  readonly server: string | undefined;
  readonly shim: string;
}): string {
  const { entry, secret, task, server, shim } = hello;
  return JSON.stringify({ sallyport: 1, entry, secret, task, server, shim });
}

export const welcomeText = '{"sallyport":1,"ok":true}';

export function unwelcomeText(why: string): string {
  return JSON.stringify({ sallyport: 1, ok: false, why });
}
