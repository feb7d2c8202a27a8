import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { createAuthorizing } from './authorize.ts';
import type { CredentialConfig } from './config.ts';
import { openRefreshTokens } from './refresh-tokens.ts';

const redirect = 'http://127.0.0.1:5000/callback';

function mail(tokenUrl: string): CredentialConfig {
  return {
    ...{ kind: 'oauth', name: 'mail', per: 'principal', tokenUrl, authorizeUrl: 'https://mail.example/authorize?a=b' },
    ...{ revocationUrl: undefined, clientId: 'sallyport', clientSecret: undefined, secondsMax: undefined },
    ...{ scope: 'read offline_access', resource: undefined },
  } as CredentialConfig;
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
    const tokens = openRefreshTokens(folder.path);
    const config = mail(`http://127.0.0.1:${(issuer.address() as AddressInfo).port}/token`);
    const authorizing = createAuthorizing([config], tokens, Date.now);
    const begun = authorizing.begin('mail', 'user:emma', redirect);
    assert.ok(begun.ok);
    const url = new URL(begun.value.url);
    const at = (name: string): string => url.searchParams.get(name) ?? '';
    assert.deepEqual(
      [at('a'), at('response_type'), at('code_challenge_method'), at('redirect_uri')],
      ['b', 'code', 'S256', redirect],
    );
    const done = await authorizing.finish('mail', at('state'), 'the-code');
    assert.deepEqual(done, { ok: true, value: { principal: 'user:emma' } });
    const verifier = asked[0]?.get('code_verifier') ?? '';
    assert.equal(createHash('sha256').update(verifier).digest('base64url'), at('code_challenge'));
    assert.deepEqual([tokens.read('mail', 'user:emma'), tokens.read('mail', 'user:paul')], ['rt', undefined]);
    const again = await authorizing.finish('mail', at('state'), 'the-code');
    assert.equal(!again.ok && again.error.field, 'state', 'a state works once');
  } finally {
    issuer.close();
  }
});

test('C-6 a sign-in that never began, is too old, or leads elsewhere is none', async () => {
  using folder = temporaryFolder();
  let now = 0;
  const authorizing = createAuthorizing(
    [mail('https://mail.example/token')],
    openRefreshTokens(folder.path),
    () => now,
  );
  const elsewhere = [
    'https://evil.example/callback',
    'http://127.0.0.1:1/other',
    'http://127.0.0.1.evil.example:1/callback',
  ];
  for (const uri of elsewhere) {
    const begun = authorizing.begin('mail', 'user:emma', uri);
    assert.equal(!begun.ok && begun.error.field, 'redirectUri', uri);
  }
  const begun = authorizing.begin('mail', 'user:emma', redirect);
  assert.ok(begun.ok);
  const state = new URL(begun.value.url).searchParams.get('state') ?? '';
  now = 600_001;
  for (const given of [state, 'made-up', '']) {
    const finished = await authorizing.finish('mail', given, 'x');
    assert.equal(!finished.ok && finished.error.code, 'not-found', given);
  }
  const unknown = authorizing.begin('none', 'user:emma', redirect);
  assert.equal(!unknown.ok && unknown.error.code, 'not-found');
});
