import type { OpenedSession } from '../api/control.ts';
import type { AccessTokens } from '../identity/access.ts';
import type { Client, ClientPorts } from './client-auth.ts';
import type { Agreement, Codes } from './codes.ts';
import type { Parameters } from './form.ts';
import type { IdJags } from './id-jag.ts';
import type { TokenIssuer, TokenOrder } from './issuer.ts';
import type { RefreshTokens } from './refresh.ts';
import type { Resources } from './resources.ts';
import type { TaskTokens } from './task-tokens.ts';

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

export interface GrantPorts extends ClientPorts {
  readonly access: AccessTokens;
  readonly tokenIssuer: TokenIssuer;
  readonly resources: Resources;
  readonly codes: Codes;
  readonly refreshTokens: RefreshTokens;
  readonly idJags: IdJags;
  /** Opens tasks on the way, where the gateway does that. */
  readonly taskTokens: TaskTokens | undefined;
}

export type GrantType = (request: GrantRequest, ports: GrantPorts) => Promise<Granted>;
