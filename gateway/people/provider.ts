import { readFileSync } from 'node:fs';
import * as oauth from 'oauth4webapi';
import { outsideMillisMax } from '../identity/outside.ts';
import type { PeopleConfig } from './config.ts';
import type { SignedIn } from './role.ts';
import { signedIn } from './signed-in.ts';

/** A sign-in at the organisation's provider (OpenID Connect Core §3.1), where we are a client like any other. */
export interface Provider {
  /** Where to send the browser, and what has to be remembered until it comes back. */
  readonly begin: (state: string, redirectUri: string) => Promise<{ readonly url: string; readonly pending: Pending }>;
  /** Who came back. Throws for whatever does not hold. */
  readonly finish: (parameters: URLSearchParams, state: string, pending: Pending) => Promise<SignedIn>;
}

export interface Pending {
  readonly verifier: string;
  readonly nonce: string;
  readonly redirectUri: string;
}

/** How long what the provider says about itself is believed. */
const metadataMillis = 10 * 60_000;

export function createProvider(config: PeopleConfig, now: () => number): Provider {
  const client: oauth.Client = { client_id: config.clientId };
  const local = new URL(config.issuer).protocol === 'http:';
  const optionsOf = () => ({ [oauth.allowInsecureRequests]: local, [oauth.customFetch]: fetchWithin() });
  let known: { readonly server: oauth.AuthorizationServer; readonly at: number } | undefined;

  async function server(options: ReturnType<typeof optionsOf>): Promise<oauth.AuthorizationServer> {
    if (known !== undefined && now() - known.at < metadataMillis) return known.server;
    const issuer = new URL(config.issuer);
    const found = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
    known = { server: found, at: now() };
    return found;
  }

  return {
    begin: async (state, redirectUri) => {
      const { authorization_endpoint: endpoint } = await server(optionsOf());
      if (endpoint === undefined) throw new Error('the provider offers no sign-in');
      const pending = { verifier: oauth.generateRandomCodeVerifier(), nonce: oauth.generateRandomNonce(), redirectUri };
      const url = new URL(endpoint);
      const parameters = {
        ...{
          client_id: config.clientId,
          response_type: 'code',
          redirect_uri: redirectUri,
          state,
          nonce: pending.nonce,
        },
        ...{ scope: 'openid email profile', code_challenge_method: 'S256' },
        code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return { url: url.href, pending };
    },
    finish: async (parameters, state, { verifier, nonce, redirectUri }) => {
      const options = optionsOf();
      const found = await server(options);
      const good = oauth.validateAuthResponse(found, client, parameters, state);
      const response = await oauth.authorizationCodeGrantRequest(
        ...([found, client, authenticationOf(config), good, redirectUri, verifier, options] as const),
      );
      const tokens = await oauth.processAuthorizationCodeResponse(found, client, response, {
        expectedNonce: nonce,
        requireIdToken: true,
      });
      // The back channel is TLS; the signature is looked at all the same (OpenID Connect Core §3.1.3.7).
      await oauth.validateApplicationLevelSignature(found, response, options);
      const claims = oauth.getValidatedIdTokenClaims(tokens);
      if (claims === undefined) throw new Error('the provider gave no ID token');
      return signedIn(claims, config);
    },
  };
}

function authenticationOf({ clientSecretFile }: PeopleConfig): oauth.ClientAuth {
  if (clientSecretFile === undefined) return oauth.None();
  return oauth.ClientSecretBasic(readFileSync(clientSecretFile, 'utf8').trim());
}

/** However many questions one step of a sign-in takes, together they take no longer than one may. */
function fetchWithin(): (url: string, init: object) => Promise<Response> {
  const signal = AbortSignal.timeout(outsideMillisMax);
  return (url, init) => fetch(url, { ...init, redirect: 'error', signal });
}
