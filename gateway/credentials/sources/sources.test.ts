import assert from 'node:assert/strict';
import { generateKeyPairSync, verify } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { Action } from '@sallyport/core/model/action.ts';
import { passed } from '@sallyport/core/model/refusal.ts';
import { jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { createOAuthClient, type OAuthClient } from '../oauth-client.ts';
import { openRefreshTokens, type RefreshTokens } from '../refresh-tokens.ts';
import { openRegistrations } from '../registrations.ts';
import { openRevocationEffects } from '../revocation-effects.ts';
import { createSignInsNeeded } from '../sign-ins-needed.ts';
import type { Wanted } from '../source.ts';
import { gitHubAppSource } from './github-app.ts';
import { oauthSource } from './oauth.ts';
import type { OAuthConfig } from './oauth-request.ts';
import { staticSource } from './static.ts';
import { tokenExchangeSource } from './token-exchange.ts';

const signal = new AbortController().signal;
const now = (): number => 1_000_000_000;
const want = (over: Partial<Wanted> = {}): Wanted => ({
  ...{ lease: 'l_00000000000000000000000001', principal: 'user:emma', action: undefined, until: 2_000_000_000 },
  ...{ forTask: true },
  ...over,
});

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A fake of an issuer's documented API: answers in turn, the last one again and again. */
async function startIssuer(...answers: readonly (readonly [number, unknown])[]) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', chunk => {
      body += chunk;
    });
    request.on('end', () => {
      const [status, answer] = answers[Math.min(asked.length, answers.length - 1)] ?? [500, {}];
      asked.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body });
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(answer === undefined ? '' : JSON.stringify(answer));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, asked, [Symbol.asyncDispose]: async () => void server.close() };
}

const client = (url: string, folder: { file: (name: string) => string }) => {
  writeFileSync(folder.file('client-secret'), 'a:b c\n');
  return {
    issuer: {
      ...{ kind: 'written' as const, tokenUrl: `${url}/token`, revocationUrl: `${url}/revoke` },
      authorizeUrl: `${url}/authorize`,
    },
    clientMetadataUrl: undefined,
    clientId: 'sally port',
    clientSecret: { kind: 'file' as const, file: folder.file('client-secret') },
  };
};

const link = 'http://127.0.0.1:7420/oauth/connect?credential=mail';

function portsFor(config: OAuthClient & { readonly name: string }, folder: string, tokens: RefreshTokens) {
  const redirectUri = (): string => 'http://127.0.0.1:7420/oauth/connected';
  const client = createOAuthClient(config.name, config, { now, registrations: openRegistrations(folder), redirectUri });
  return { now, tokens, client, needed: createSignInsNeeded(() => link, now), effects: openRevocationEffects(folder) };
}

function oauth(config: OAuthConfig, folder: string, tokens = openRefreshTokens(folder)) {
  return oauthSource(config, portsFor(config, folder, tokens));
}

/** What emma left, at the token endpoint of this issuer. */
const left = (url: string, refreshToken: string) => ({
  ...{ principal: 'user:emma', issuer: `${url}/token`, clientId: 'sally port', scope: undefined, refreshToken },
  signedInAt: now(),
});

test('a standing secret is read anew from a file, a variable or a command, and its faults name no value', async () => {
  using folder = temporaryFolder();
  const file = folder.file('key');
  const base = { name: 'wiki', secondsMax: undefined, rotateDays: undefined };
  const source = staticSource({ ...base, place: { kind: 'file', file } }, now);
  const missing = await source.mint(want(), signal);
  assert.equal(!missing.ok && missing.refusal.why, 'its file cannot be read');
  assert.equal(source.state().state, 'failing');
  for (const text of ['one\n', 'two']) {
    writeFileSync(file, text);
    assert.deepEqual(
      await source.mint(want(), signal),
      passed({ secret: text.trim(), expiresAt: undefined, revocable: false }),
    );
  }
  const command = staticSource(
    { ...base, place: { kind: 'command', argv: [process.execPath, '-p', '"from a command"'] } },
    now,
  );
  const said = await command.mint(want(), signal);
  assert.equal(said.ok && said.value.secret, 'from a command');
  const failing = staticSource(
    { ...base, place: { kind: 'command', argv: [process.execPath, '-e', 'throw "s3cret"'] } },
    now,
  );
  const failed = await failing.mint(want(), signal);
  assert.deepEqual(!failed.ok && [failed.refusal.why, JSON.stringify(failed).includes('s3cret')], [
    'its command failed with status 1',
    false,
  ]);
  const unset = staticSource({ ...base, place: { kind: 'env', variable: 'SALLYPORT_TEST_UNSET' } }, now);
  const none = await unset.mint(want(), signal);
  assert.equal(!none.ok && none.refusal.why, 'the variable SALLYPORT_TEST_UNSET is not set');
});

test('client credentials are exchanged for a token with an end, which is revoked', async () => {
  using folder = temporaryFolder();
  await using issuer = await startIssuer(
    [200, { access_token: 'at-1', token_type: 'Bearer', expires_in: 60 }],
    [200, {}],
  );
  const config = {
    ...client(issuer.url, folder),
    name: 'crm',
    per: 'client' as const,
    scope: 'read',
    resource: 'https://crm.example',
    secondsMax: undefined,
    revoke: true,
  };
  const source = oauth(config, folder.path);
  assert.deepEqual(
    await source.mint(want(), signal),
    passed({ secret: 'at-1', expiresAt: now() + 60_000, revocable: true }),
  );
  const [first] = issuer.asked;
  assert.equal(first?.headers.authorization, `Basic ${btoa('sally%20port:a%3Ab%20c')}`, 'RFC 6749 §2.3.1');
  assert.equal(first?.body, 'grant_type=client_credentials&scope=read&resource=https%3A%2F%2Fcrm.example');
  assert.equal(await source.revoke({ id: want().lease, principal: 'user:emma' }, 'at-1', signal), 'revoked');
  assert.deepEqual(
    [issuer.asked[1]?.path, issuer.asked[1]?.body],
    ['/revoke', 'token=at-1&token_type_hint=access_token'],
  );
  assert.equal(await source.revoke({ id: want().lease, principal: 'user:emma' }, undefined, signal), 'impossible');
});

test('a rotated refresh token is kept before it is used, one refresh at a time', async () => {
  using folder = temporaryFolder();
  const token = (n: number) =>
    [200, { access_token: `at-${n}`, token_type: 'bearer', expires_in: 60, refresh_token: `rt-${n}` }] as const;
  await using issuer = await startIssuer(token(1), token(2), token(3));
  const tokens = openRefreshTokens(folder.file('tokens'));
  tokens.write('mail', left(issuer.url, 'rt-0'));
  const config = {
    ...client(issuer.url, folder),
    name: 'mail',
    per: 'principal' as const,
    scope: undefined,
    resource: undefined,
    secondsMax: undefined,
    revoke: true,
  };
  const source = oauth(config, folder.path, tokens);
  // A task, and the gateway itself as whoever signed in first; then both again: they go on with what they have.
  for (let n = 0; n < 2; n++)
    await Promise.all([want(), want({ principal: '', forTask: false })].map(one => source.mint(one, signal)));
  assert.deepEqual(
    issuer.asked.map(({ body }) => new URLSearchParams(body).get('refresh_token')),
    ['rt-0', 'rt-1'],
  );
  assert.equal(openRefreshTokens(folder.file('tokens')).read('mail', 'user:emma')?.refreshToken, 'rt-2');
});

test('a principal who has to sign in again is named, with how, and only that one', async () => {
  using folder = temporaryFolder();
  await using issuer = await startIssuer([400, { error: 'invalid_grant', error_description: 'token rt-0 revoked' }]);
  const tokens = openRefreshTokens(folder.file('tokens'));
  tokens.write('mail', left(issuer.url, 'rt-0'));
  const config = {
    ...client(issuer.url, folder),
    name: 'mail',
    per: 'principal' as const,
    scope: undefined,
    resource: undefined,
    secondsMax: undefined,
    revoke: true,
  };
  const source = oauth(config, folder.path, tokens);
  const minted = await source.mint(want(), signal);
  assert.ok(!minted.ok && !JSON.stringify(minted).includes('rt-0'));
  assert.equal(minted.refusal.fix, `user:emma signs in at ${link}`);
  const why = 'user:emma: its issuer refused with invalid_grant';
  assert.deepEqual(source.state(), { state: 'needs-authorization', why, link });
  const again = await source.mint(want(), signal);
  assert.equal(!again.ok && again.refusal.why, 'it needs a sign-in: its issuer refused with invalid_grant');
  assert.equal(issuer.asked.length, 1, 'a token that is dead is not shown again');
});

test('an answer that is no bearer token is no credential', async () => {
  using folder = temporaryFolder();
  const odd: readonly (readonly [number, unknown])[] = [
    [200, { access_token: 'x', token_type: 'DPoP' }],
    [200, { access_token: 'a\nb', token_type: 'bearer' }],
    [200, { token_type: 'bearer' }],
    [200, ['access_token']],
    [200, undefined],
    [302, {}],
    [500, { access_token: 'x', token_type: 'bearer' }],
    [200, { access_token: 'x'.repeat(300_000), token_type: 'bearer' }],
  ];
  for (const answer of odd) {
    await using issuer = await startIssuer(answer);
    const config = {
      ...client(issuer.url, folder),
      name: 'crm',
      per: 'client' as const,
      scope: undefined,
      resource: undefined,
      secondsMax: undefined,
      revoke: true,
    };
    const minted = await oauth(config, folder.path).mint(want(), signal);
    assert.equal(minted.ok, false, JSON.stringify(answer).slice(0, 80));
  }
});

test('an end that no clock reaches is none that an issuer named', async () => {
  using folder = temporaryFolder();
  for (const seconds of [1e15, 8.7e12, 4e9, 0, -5]) {
    await using issuer = await startIssuer([200, { access_token: 'x', token_type: 'bearer', expires_in: seconds }]);
    const wanted = { name: 'crm', per: 'client' as const, scope: undefined, resource: undefined };
    const config = { ...client(issuer.url, folder), ...wanted, secondsMax: undefined, revoke: true };
    const minted = await oauth(config, folder.path).mint(want(), signal);
    assert.deepEqual(minted, passed({ secret: 'x', expiresAt: undefined, revocable: true }), `${seconds}`);
  }
});

test('a token of our own is exchanged for one of the upstream (RFC 8693)', async () => {
  using folder = temporaryFolder();
  writeFileSync(folder.file('subject'), 'our-token');
  await using issuer = await startIssuer([
    200,
    { access_token: 'theirs', issued_token_type: 'urn:x', token_type: 'Bearer', expires_in: 300 },
  ]);
  const config = {
    ...client(issuer.url, folder),
    ...{ name: 'sts', audience: 'crm', resource: undefined, scope: 'read', secondsMax: undefined },
    subject: { kind: 'file' as const, file: folder.file('subject') },
    subjectType: 'urn:ietf:params:oauth:token-type:jwt',
  };
  const source = tokenExchangeSource(config, portsFor(config, folder.path, openRefreshTokens(folder.path)));
  const minted = await source.mint(want(), signal);
  assert.equal(minted.ok && minted.value.secret, 'theirs');
  assert.deepEqual(Object.fromEntries(new URLSearchParams(issuer.asked[0]?.body)), {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: 'our-token',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    audience: 'crm',
    scope: 'read',
  });
});

test('an installation token is narrowed to the repository of the action, proven with the app’s key, and revoked', async () => {
  using folder = temporaryFolder();
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(folder.file('app.pem'), keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await using github = await startIssuer(
    [201, { token: 'ghs_x', expires_at: '2030-01-01T00:00:00Z' }],
    [204, undefined],
  );
  const source = gitHubAppSource(
    {
      ...{ name: 'gh', apiUrl: github.url, appId: '12', installationId: '34', secondsMax: undefined },
      privateKey: { kind: 'file', file: folder.file('app.pem') },
      permissions: { contents: 'read' },
      repositories: ['site', 'docs'],
      repositoryArgument: 'repo',
    },
    now,
  );
  const action = (text: string): Action => ({ input: jsonObject(text) }) as Action;
  const minted = await source.mint(want({ action: action('{"repo":"acme/docs"}') }), signal);
  assert.deepEqual(minted, passed({ secret: 'ghs_x', expiresAt: Date.parse('2030-01-01T00:00:00Z'), revocable: true }));
  const [asked] = github.asked;
  assert.equal(asked?.path, '/app/installations/34/access_tokens');
  assert.deepEqual(JSON.parse(asked?.body ?? ''), { permissions: { contents: 'read' }, repositories: ['docs'] });
  const [head = '', claims = '', signature = ''] = (asked?.headers.authorization ?? '')
    .replace('Bearer ', '')
    .split('.');
  assert.ok(
    verify('RSA-SHA256', Buffer.from(`${head}.${claims}`), keys.publicKey, Buffer.from(signature, 'base64url')),
  );
  const { iat, exp, iss } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  assert.deepEqual([iss, exp - iat <= 600, iat < now() / 1000], ['12', true, true]);

  for (const other of ['{"repo":"acme/secrets"}', '{"repo":"../x"}', '{"repo":7}', '{"repo":""}'])
    assert.equal(source.scopeOf(action(other)).ok, false, other);
  assert.deepEqual(source.scopeOf(undefined), passed('docs,site'));
  assert.equal(await source.revoke({ id: want().lease, principal: 'user:emma' }, 'ghs_x', signal), 'revoked');
  assert.deepEqual(
    [github.asked[1]?.method, github.asked[1]?.path, github.asked[1]?.headers.authorization],
    ['DELETE', '/installation/token', 'Bearer ghs_x'],
  );
});

test('an issuer that cannot be reached, redirects or hangs is a refusal', async () => {
  using folder = temporaryFolder();
  const config = {
    ...client('http://127.0.0.1:9', folder),
    name: 'crm',
    per: 'client' as const,
    scope: undefined,
    resource: undefined,
    secondsMax: undefined,
    revoke: true,
  };
  const source = oauth(config, folder.path);
  const unreachable = await source.mint(want(), signal);
  assert.equal(!unreachable.ok && unreachable.refusal.why, 'its issuer cannot be reached');
  const late = await source.mint(want(), AbortSignal.abort());
  assert.equal(late.ok, false);
});
