import type { LeaseId } from '@sallyport/core/model/ids.ts';
import { type Checked, passed } from '@sallyport/core/model/refusal.ts';
import { revokeAccessToken } from '../../obtain/revoke.ts';
import { orFault } from '../issuer.ts';
import { answerMillisMax, type CredentialSource, type Minted, type Revocation } from '../source.ts';
import { createOAuthRequests, type OAuthConfig, type OAuthPorts, wishOf } from './oauth-request.ts';
import { createPrincipalTokens } from './of-principal.ts';

const endsSignInsNote =
  'its issuer ends a whole sign-in with one token, so tokens live until their own end; `revoke: true` ends them all the same';

/** An upstream's own authorization server: client credentials (RFC 6749 §4.4), or a principal's refresh token (§6). */
export function oauthSource(config: OAuthConfig, ports: OAuthPorts): CredentialSource {
  const { client, tokens, needed } = ports;
  const { name, per, secondsMax } = config;
  const what = `credential ${name}`;
  let failing: string | undefined;
  const requests = createOAuthRequests(config, ports);
  const ofPrincipals = createPrincipalTokens(config, ports, requests);
  const { shared, trying } = ofPrincipals;

  async function byClient(signal: AbortSignal): Promise<Checked<Minted>> {
    const found = await client.find(signal);
    if (!found.ok) return found;
    const { scope, resource } = wishOf(config, found.value);
    return passed(await requests.ask(found.value, { grant_type: 'client_credentials', scope, resource }, { signal }));
  }

  async function revoke(lease: LeaseId, secret: string, signal: AbortSignal): Promise<Revocation> {
    if (shared.leave(lease, secret)) return 'in-use';
    const found = await orFault(what, () => client.find(signal));
    if (!found.ok) return 'failed';
    // Nothing at a second attempt: that the first was made is written down already.
    const last = shared.take(lease);
    if (!requests.isEnded(found.value.server)) return 'impossible';
    if (last !== undefined) await trying(last);
    const { server, client: self, settings } = found.value;
    return await revokeAccessToken(secret, { server, client: self, settings, signal, millisMax: answerMillisMax });
  }

  return {
    ...{ name, kind: 'oauth', secondsMax },
    sharedBy: per === 'client' ? 'all' : 'principal',
    scopeOf: () => passed(config.scope ?? ''),
    mint: async (want, signal) => {
      const minted = await orFault(what, () => (per === 'client' ? byClient(signal) : ofPrincipals.mint(want, signal)));
      failing = minted.ok ? undefined : minted.refusal.why;
      return minted;
    },
    revoke: async ({ id }, secret, signal) => (secret === undefined ? 'impossible' : revoke(id, secret, signal)),
    ...(per === 'client' ? {} : { signedIn: () => tokens.signedIn(name) }),
    turnedAway: (principal, how) => {
      shared.drop(principal);
      if (per === 'principal') needed.turnedAway(principal, how);
      else failing = `its server turned its token away (HTTP ${how.status})`;
    },
    state: () => {
      const whole =
        failing === undefined ? ({ state: 'ready' } as const) : ({ state: 'failing', why: failing } as const);
      return needed.state() ?? { ...whole, ...(requests.endsSignIns() ? { note: endsSignInsNote } : {}) };
    },
  };
}
