import type { AgentId, Instant } from '@sallyport/core/model/ids.ts';
import { type JsonNode, member, parseJson, plainJson, stringMember } from '@sallyport/core/model/json.ts';
import { PrivateFileError, readPrivate, writePrivate } from '../secret/private-file.ts';
import { newSecret, secretHash } from '../secret/secret.ts';

/** A bearer token of an agent, by its name. The token itself is shown once and kept nowhere. */
export interface AgentToken {
  readonly id: string;
  readonly agent: AgentId;
  /** SHA-256 of the token, base64url. */
  readonly hash: string;
  readonly issuedAt: Instant;
}

/** A token as it came, for as long as what it came with. */
interface ShownToken {
  readonly token: string;
  hash?: string | undefined;
}

export interface AgentTokens {
  /**
   * The agent that the token was issued to. It is looked up by its hash, so that how long that takes says nothing about
   * any token there is; the hash is left beside it.
   */
  readonly agentOf: (shown: ShownToken) => AgentId | undefined;
  /** The name of a token that there is. */
  readonly nameOf: (token: string) => string | undefined;
  /** Durable once it returns. */
  readonly issue: (agent: AgentId) => { readonly id: string; readonly token: string };
  /** One token by its name, or all of the agent's. The names of those revoked; durable once it returns. */
  readonly revoke: (agent: AgentId, id: string | undefined) => readonly string[];
  readonly list: (agent: AgentId) => readonly AgentToken[];
}

/** What is revoked with a token of this name: the access tokens that its agent got with it. */
export function familyOfToken(id: string): string {
  return `agent-token ${id}`;
}

export const tokensPerAgentMax = 32;

/**
 * The tenant's tokens in `file`, which is replaced as a whole at each change. Throws `PrivateFileError` if it cannot be trusted
 * or is another tenant's.
 */
export function openAgentTokens(file: string, tenant: string, now: () => Instant): AgentTokens {
  let tokens = parseTokens(file, tenant, readPrivate(file));
  let byHash = hashed(tokens);

  function replace(next: readonly AgentToken[]): void {
    writePrivate(file, `${JSON.stringify({ v: 1, tenant, tokens: next }, null, 2)}\n`);
    tokens = next;
    byHash = hashed(next);
  }

  return {
    agentOf: shown => {
      shown.hash ??= secretHash(shown.token);
      return byHash.get(shown.hash)?.agent;
    },
    nameOf: token => byHash.get(secretHash(token))?.id,
    issue: agent => {
      if (tokens.filter(token => token.agent === agent).length >= tokensPerAgentMax)
        throw new RangeError(`an agent may have at most ${tokensPerAgentMax} tokens`);
      const token = newSecret('spa');
      const hash = secretHash(token);
      const id = hash.slice(0, 10);
      replace([...tokens, { id, agent, hash, issuedAt: now() }]);
      return { id, token };
    },
    revoke: (agent, id) => {
      const revoked = tokens.filter(token => token.agent === agent && (id === undefined || token.id === id));
      if (revoked.length > 0) replace(tokens.filter(token => !revoked.includes(token)));
      return revoked.map(token => token.id);
    },
    list: agent => tokens.filter(token => token.agent === agent),
  };
}

function hashed(tokens: readonly AgentToken[]): Map<string, AgentToken> {
  return new Map(tokens.map(token => [token.hash, token]));
}

function parseTokens(file: string, tenant: string, text: string | undefined): readonly AgentToken[] {
  if (text === undefined) return [];
  const limits = {
    charsMax: 2 ** 20,
    depthMax: 4,
    valuesMax: 20_000,
    numberCharsMax: 32,
    reservedMembers: 'refuse',
  } as const;
  const parsed = parseJson(text, limits);
  const items = parsed.ok ? member(parsed.node, 'tokens') : undefined;
  if (items?.kind !== 'array' || plainJson(member(parsed.ok ? parsed.node : undefined, 'v') ?? items) !== 1)
    throw new PrivateFileError(`${file} is not a list of agent tokens; restore it, or delete it and issue new ones`);
  // Files from before they said whose they are have none: a state directory was and is one tenant's.
  const whose = parsed.ok ? member(parsed.node, 'tenant') : undefined;
  if (whose !== undefined && plainJson(whose) !== tenant)
    throw new PrivateFileError(
      `${file} is not a list of this tenant’s tokens; give each tenant a state directory of its own`,
    );
  return items.items.map((item, index) => parseToken(item, `${file}: tokens[${index}]`));
}

function parseToken(node: JsonNode, at: string): AgentToken {
  const id = stringMember(node, 'id');
  const agent = stringMember(node, 'agent');
  const hash = stringMember(node, 'hash');
  const issuedAt = member(node, 'issuedAt');
  if (id === undefined || agent === undefined || issuedAt?.kind !== 'number' || !/^[A-Za-z0-9_-]{43}$/.test(hash ?? ''))
    throw new PrivateFileError(`${at} is not an agent token; remove it, and issue a new one`);
  return { id, agent, hash: hash ?? '', issuedAt: issuedAt.value };
}
