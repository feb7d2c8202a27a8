import type { Journal } from '@sallyport/core/mediate/ports.ts';
import type { NewId } from '@sallyport/core/model/ids.ts';
import { selectorsOf } from '../identity/authenticate.ts';
import { createPrivateKeys } from '../identity/private-key.ts';
import { createCodes } from '../tokens/codes.ts';
import type { GrantPorts } from '../tokens/grant.ts';
import { createIdJags } from '../tokens/id-jag.ts';
import { createRefreshTokens } from '../tokens/refresh.ts';
import { createResources } from '../tokens/resources.ts';
import { type AuthorizationServer, createAuthorizationServer } from '../tokens/server.ts';
import type { Config } from './config.ts';
import type { Identity } from './identity.ts';
import { now, sha256 } from './ports.ts';

export interface OAuthPorts {
  readonly config: Config;
  readonly identity: Identity;
  readonly journal: Journal;
  readonly newId: NewId;
  readonly taskTokens: GrantPorts['taskTokens'];
}

/** The authorization server, out of what identity already holds. */
export function openOAuth({ config, identity, journal, newId, taskTokens }: OAuthPorts): AuthorizationServer {
  const { agents } = config;
  const { addresses, store, issuer: tokenIssuer, workloads, access, tokens, nonces, signing } = identity;
  const issuer = addresses.issuer;
  const resources = createResources(addresses.base, addresses.bases);
  return createAuthorizationServer({
    ...{
      agents,
      selectors: selectorsOf(agents),
      tokens,
      workloads,
      store,
      issuer,
      now,
      access,
      tokenIssuer,
      resources,
    },
    ...{ nonces, sha256, addressesOf: addresses.of, signing, journal, newId, baseFor: addresses.baseFor, taskTokens },
    privateKeys: createPrivateKeys(agents, { now }),
    codes: createCodes(now, tokenIssuer),
    refreshTokens: createRefreshTokens(store, tokenIssuer, now),
    idJags: createIdJags({
      issuers: config.trusts.filter(({ kind }) => kind === 'id-jag'),
      store,
      issuer,
      resources,
      now,
    }),
    pages: async () => false,
  });
}
