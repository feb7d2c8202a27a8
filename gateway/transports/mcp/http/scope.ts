import type { Agent } from '@sallyport/core/model/agent.ts';
import { sendJson } from '../../http/respond.ts';
import { noteRejected } from '../core.ts';
import { refusalAnswer, responseText } from '../render.ts';
import type { Visit } from './visit.ts';

/** What a token has to be good for, by method; every other method is reading. None for what is only a greeting. */
const scopeOfMethod: Readonly<Record<string, string>> = {
  'tools/call': 'tools:call',
  initialize: '',
  ping: '',
  'server/discover': '',
};

/** The scope that the agent's token lacks for this method. A proof without scopes is the agent's whole authority. */
export function lackingScope({ scopes }: Agent, method: string): string | undefined {
  if (scopes === undefined) return undefined;
  const needed = Object.hasOwn(scopeOfMethod, method) ? scopeOfMethod[method] : 'tools:read';
  return needed === undefined || needed === '' || scopes.includes(needed) ? undefined : needed;
}

/** RFC 6750 §3.1: the client may come back with a token for more. What it had is asked for again with it. */
export function refuseScope({ exchange, agent, core }: Visit, id: string, lacking: string): void {
  const code = 'insufficient-scope';
  noteRejected(core, 'mcp-http', code, lacking, agent);
  const refusal = {
    code,
    what: lacking,
    why: 'the token was issued for less',
    fix: 'get a token with this scope',
  } as const;
  const answer = refusalAnswer(refusal, '', 'modern');
  const wanted = [...new Set([...(agent.scopes ?? []), lacking])];
  const headers = core.challenge({ exchange, proof: undefined, lacking: wanted });
  sendJson(exchange.res, 403, responseText(id, answer), headers);
}
