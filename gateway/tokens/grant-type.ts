import type { AccessTokens } from '../identity/access.ts';
import type { ClientPorts } from './client-auth.ts';
import type { Codes } from './codes.ts';
import type { Granted, GrantRequest } from './grant.ts';
import type { IdJags } from './id-jag.ts';
import type { TokenIssuer } from './issuer.ts';
import type { RefreshTokens } from './refresh.ts';
import type { Resources } from './resources.ts';
import type { TaskTokens } from './task-tokens.ts';

/** What the grants have between them. */
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
