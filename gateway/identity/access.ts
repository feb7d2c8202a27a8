import { type AccessToken, verifyAccessToken } from '@sallyport/core/identity/access-token.ts';
import { type DpopPorts, verifyDpop } from '@sallyport/core/identity/dpop.ts';
import { type Proven, proven, unproven } from '@sallyport/core/identity/fault.ts';
import { type Jws, readJws } from '@sallyport/core/identity/jws.ts';
import type { KeySet } from '@sallyport/core/identity/key-set.ts';
import type { Agent, IdentityLink, Presented, Proof } from '@sallyport/core/model/agent.ts';
import { type AgentId, type Instant, idPattern, type TaskId } from '@sallyport/core/model/ids.ts';
import { stringMember } from '@sallyport/core/model/json.ts';
import { asAgent } from './as-agent.ts';
import type { AgentConfig } from './config.ts';
import { KnownTokens } from './known.ts';
import { verifySignature } from './verify.ts';

type TokenProof = Extract<Proof, { kind: 'bearer' | 'dpop' }>;

/** Access tokens that we issued ourselves, as they come back with calls. */
export interface AccessTokens {
  /** Whether the token names us as its issuer: then nobody else is asked about it. */
  readonly isOurs: (token: string) => boolean;
  readonly prove: (proof: TokenProof, agents: ReadonlyMap<AgentId, AgentConfig>) => Promise<Proven<Agent>>;
  /** The token itself, for a resource that `accepts`; not whether it came with the key that it is bound to. */
  readonly read: (token: string, accepts: (audience: string) => boolean) => Promise<Proven<AccessToken>>;
}

export interface AccessPorts {
  readonly issuer: () => string;
  readonly keys: () => KeySet;
  /** By name of a token, a family or a task. Asked at every call. */
  readonly isRevoked: (name: string) => boolean;
  /** Every way to write the address at which a token was presented; none if it is not one of ours. */
  readonly addressesOf: (at: Presented) => readonly string[];
  readonly now: () => Instant;
  readonly dpop: Omit<DpopPorts, 'now' | 'verify'>;
}

export function createAccessTokens(ports: AccessPorts): AccessTokens {
  const { now } = ports;
  const known = new KnownTokens<AccessToken>();
  // A call is authenticated more than once; its proof of possession is one proof, and counts once (E-10, D-6).
  const possessed = new WeakMap<TokenProof, Promise<Proven<string>>>();

  async function verified(token: string): Promise<Proven<AccessToken>> {
    const keys = ports.keys();
    const before = known.get(token);
    if (before !== undefined && before.keys === keys && before.expiresAt > now()) return proven(before.value);
    known.delete(token);
    const jws = readJws(token);
    if (!jws.ok) return jws;
    const audience = audienceOf(jws.value);
    const rules = { issuer: ports.issuer(), audiences: audience === undefined ? [] : [audience] };
    const read = await verifyAccessToken(jws.value, keys, rules, { now, verify: verifySignature });
    if (read.ok) known.set(token, { value: read.value, expiresAt: read.value.expiresAt, keys });
    return read;
  }

  async function read(token: string, accepts: (audience: string) => boolean): Promise<Proven<AccessToken>> {
    const access = await verified(token);
    if (!access.ok) return access;
    const { jti, family, task, audience, ancestors } = access.value;
    if (!accepts(audience)) return unproven('audience', '`aud` is another resource', 'sallyport');
    const revoked = [jti, family, task, ...ancestors].find(name => name !== undefined && ports.isRevoked(name));
    return revoked === undefined ? access : unproven('revoked', 'the token was revoked', 'sallyport');
  }

  async function bound(proof: TokenProof, { jkt }: AccessToken): Promise<Proven<undefined>> {
    if (jkt === undefined)
      return proof.kind === 'bearer'
        ? proven(undefined)
        : unproven('binding', 'the token is bound to no key', 'sallyport');
    if (proof.kind === 'bearer') return unproven('binding', 'the token counts only with a DPoP proof', 'sallyport');
    const thumbprint = await (possessed.get(proof) ?? possess(proof));
    if (!thumbprint.ok) return thumbprint;
    return thumbprint.value === jkt
      ? proven(undefined)
      : unproven('binding', 'the token is bound to another key', 'sallyport');
  }

  function possess(proof: Extract<Proof, { kind: 'dpop' }>): Promise<Proven<string>> {
    const urls = ports.addressesOf(proof.at);
    const rules = { method: proof.at.method, urls, token: proof.token };
    const result = verifyDpop(proof.proof, rules, { ...ports.dpop, now, verify: verifySignature });
    possessed.set(proof, result);
    return result;
  }

  return {
    isOurs: token => {
      if (known.get(token) !== undefined) return true;
      const jws = readJws(token);
      return jws.ok && stringMember(jws.value.claims, 'iss') === ports.issuer();
    },
    read,
    prove: async (proof, agents) => {
      // Asked first, so that the demand for a nonce says nothing about the token; and once, however long the call waits.
      if (proof.kind === 'dpop' && !possessed.has(proof) && !ports.dpop.nonceCounts(nonceOf(proof.proof) ?? ''))
        return unproven('nonce', 'the DPoP proof lacks a nonce of ours', 'sallyport');
      if (proof.at === undefined) return unproven('audience', 'nothing says where it was presented', 'sallyport');
      const addresses = ports.addressesOf(proof.at);
      const token = await read(proof.token, audience => addresses.includes(audience));
      if (!token.ok) return token;
      const held = await bound(proof, token.value);
      if (!held.ok) return held;
      const agent = token.value.agent === undefined ? undefined : agents.get(token.value.agent);
      if (agent === undefined) return unproven('no-agent', 'its agent is not configured', 'sallyport');
      return proven(agentOf(agent, token.value, ports.issuer()));
    },
  };
}

function nonceOf(proof: string): string | undefined {
  const jws = readJws(proof, { embeddedKey: true });
  return jws.ok ? stringMember(jws.value.claims, 'nonce') : undefined;
}

function audienceOf({ claims }: Jws): string | undefined {
  return stringMember(claims, 'aud');
}

function agentOf(agent: AgentConfig, token: AccessToken, issuer: string): Agent {
  const { proof = 'bearer', trust, origin, task, jkt, jti, expiresAt, subject } = token;
  const first: IdentityLink[] =
    origin === undefined
      ? []
      : [
          {
            kind: proof,
            trust,
            issuer: origin.issuer,
            subject: origin.subject,
            ...(origin.id === undefined ? {} : { id: origin.id }),
          },
        ];
  const own: IdentityLink = {
    ...{ kind: 'access-token', trust: 'sallyport', issuer, subject, id: jti, expiresAt },
    ...(jkt === undefined ? {} : { boundTo: jkt }),
  };
  return asAgent(agent, {
    ...{ proof, chain: [...first, own], principal: subject === agent.id ? undefined : subject },
    scopes: token.scope,
    task: task !== undefined && idPattern.test(task) ? (task as TaskId) : undefined,
  });
}
