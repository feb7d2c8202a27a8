import { agentFor, type Selector } from '@sallyport/core/identity/evidence.ts';
import { type ProofFault, unproven } from '@sallyport/core/identity/fault.ts';
import type { ProofKind } from '@sallyport/core/model/agent.ts';
import type { AgentId, Instant } from '@sallyport/core/model/ids.ts';
import { runsIn } from '@sallyport/core/task/ends-with.ts';
import type { AgentConfig } from '../identity/config.ts';
import type { PrivateKeys } from '../identity/private-key.ts';
import { type AgentTokens, familyOfToken } from '../identity/tokens.ts';
import type { Workloads } from '../identity/workloads.ts';
import type { TokenStore } from '../stores/tokens/token-store.ts';
import type { Headers } from '../transports/http/headers.ts';
import type { Parameters } from './form.ts';
import { OAuthFault } from './oauth-fault.ts';
import type { Origin } from './origin.ts';

/** Who asks at the token endpoint. */
export type Client =
  /** An agent that proved itself. */
  | {
      readonly kind: 'agent';
      readonly clientId: string;
      readonly agent: AgentConfig;
      readonly proof: ProofKind;
      readonly trust: string;
      readonly origin: Origin | undefined;
      /** The pod or run that its platform says it is: a task that it opens hangs on it. */
      readonly runsIn?: string;
      /** What ends the tokens that it gets, besides themselves. */
      readonly family?: string;
    }
  /** Somebody who said a name and proved nothing: good only for a code, whose PKCE verifier is the proof. */
  | { readonly kind: 'public'; readonly clientId: string };

export interface ClientPorts {
  readonly agents: readonly AgentConfig[];
  readonly selectors: readonly Selector[];
  readonly tokens: Pick<AgentTokens, 'agentOf' | 'nameOf'>;
  readonly workloads: Workloads;
  readonly privateKeys: PrivateKeys;
  readonly store: Pick<TokenStore, 'useOnce'>;
  readonly issuer: () => string;
  readonly now: () => Instant;
}

export const assertionTypes = {
  jwt: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  spiffe: 'urn:ietf:params:oauth:client-assertion-type:jwt-spiffe',
} as const;

/** RFC 6749 §2.3, RFC 7523 §2.2: one way to prove it, not two. Whatever does not hold is refused in the same words. */
export async function authenticateClient(form: Parameters, headers: Headers, ports: ClientPorts): Promise<Client> {
  const basic = basicOf(headers);
  const assertion = form.get('client_assertion');
  const secret = form.get('client_secret');
  if ([basic, assertion, secret].filter(way => way !== undefined).length > 1)
    throw new OAuthFault('invalid_request', 'the client proves itself in more than one way');
  if (assertion !== undefined) return byAssertion(assertion, form, ports);
  if (basic !== undefined) return bySecret(basic.id, basic.secret, ports);
  // Nobody named: an assertion that is a grant says by itself who it is (RFC 7523 §3.1); every other grant refuses it.
  const id = form.get('client_id') ?? '';
  return secret === undefined ? { kind: 'public', clientId: id } : bySecret(id, secret, ports);
}

/** RFC 6749 §2.3.1: both halves are form-encoded before they are joined. */
function basicOf(headers: Headers): { readonly id: string; readonly secret: string } | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/]{1,4096}={0,2})$/i.exec(headers.get('authorization') ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const [, id, secret] = /^([^:]+):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  if (id === undefined || secret === undefined) throw wrongClient();
  try {
    return { id: decodeURIComponent(id.replaceAll('+', ' ')), secret: decodeURIComponent(secret.replaceAll('+', ' ')) };
  } catch {
    throw wrongClient();
  }
}

/** The bearer token that an operator issued is the client's secret; its agent's id is the client's. */
function bySecret(id: string, secret: string, { agents, tokens }: ClientPorts): Client {
  const owner = tokens.agentOf({ token: secret });
  const agent = agents.find(candidate => candidate.id === owner);
  if (agent === undefined || agent.id !== id) throw wrongClient();
  const family = familyOfToken(tokens.nameOf(secret) ?? '');
  return { kind: 'agent', clientId: agent.id, agent, proof: 'bearer', trust: 'sallyport', origin: undefined, family };
}

async function byAssertion(assertion: string, form: Parameters, ports: ClientPorts): Promise<Client> {
  const type = form.get('client_assertion_type');
  if (type === assertionTypes.spiffe) return byWorkload(assertion, ports);
  if (type !== assertionTypes.jwt) throw new OAuthFault('invalid_request', '`client_assertion_type` is not known');
  const named = form.get('client_id');
  const own = await ports.privateKeys.verify(assertion, [ports.issuer(), `${ports.issuer()}/token`]);
  if (own === undefined) return byWorkload(assertion, ports);
  if (!own.ok) throw wrongClient(own.fault);
  const { agent, evidence } = own.value;
  if (named !== undefined && named !== agent) throw wrongClient();
  // RFC 7523 §3: an assertion is used once, whatever its text looks like.
  const fresh = await ports.store.useOnce(`${agent} ${evidence.id}`, evidence.expiresAt + 60_000, evidence.issuedAt);
  if (!fresh) throw wrongClient(unproven('replayed', 'the assertion was used before', evidence.trust).fault);
  const { issuer, subject, id } = evidence;
  return {
    ...{ kind: 'agent', clientId: agent, agent: agentNamed(agent, ports) },
    ...{ proof: 'private-key', trust: 'private-key', origin: { issuer, subject, id } },
  };
}

/** A platform's token in the place of a secret: what it proves is the client (draft-ietf-oauth-spiffe-client-auth). */
export async function byWorkload(token: string, ports: ClientPorts): Promise<Extract<Client, { kind: 'agent' }>> {
  const verified = await ports.workloads.token(token);
  if (!verified.ok) throw wrongClient(verified.fault);
  const { evidence, trust } = verified.value;
  const agent = agentFor(evidence, ports.selectors);
  if (!agent.ok) throw wrongClient(agent.fault);
  // Without a name of its own a token is known by what was signed: ECDSA lets a second signature be made from the first.
  const name = `${evidence.issuer} ${evidence.id ?? token.slice(0, token.lastIndexOf('.'))}`;
  if (trust.singleUse && !(await ports.store.useOnce(name, evidence.expiresAt + 60_000, evidence.issuedAt)))
    throw wrongClient(unproven('replayed', 'the token was used before', trust.name).fault);
  const { issuer, subject, id, kind } = evidence;
  const place = runsIn(kind, evidence.attributes);
  return {
    ...(place === undefined ? {} : { runsIn: place }),
    ...{ kind: 'agent', clientId: agent.value, agent: agentNamed(agent.value, ports) },
    ...{ proof: kind, trust: trust.name, origin: { issuer, subject, id } },
  };
}

function agentNamed(id: AgentId, { agents }: ClientPorts): AgentConfig {
  const agent = agents.find(candidate => candidate.id === id);
  if (agent === undefined) throw wrongClient();
  return agent;
}

export function wrongClient(inside?: ProofFault): OAuthFault {
  return new OAuthFault('invalid_client', 'nothing that was sent proves a known client', inside);
}
