import type { OpenedSession } from '../api/control.ts';
import type { Agreement } from './agreement.ts';
import { type Client, wrongClient } from './client-auth.ts';
import type { Parameters } from './form.ts';
import { type TokenOrder, tokenSecondsDefault } from './issuer.ts';

/** One request at the token endpoint, whose sender and key, if it showed one, are known. */
export interface GrantRequest {
  readonly form: Parameters;
  readonly client: Client;
  /** Thumbprint of the key whose possession the DPoP proof showed. */
  readonly jkt: string | undefined;
}

/** What a grant comes to: a token for an agent, or a session of the control API for a person. */
export type Granted = GrantedToken | { readonly session: OpenedSession };

export interface GrantedToken {
  readonly order: TokenOrder;
  /** RFC 8693 §2.2.1 wants it said. */
  readonly issuedTokenType?: string;
  /** What a refresh token that goes with it will stand for. */
  readonly refresh?: Agreement;
  /** Further members of the response. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** Who proved nothing gets nothing but what a code gives. */
export function agentOf(client: Client): Extract<Client, { kind: 'agent' }> {
  if (client.kind === 'agent') return client;
  throw wrongClient();
}

/** The token that an agreement comes to, by a code or by a refresh token. */
export function grantedTo(agreement: Agreement, family: string, jkt: string | undefined): GrantedToken {
  const { agent, principal, resource, scope, clientId, origin } = agreement;
  return {
    order: {
      ...(agent === undefined ? {} : { agent, proof: 'vendor' as const }),
      ...{
        principal,
        audience: resource,
        scope,
        clientId,
        origin,
        family,
        trust: 'vendor',
        seconds: tokenSecondsDefault,
      },
      ...(jkt === undefined ? {} : { cnf: { jkt } }),
    },
    refresh: agreement,
  };
}
