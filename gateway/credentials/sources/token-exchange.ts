import { type Checked, passed } from '@sallyport/core/model/refusal.ts';
import { readSecret, type SecretPlace } from '../secret-source.ts';
import type { CredentialSource, Minted, SourceState, Wanted } from '../source.ts';
import { tokensOf } from '../token-answer.ts';
import { askToken, type OAuthClient, revokeToken } from './oauth.ts';

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
export function tokenExchangeSource(config: TokenExchangeConfig, now: () => number): CredentialSource {
  const what = `credential ${config.name}`;
  let state: SourceState = { state: 'ready' };

  async function exchange(_want: Wanted, signal: AbortSignal): Promise<Checked<Minted>> {
    const subject = await readSecret(what, config.subject, signal);
    if (!subject.ok) return subject;
    const members = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: subject.value,
      subject_token_type: config.subjectType,
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      audience: config.audience,
      resource: config.resource,
      scope: config.scope,
    };
    const answer = await askToken(what, config, members, signal);
    if (!answer.ok) return answer;
    const got = tokensOf(what, answer.value, now());
    if (!got.ok) return got;
    const { accessToken: secret, expiresAt } = got.value;
    return passed({ secret, expiresAt, revocable: config.revocationUrl !== undefined });
  }

  return {
    name: config.name,
    kind: 'token-exchange',
    secondsMax: config.secondsMax,
    sharedBy: 'task',
    scopeOf: () => passed(config.scope ?? ''),
    mint: async (want, signal) => {
      const minted = await exchange(want, signal);
      state = minted.ok ? { state: 'ready' } : { state: 'failing', why: minted.refusal.why };
      return minted;
    },
    revoke: async (_lease, secret, signal) => secret !== undefined && (await revokeToken(what, config, secret, signal)),
    state: () => state,
  };
}
