import { type ClientAtServer, type ClientSettings, proofOfClient } from './client.ts';
import type { AuthorizationServer } from './discover.ts';
import type { DpopKey } from './dpop-key.ts';
import { askOutside, ObtainError, type OutsideAnswer, textOf } from './outside-json.ts';

export interface ObtainedToken {
  readonly token: string;
  readonly scheme: 'Bearer' | 'DPoP';
  readonly scope: string | undefined;
  /** From now; undefined where nobody said, or said what is no time. */
  readonly expiresSeconds: number | undefined;
  readonly refreshToken: string | undefined;
}

export interface TokenRequest {
  readonly server: AuthorizationServer;
  readonly client: ClientAtServer;
  readonly settings: Pick<ClientSettings, 'privateKeyPem'>;
  readonly members: Readonly<Record<string, string | undefined>>;
  readonly dpop: DpopKey | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Where its answer is waited for longer than those of others. */
  readonly millisMax?: number;
  /** Told before anything else of the answer is looked at: the one that was shown may be used up, whatever is wrong with the rest. */
  readonly onRefreshToken?: (refreshToken: string) => void;
}

/** One request at a token endpoint. It is sent once: only a demand for a DPoP nonce is answered with a second one. */
export async function requestToken(request: TokenRequest): Promise<ObtainedToken> {
  const { server, dpop } = request;
  const ask = async (nonce?: string): Promise<OutsideAnswer> => {
    const shown = dpop && { dpop: await dpop.proof('POST', server.tokenEndpoint, undefined, nonce) };
    return await askAsClient(server.tokenEndpoint, request, shown);
  };
  let answer = await ask();
  const nonce = answer.headers.get('dpop-nonce');
  if (answer.status === 400 && textOf(answer.body, 'error') === 'use_dpop_nonce' && nonce !== null)
    answer = await ask(nonce);
  const refreshToken = refreshTokenIn(answer);
  if (refreshToken !== undefined) request.onRefreshToken?.(refreshToken);
  return tokenIn(answer, dpop);
}

/** A form, as OAuth endpoints take it (RFC 6749 appendix B), with the client's proof. */
export async function askAsClient(
  endpoint: string,
  { server, client, settings, members, signal, millisMax }: Omit<TokenRequest, 'dpop' | 'onRefreshToken'>,
  shown: Readonly<Record<string, string>> = {},
): Promise<OutsideAnswer> {
  const proof = await proofOfClient(client, server, settings);
  const present = Object.entries({ ...members, ...proof.members }).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  const headers = { 'content-type': 'application/x-www-form-urlencoded', ...proof.headers, ...shown };
  const body = new URLSearchParams(present).toString();
  const init = { method: 'POST', headers, body, ...(signal === undefined ? {} : { signal }) };
  return await askOutside(endpoint, init, millisMax);
}

/** A hundred years: who says more names no instant that a record can hold. */
const lifeSecondsMax = 100 * 365 * 86_400;

/** Also of an answer that counts for nothing else, since it is not strict JSON: it is shown to nobody but who said it. */
function refreshTokenIn({ status, body, unread }: OutsideAnswer): string | undefined {
  const object = body ?? laxly(unread);
  const refreshToken = status === 200 ? textOf(object, 'refresh_token') : undefined;
  return refreshToken === '' ? undefined : refreshToken;
}

function laxly(text: string | undefined): OutsideAnswer['body'] {
  try {
    return JSON.parse(text ?? '') ?? undefined;
  } catch {
    return undefined;
  }
}

/** A token endpoint's answer (RFC 6749 §5.1, §5.2). */
function tokenIn(answer: OutsideAnswer, dpop: DpopKey | undefined): ObtainedToken {
  const { status, body } = answer;
  const code = plainCode(textOf(body, 'error'));
  if (status !== 200) throw new ObtainError(`its issuer refused with ${code ?? `HTTP ${status}`}`, code);
  if (body === undefined)
    throw new ObtainError(
      'its issuer answered with what is no JSON object, or what two readers could read differently',
    );
  const token = textOf(body, 'access_token');
  if (token === undefined || !/^[!-~]{1,16384}$/.test(token))
    throw new ObtainError('its issuer answered without a token that a header can carry');
  const type = textOf(body, 'token_type')?.toLowerCase();
  if (type !== 'bearer' && type !== 'n_a' && (type !== 'dpop' || dpop === undefined))
    throw new ObtainError('its issuer answered with a token of a type that was not asked for');
  if (dpop !== undefined && type === 'bearer') throw new ObtainError('the token is not bound to our key');
  const seconds = body?.expires_in;
  return {
    token,
    scheme: type === 'dpop' ? 'DPoP' : 'Bearer',
    scope: textOf(body, 'scope'),
    expiresSeconds:
      typeof seconds === 'number' && seconds > 0 && seconds <= lifeSecondsMax ? Math.floor(seconds) : undefined,
    refreshToken: refreshTokenIn(answer),
  };
}

/** What a stranger calls the fault is shown only if it is one of the words that there are for it. */
function plainCode(code: string | undefined): string | undefined {
  return code !== undefined && /^[a-z_]{1,40}$/.test(code) ? code : undefined;
}
