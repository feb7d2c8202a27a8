import { type Checked, passed } from '@sallyport/core/model/refusal.ts';
import { revokeAccessToken } from '../../obtain/revoke.ts';
import { requestToken } from '../../obtain/token.ts';
import { orFault } from '../issuer.ts';
import type { OAuthClient, OAuthClientAt } from '../oauth-client.ts';
import { readSecret, type SecretPlace } from '../secret-source.ts';
import { answerMillisMax, type CredentialSource, type Minted, type SourceState } from '../source.ts';

export interface TokenExchangeConfig extends OAuthClient {
  readonly name: string;
  readonly audience: string | undefined;
  readonly resource: string | undefined;
  readonly scope: string | undefined;
  readonly subject: SecretPlace;
  readonly subjectType: string;
  readonly secondsMax: number | undefined;
}

/** RFC 8693: the gateway shows a token of its own and gets one for this upstream alone, anew for each task. */
export function tokenExchangeSource(
  config: TokenExchangeConfig,
  { now, client }: { readonly now: () => number; readonly client: OAuthClientAt },
): CredentialSource {
  const { name, secondsMax } = config;
  const what = `credential ${name}`;
  let state: SourceState = { state: 'ready' };

  async function exchange(signal: AbortSignal): Promise<Checked<Minted>> {
    const subject = await readSecret(what, config.subject, signal);
    if (!subject.ok) return subject;
    const found = await client.find(signal);
    if (!found.ok) return found;
    const { server, client: self, settings } = found.value;
    const members = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: subject.value,
      subject_token_type: config.subjectType,
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      audience: config.audience,
      resource: config.resource,
      scope: config.scope,
    };
    const request = { server, client: self, settings, members, dpop: undefined, millisMax: answerMillisMax };
    const got = await requestToken({ ...request, signal });
    const expiresAt = got.expiresSeconds === undefined ? undefined : now() + got.expiresSeconds * 1000;
    return passed({ secret: got.token, expiresAt, revocable: server.revocationEndpoint !== undefined });
  }

  return {
    ...{ name, kind: 'token-exchange', secondsMax, sharedBy: 'task' },
    scopeOf: () => passed(config.scope ?? ''),
    mint: async (_want, signal) => {
      const minted = await orFault(what, () => exchange(signal));
      state = minted.ok ? { state: 'ready' } : { state: 'failing', why: minted.refusal.why };
      return minted;
    },
    revoke: async (_lease, secret, signal) => {
      if (secret === undefined) return 'impossible';
      const found = await orFault(what, () => client.find(signal));
      if (!found.ok) return 'failed';
      const { server, client: self, settings } = found.value;
      return await revokeAccessToken(secret, { server, client: self, settings, signal, millisMax: answerMillisMax });
    },
    state: () => state,
  };
}
