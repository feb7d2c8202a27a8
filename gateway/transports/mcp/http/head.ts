import type { Proof } from '@sallyport/core/model/agent.ts';
import type { Headers } from '../../http/headers.ts';
import { peerChain } from '../../http/peer-chain.ts';
import type { Request } from '../../http/request.ts';
import type { Exchange } from '../../http/router.ts';
import { type Scope, serverIdPattern } from '../names.ts';
import { bad, invalidParams, type Read, read } from '../wire/malformed.ts';
import type { Meta } from '../wire/meta.ts';

/** What the head of a request on `/mcp` says. */

export const headerNames = {
  session: 'mcp-session-id',
  version: 'mcp-protocol-version',
  task: 'sallyport-task',
  lastEvent: 'last-event-id',
  a2aVersion: 'a2a-version',
} as const;

/** `/mcp` reaches every server, `/mcp/<server>` one. `rest` is what follows the prefix. */
export function scopeOf(rest: string): Scope | undefined {
  if (rest === '') return allServers;
  return serverIdPattern.test(rest) ? { kind: 'one', server: rest } : undefined;
}

const allServers: Scope = { kind: 'all' };

/** RFC 6750 §2.1 and RFC 9449 §7.1, with the tokens' own alphabet: nothing that another reader could trim or decode. */
export function proofOf({ headers, method, path, req }: Pick<Exchange, 'headers' | 'method' | 'path' | 'req'>): Proof {
  const credentials = headers.get('authorization');
  if (credentials === undefined) return certificateProof(req);
  const space = credentials.indexOf(' ');
  const scheme = credentials.slice(0, space + 1).toLowerCase();
  const token = credentials.slice(space + 1);
  if ((scheme !== 'bearer ' && scheme !== 'dpop ') || !tokenText.test(token)) return { kind: 'none' };
  const at = { method, host: headers.get('host')?.toLowerCase() ?? '', path };
  if (scheme === 'bearer ') return { kind: 'bearer', token, at, hash: undefined };
  const proof = headers.get('dpop');
  return proof === undefined ? { kind: 'none' } : { kind: 'dpop', token, proof, at };
}

const tokenText = /^[A-Za-z0-9._~+/-]{1,8192}=*$/;

const certificateProofs = new WeakMap<readonly string[], Proof>();

/** One proof for one connection: what it proved need not be proven again while the authorities stay the same. */
function certificateProof(req: Request): Proof {
  const chain = peerChain(req);
  if (chain === undefined) return { kind: 'none' };
  const known = certificateProofs.get(chain) ?? { kind: 'certificate', chain };
  certificateProofs.set(chain, known);
  return known;
}

export interface Accepts {
  readonly json: boolean;
  readonly events: boolean;
}

/** Quality values are not weighed: a client names what it can read. */
export function acceptsOf(headers: Headers): Accepts {
  // What the protocol tells clients to send, and nearly all do.
  if (headers.get('accept') === 'application/json, text/event-stream') return { json: true, events: true };
  const types = (headers.get('accept') ?? '').split(',').map(part => part.split(';', 1)[0]?.trim().toLowerCase());
  const any = types.includes('*/*');
  return {
    json: any || types.includes('application/json') || types.includes('application/*'),
    events: any || types.includes('text/event-stream') || types.includes('text/*'),
  };
}

/** The header or `_meta`; both only if they agree. */
export function taskTokenOf(headers: Headers, meta: Meta): Read<string | undefined> {
  const header = headers.get(headerNames.task);
  if (header !== undefined && meta.taskToken !== undefined && header !== meta.taskToken)
    return bad(invalidParams(headerNames.task, 'names another task than params._meta'));
  return read(header ?? meta.taskToken);
}
