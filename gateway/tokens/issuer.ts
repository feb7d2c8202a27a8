import { randomBytes } from 'node:crypto';
import type { Journal } from '@sallyport/core/mediate/ports.ts';
import type { ProofKind } from '@sallyport/core/model/agent.ts';
import type { AgentId, Instant, NewId, TaskId } from '@sallyport/core/model/ids.ts';
import type { TokenStore } from '../stores/tokens/token-store.ts';
import type { SigningKeys } from './signing-keys.ts';

/** What a token is to say. Everything in it was proven or configured; nothing is taken over from a request unchecked. */
export interface TokenOrder {
  readonly agent?: AgentId;
  /** On whose behalf: `user:emma`; the agent's own where nobody stands behind it. */
  readonly principal: string;
  readonly task?: TaskId;
  /** One resource of ours: `http://127.0.0.1:7420/mcp/github`. */
  readonly audience: string;
  readonly seconds: number;
  /** Thumbprint of the key that it is bound to (RFC 9449). */
  readonly cnf?: { readonly jkt: string };
  readonly scope?: readonly string[];
  readonly clientId?: string;
  /** What proved the agent, and under which trust. */
  readonly proof?: ProofKind;
  readonly trust?: string;
  readonly origin?: { readonly issuer: string; readonly subject: string; readonly id?: string | undefined };
  /** Who acted before it, outermost first (RFC 8693 §4.1). */
  readonly actors?: readonly string[];
  /** What is revoked together with it. */
  readonly family?: string;
  /** Names of the tokens that it came from: whatever ends one of them ends it. */
  readonly ancestors?: readonly string[];
  /** Further claims of ours. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

export interface IssuedToken {
  readonly token: string;
  readonly jti: string;
  readonly expiresAt: Instant;
}

/** Issues our access tokens and takes them back. */
export interface TokenIssuer {
  /** Recorded durably before anybody has it. Throws `RangeError` for a life that is longer than a token may have. */
  readonly issueToken: (order: TokenOrder) => Promise<IssuedToken>;
  /**
   * By `jti`, or by a family or task that stands in the tokens. In force at once, for every call that was not sent yet;
   * durable once it resolves. `until`: when whatever bears the name has ended by itself; a token lives an hour at most.
   */
  readonly revoke: (name: string, until?: Instant) => Promise<void>;
  readonly isRevoked: (name: string) => boolean;
}

export const tokenSecondsMax = 3_600;
export const tokenSecondsDefault = 600;

export interface TokenIssuerPorts {
  readonly keys: Pick<SigningKeys, 'current'>;
  readonly store: Pick<TokenStore, 'revoke' | 'isRevoked'>;
  readonly journal: Pick<Journal, 'record'>;
  readonly issuer: () => string;
  readonly now: () => Instant;
  readonly newId: NewId;
}

/** Names are never guessed: 128 random bits. */
export function newTokenName(prefix: 'at' | 'fam' | 'code' | 'rt'): string {
  return `${prefix}_${randomBytes(16).toString('base64url')}`;
}

export function createTokenIssuer(ports: TokenIssuerPorts): TokenIssuer {
  const { now } = ports;
  return {
    issueToken: async order => {
      if (!(order.seconds > 0 && order.seconds <= tokenSecondsMax))
        throw new RangeError(`a token lives from 1 to ${tokenSecondsMax} seconds`);
      const jti = newTokenName('at');
      const issued = Math.floor(now() / 1000);
      const { kid, key } = ports.keys.current();
      const { SignJWT } = await import('jose');
      const token = await new SignJWT({
        ...claimsOf(order),
        iss: ports.issuer(),
        jti,
        iat: issued,
        exp: issued + order.seconds,
      })
        .setProtectedHeader({ typ: 'at+jwt', alg: 'ES256', kid })
        .sign(key);
      if (order.agent !== undefined) await ports.journal.record(entry(ports, order.agent, jti));
      return { token, jti, expiresAt: (issued + order.seconds) * 1000 };
    },
    revoke: (name, until) => ports.store.revoke(name, until ?? now() + 2 * tokenSecondsMax * 1000),
    isRevoked: name => ports.store.isRevoked(name),
  };
}

function entry({ newId }: TokenIssuerPorts, agent: AgentId, token: string): Parameters<Journal['record']>[0] {
  return { kind: 'agent.token', id: newId('e'), agent, token, state: 'issued', by: 'token endpoint' };
}

function claimsOf(order: TokenOrder): Record<string, unknown> {
  const { agent, principal, task, audience, cnf, scope, clientId, proof, trust, origin, actors, family, ancestors } =
    order;
  return {
    ...order.claims,
    sub: principal,
    aud: audience,
    client_id: clientId ?? agent ?? principal,
    ...(agent === undefined ? {} : { agent, act: actClaim([agent, ...(actors ?? [])]) }),
    ...(task === undefined ? {} : { task_id: task }),
    ...(cnf === undefined ? {} : { cnf }),
    ...(scope === undefined ? {} : { scope: scope.join(' ') }),
    ...(proof === undefined ? {} : { proof }),
    ...(trust === undefined ? {} : { trust }),
    ...(family === undefined ? {} : { family }),
    ...(ancestors === undefined ? {} : { from: ancestors }),
    ...(origin === undefined ? {} : { origin: { iss: origin.issuer, sub: origin.subject, jti: origin.id } }),
  };
}

/** RFC 8693 §4.1: the outermost is who acts now, what lies inside acted before. */
function actClaim(actors: readonly string[]): object | undefined {
  const [first, ...rest] = actors;
  if (first === undefined) return undefined;
  const inner = actClaim(rest);
  return { sub: first, ...(inner === undefined ? {} : { act: inner }) };
}
