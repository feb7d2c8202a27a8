import { type ClientAtServer, type ClientSettings, proofOfClient } from './client.ts';
import type { AuthorizationServer } from './discover.ts';
import type { DpopKey } from './dpop-key.ts';
import { askOutside, ObtainError, textOf } from './outside-json.ts';

export interface ObtainedToken {
  readonly token: string;
  readonly scheme: 'Bearer' | 'DPoP';
  readonly scope: string | undefined;
}

export interface TokenRequest {
  readonly server: AuthorizationServer;
  readonly client: ClientAtServer;
  readonly settings: Pick<ClientSettings, 'privateKeyPem'>;
  readonly members: Readonly<Record<string, string | undefined>>;
  readonly dpop: DpopKey | undefined;
}

/** One request at a token endpoint. It is sent once: only a demand for a DPoP nonce is answered with a second one. */
export async function requestToken(request: TokenRequest): Promise<ObtainedToken> {
  const { server, client, settings, members, dpop } = request;
  const proof = await proofOfClient(client, server, settings);
  const present = Object.entries({ ...members, ...proof.members }).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  const ask = async (nonce?: string): ReturnType<typeof askOutside> => {
    const shown = dpop === undefined ? {} : { dpop: await dpop.proof('POST', server.tokenEndpoint, undefined, nonce) };
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      ...proof.headers,
      ...shown,
    };
    return askOutside(server.tokenEndpoint, { method: 'POST', headers, body: new URLSearchParams(present).toString() });
  };
  let answer = await ask();
  const nonce = answer.headers.get('dpop-nonce');
  if (answer.status === 400 && textOf(answer.body, 'error') === 'use_dpop_nonce' && nonce !== null)
    answer = await ask(nonce);
  const token = textOf(answer.body, 'access_token');
  if (answer.status !== 200 || token === undefined)
    throw new ObtainError(
      `the authorization server refused: ${plainCode(textOf(answer.body, 'error')) ?? answer.status}`,
    );
  const type = textOf(answer.body, 'token_type')?.toLowerCase();
  if (dpop !== undefined && type !== 'dpop' && type !== 'n_a')
    throw new ObtainError('the token is not bound to our key');
  return { token, scheme: type === 'dpop' ? 'DPoP' : 'Bearer', scope: textOf(answer.body, 'scope') };
}

/** What a stranger calls the fault is shown only if it is one of the words that there are for it. */
function plainCode(code: string | undefined): string | undefined {
  return code !== undefined && /^[a-z_]{1,40}$/.test(code) ? code : undefined;
}
