import { createPrivateKey, sign } from 'node:crypto';
import type { Action } from '@sallyport/core/model/action.ts';
import { type JsonNode, member } from '@sallyport/core/model/json.ts';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';
import { ask, issuerFault } from '../issuer.ts';
import { readSecret, type SecretPlace } from '../secret-source.ts';
import type { CredentialSource, Minted, SourceState } from '../source.ts';

export interface GitHubAppConfig {
  readonly name: string;
  /** `https://api.github.com`, or an enterprise server's. */
  readonly apiUrl: string;
  readonly appId: string;
  readonly installationId: string;
  readonly privateKey: SecretPlace;
  /** The most that a token may do, `{ contents: read }`. */
  readonly permissions: Readonly<Record<string, string>>;
  /** The repositories that a token may ever be for, without owner. Empty: those of the installation. */
  readonly repositories: readonly string[];
  /** The argument that names the repository, `repo` or `owner/repo`. Undefined: tokens are for all of `repositories`. */
  readonly repositoryArgument: string | undefined;
  readonly secondsMax: number | undefined;
}

const repositoryPattern = /^[A-Za-z0-9._-]{1,100}$/;
/** An app's own proof lives at most ten minutes; its clock may be a minute off (GitHub Docs, "Generating a JSON Web Token"). */
const proofSeconds = { before: 60, after: 540 };

/**
 * Installation access tokens, narrowed to the repository of the action and to configured permissions (GitHub REST API,
 * "Create an installation access token for an app"; ended by "Revoke an installation access token").
 */
export function gitHubAppSource(config: GitHubAppConfig, now: () => number): CredentialSource {
  const what = `credential ${config.name}`;
  let state: SourceState = { state: 'ready' };

  async function token(scope: string, signal: AbortSignal): Promise<Checked<Minted>> {
    const key = await readSecret(what, config.privateKey, signal);
    if (!key.ok) return key;
    const proof = appProof(config.appId, key.value, now());
    if (proof === undefined) return issuerFault(what, 'privateKey is not an RSA key in PEM form');
    const answer = await ask(what, {
      method: 'POST',
      url: `${config.apiUrl}/app/installations/${config.installationId}/access_tokens`,
      headers: { ...gitHubHeaders, authorization: `Bearer ${proof}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        permissions: config.permissions,
        ...(scope === '' ? {} : { repositories: scope.split(',') }),
      }),
      signal,
    });
    if (!answer.ok) return answer;
    const { token: secret, expires_at: expires } = answer.value.body;
    if (answer.value.status !== 201 || typeof secret !== 'string' || !/^[!-~]+$/.test(secret))
      return issuerFault(what, `GitHub answered with HTTP ${answer.value.status}`);
    const expiresAt = typeof expires === 'string' ? Date.parse(expires) : Number.NaN;
    return passed({ secret, expiresAt: Number.isNaN(expiresAt) ? undefined : expiresAt, revocable: true });
  }

  return {
    name: config.name,
    kind: 'github-app',
    secondsMax: config.secondsMax,
    sharedBy: 'task',
    scopeOf: action => repositoriesFor(config, action),
    mint: async (want, signal) => {
      const scope = repositoriesFor(config, want.action);
      const minted = scope.ok ? await token(scope.value, signal) : scope;
      state = minted.ok ? { state: 'ready' } : { state: 'failing', why: minted.refusal.why };
      return minted;
    },
    revoke: async (_lease, secret, signal) => {
      if (secret === undefined) return 'impossible';
      const headers = { ...gitHubHeaders, authorization: `Bearer ${secret}` };
      const answer = await ask(what, { method: 'DELETE', url: `${config.apiUrl}/installation/token`, headers, signal });
      // 401: it works no more, which is what was wanted.
      return answer.ok && (answer.value.status === 204 || answer.value.status === 401) ? 'revoked' : 'failed';
    },
    state: () => state,
  };
}

const gitHubHeaders = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' };

/** The repositories of one action, by name and sorted: at most those that are configured. */
function repositoriesFor(config: GitHubAppConfig, action: Action | undefined): Checked<string> {
  const { repositoryArgument, repositories } = config;
  const all = passed([...repositories].sort().join(','));
  if (action === undefined || repositoryArgument === undefined) return all;
  const named = at(action.input, repositoryArgument);
  if (named === undefined) return all;
  const name = named.kind === 'string' ? (named.value.split('/').at(-1) ?? '') : '';
  const allowed = repositories.length === 0 || repositories.includes(name);
  if (repositoryPattern.test(name) && allowed) return passed(name);
  return refused({
    code: 'credential-unavailable',
    what: `credential ${config.name}`,
    why: `the argument ${repositoryArgument} names no repository that it may be for`,
    fix: 'name one of the configured repositories',
  });
}

function at(input: JsonNode, path: string): JsonNode | undefined {
  return path.split('.').reduce<JsonNode | undefined>((node, step) => member(node, step), input);
}

/** RS256, as GitHub wants it. Undefined if the key is none. */
function appProof(appId: string, pem: string, now: number): string | undefined {
  const seconds = Math.floor(now / 1000);
  const claims = { iat: seconds - proofSeconds.before, exp: seconds + proofSeconds.after, iss: appId };
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`;
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== 'rsa') return undefined;
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`;
  } catch {
    return undefined;
  }
}
