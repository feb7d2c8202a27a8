import { staysOnThisMachine } from '@sallyport/core/facts/url.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';
import { type JsonNode, member, parseJson, stringMember } from '@sallyport/core/model/json.ts';
import type { AgentConfig } from '../identity/config.ts';
import { fetchText, type OutsideRequest } from '../identity/outside.ts';
import { isReturnAddress } from '../identity/return-address.ts';
import { OAuthFault } from './oauth-fault.ts';

/** A client that a person uses: it asks for a code, and the person decides. */
export interface PeopleClient {
  readonly clientId: string;
  readonly name: string;
  readonly redirectUris: readonly string[];
  /** The agent that it is; undefined: our own command line. */
  readonly agent: AgentConfig | undefined;
}

export interface PeopleClients {
  /** Throws `OAuthFault` for a client that no operator configured: nothing is fetched for it. */
  readonly find: (clientId: string) => Promise<PeopleClient>;
}

export interface PeopleClientPorts {
  readonly agents: readonly AgentConfig[];
  readonly now: () => Instant;
  readonly fetch?: (asked: OutsideRequest) => Promise<string>;
}

/** draft-ietf-oauth-client-id-metadata-document §6.6. */
const documentBytesMax = 5 * 1024;
const documentMillis = 10 * 60_000;
const cliClientId = 'sallyport-cli';

const cli: PeopleClient = {
  clientId: cliClientId,
  name: 'sallyport on the command line',
  redirectUris: ['http://127.0.0.1/callback'],
  agent: undefined,
};

export function createPeopleClients({ agents, now, fetch = fetchText }: PeopleClientPorts): PeopleClients {
  const documents = new Map<string, { readonly client: PeopleClient; readonly at: Instant }>();
  const vendors = new Map(
    agents.flatMap(agent =>
      (agent.proofs ?? []).flatMap(proof =>
        proof.kind === 'vendor' ? [[proof.clientId, { agent, proof }] as const] : [],
      ),
    ),
  );

  async function documentOf(clientId: string, agent: AgentConfig): Promise<PeopleClient> {
    const known = documents.get(clientId);
    if (known !== undefined && now() - known.at < documentMillis) return known.client;
    const text = await fetch({ url: clientId, bytesMax: documentBytesMax }).catch(() => {
      throw new OAuthFault('invalid_client', "the client's metadata document could not be had");
    });
    const client = { ...readDocument(text, clientId), agent };
    documents.set(clientId, { client, at: now() });
    return client;
  }

  return {
    find: async clientId => {
      if (clientId === cliClientId) return cli;
      const vendor = vendors.get(clientId);
      if (vendor === undefined) throw new OAuthFault('invalid_client', 'no agent is configured for this client');
      const { agent, proof } = vendor;
      if (proof.redirectUris === undefined) return documentOf(clientId, agent);
      return { clientId, name: agent.id, redirectUris: proof.redirectUris, agent };
    },
  };
}

const limits = {
  charsMax: documentBytesMax,
  depthMax: 6,
  valuesMax: 300,
  numberCharsMax: 16,
  reservedMembers: 'refuse',
} as const;

/** §4: the document names its own address, holds no secret, and says where sign-ins may lead. */
function readDocument(text: string, clientId: string): Omit<PeopleClient, 'agent'> {
  const parsed = parseJson(text, limits);
  if (!parsed.ok) throw wrongDocument('is not strict JSON');
  const document: JsonNode = parsed.node;
  if (stringMember(document, 'client_id') !== clientId) throw wrongDocument('names another client');
  if (member(document, 'client_secret') !== undefined) throw wrongDocument('holds a secret');
  const method = stringMember(document, 'token_endpoint_auth_method') ?? 'none';
  if (method !== 'none') throw wrongDocument('asks for another way to prove itself than PKCE');
  const uris = member(document, 'redirect_uris');
  const redirectUris = (uris?.kind === 'array' ? uris.items : []).flatMap(item =>
    item.kind === 'string' ? [item.value] : [],
  );
  if (redirectUris.length === 0) throw wrongDocument('names no address to return to');
  if (!redirectUris.every(isReturnAddress)) throw wrongDocument('names an address to which no sign-in may lead');
  return { clientId, redirectUris, name: (stringMember(document, 'client_name') ?? clientId).slice(0, 100) };
}

function wrongDocument(why: string): OAuthFault {
  return new OAuthFault('invalid_client', `the client's metadata document ${why}`);
}

/**
 * Exactly one of those that were registered (RFC 9700 §4.1.3). On this machine the port may differ: a native client takes
 * a free one (RFC 8252 §7.3).
 */
export function mayReturnTo(client: PeopleClient, uri: string): boolean {
  if (client.redirectUris.includes(uri)) return true;
  if (!URL.canParse(uri)) return false;
  const asked = new URL(uri);
  if (asked.href !== uri || asked.protocol !== 'http:' || !staysOnThisMachine(asked.hostname)) return false;
  asked.port = '';
  return client.redirectUris.some(registered => {
    if (!URL.canParse(registered)) return false;
    const url = new URL(registered);
    url.port = '';
    return url.href === asked.href;
  });
}
