import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { type Authorizable, createAuthorizing } from './authorize.ts';
import { createOAuthClient } from './oauth-client.ts';
import { openRefreshTokens } from './refresh-tokens.ts';
import { openRegistrations } from './registrations.ts';
import { createSignInsNeeded } from './sign-ins-needed.ts';
import type { OAuthConfig } from './sources/oauth-request.ts';

const redirect = 'http://127.0.0.1:5000/oauth/connected';

function mail(tokenUrl: string): OAuthConfig {
  const authorizeUrl = 'https://mail.example/authorize?a=b';
  return {
    ...{ name: 'mail', per: 'principal', clientId: 'sallyport', clientSecret: undefined, clientMetadataUrl: undefined },
    issuer: { kind: 'written', tokenUrl, authorizeUrl, revocationUrl: undefined },
    ...{ scope: 'read offline_access', resource: undefined, secondsMax: undefined, revoke: true },
  };
}

function authorizingFor(config: OAuthConfig, folder: string, now: () => number) {
  const tokens = openRefreshTokens(folder);
  const ports = { now, registrations: openRegistrations(folder), redirectUri: () => redirect };
  const needed = createSignInsNeeded(() => 'http://127.0.0.1:5000/oauth/connect?credential=mail', now);
  const authorizable: Authorizable = { config, client: createOAuthClient(config.name, config, ports), needed };
  const signedIn: string[] = [];
  const authorizing = createAuthorizing(new Map([[config.name, authorizable]]), tokens, {
    now,
    onSignedIn: credential => signedIn.push(credential),
  });
  return { authorizing, tokens, needed, signedIn };
}

test('a principal signs in once, with PKCE, and what they leave is kept for them alone', async () => {
  using folder = temporaryFolder();
  const asked: URLSearchParams[] = [];
  const issuer = createServer((request, response) => {
    request.on('data', chunk => asked.push(new URLSearchParams(String(chunk))));
    request.on('end', () =>
      response.end(JSON.stringify({ access_token: 'at', token_type: 'Bearer', refresh_token: 'rt' })),
    );
  });
  await new Promise<void>(resolve => issuer.listen(0, '127.0.0.1', resolve));
  try {
    const config = mail(`http://127.0.0.1:${(issuer.address() as AddressInfo).port}/token`);
    const { authorizing, tokens, needed, signedIn } = authorizingFor(config, folder.path, () => 5);
    needed.add('user:emma', 'nobody has signed in for it yet');
    const begun = await authorizing.begin('mail', 'user:emma', 'st-1');
    assert.ok(begun.ok);
    const url = new URL(begun.value.url);
    const at = (name: string): string => url.searchParams.get(name) ?? '';
    assert.deepEqual(
      [at('a'), at('response_type'), at('code_challenge_method'), at('redirect_uri'), at('state')],
      ['b', 'code', 'S256', redirect, 'st-1'],
    );
    const returned = `${redirect}?state=st-1&code=the-code`;
    assert.deepEqual(await authorizing.finish(returned), {
      ok: true,
      value: { credential: 'mail', principal: 'user:emma' },
    });
    const verifier = asked[0]?.get('code_verifier') ?? '';
    assert.equal(createHash('sha256').update(verifier).digest('base64url'), at('code_challenge'));
    assert.equal(tokens.read('mail', 'user:emma')?.refreshToken, 'rt');
    assert.equal(tokens.read('mail', 'user:paul'), undefined);
    assert.deepEqual([needed.state(), signedIn], [undefined, ['mail']]);
    const again = await authorizing.finish(returned);
    assert.equal(!again.ok && again.error.field, 'state', 'a state works once');
  } finally {
    issuer.close();
  }
});

test('C-6 a sign-in that never began, is too old, or was answered by somebody else is none', async () => {
  using folder = temporaryFolder();
  let now = 0;
  const { authorizing } = authorizingFor(mail('https://mail.example/token'), folder.path, () => now);
  assert.ok((await authorizing.begin('mail', 'user:emma', 'st-1')).ok);
  const twice = await authorizing.finish(`${redirect}?state=st-1&code=a&code=b`);
  assert.equal(!twice.ok && twice.error.message, 'the answer says something twice');
  assert.ok((await authorizing.begin('mail', 'user:emma', 'st-2')).ok);
  now = 600_001;
  for (const state of ['st-2', 'made-up', '']) {
    const finished = await authorizing.finish(`${redirect}?state=${state}&code=x`);
    assert.equal(!finished.ok && finished.error.code, 'not-found', state);
  }
  const unknown = await authorizing.begin('none', 'user:emma', 'st-3');
  assert.equal(!unknown.ok && unknown.error.code, 'not-found');
});

test('sign-ins that nobody comes back from are a hundred at most, and make room once they are too old', async () => {
  using folder = temporaryFolder();
  const clock = { now: 5 };
  const { authorizing } = authorizingFor(mail('http://127.0.0.1:1/token'), folder.path, () => clock.now);
  const begin = async (state: string): Promise<string> => {
    const begun = await authorizing.begin('mail', 'user:emma', state);
    return begun.ok ? 'begun' : `${begun.error.code} ${begun.error.message}`;
  };
  for (let n = 0; n < 100; n++) assert.equal(await begin(`st-${n}`), 'begun');
  const full = 'conflict too many sign-ins have begun; wait a few minutes';
  assert.equal(await begin('st-more'), full);
  clock.now += 600_000;
  assert.equal(await begin('st-more'), full, 'they still count');
  clock.now += 1;
  assert.equal(await begin('st-more'), 'begun');
});
