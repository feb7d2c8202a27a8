import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { createOAuthClient } from '../oauth-client.ts';
import { openRefreshTokens } from '../refresh-tokens.ts';
import { openRegistrations } from '../registrations.ts';
import { openRevocationEffects } from '../revocation-effects.ts';
import { createSignInsNeeded } from '../sign-ins-needed.ts';
import type { Revocation } from '../source.ts';
import { oauthSource } from './oauth.ts';
import type { OAuthConfig } from './oauth-request.ts';

const signal = new AbortController().signal;
const now = (): number => 1_000_000_000;

/** `ends`: whether a sign-in ends with one of its access tokens (RFC 7009 §2.1 lets it). */
async function startIssuer(ends: boolean) {
  let [given, whole] = [0, true];
  const revoked: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', chunk => {
      body += chunk;
    });
    request.on('end', () => {
      const asked = new URLSearchParams(body);
      if (request.url === '/revoke') {
        revoked.push(asked.get('token') ?? '');
        if (ends) whole = false;
        response.end('{}');
      } else if (whole)
        response.end(JSON.stringify({ access_token: `at-${++given}`, token_type: 'Bearer', expires_in: 600 }));
      else response.writeHead(400).end('{"error":"invalid_grant"}');
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const set = (to: boolean): void => {
    whole = to;
  };
  return { url, revoked, set, [Symbol.asyncDispose]: async () => void server.close() };
}

/** Emma has signed in, now or at another time. */
function desk(url: string, folder: string, revoke?: boolean, signedIn = 'now') {
  const config: OAuthConfig = {
    ...{ name: 'mail', per: 'principal', scope: undefined, resource: undefined, secondsMax: undefined, revoke },
    issuer: { kind: 'written', tokenUrl: `${url}/token`, revocationUrl: `${url}/revoke`, authorizeUrl: `${url}/a` },
    ...{ clientId: 'c', clientSecret: undefined, clientMetadataUrl: undefined },
  };
  const redirectUri = (): string => 'http://127.0.0.1:7420/oauth/connected';
  const client = createOAuthClient('mail', config, { now, registrations: openRegistrations(folder), redirectUri });
  const tokens = openRefreshTokens(folder);
  const needed = createSignInsNeeded(() => 'http://127.0.0.1:7420/oauth/connect', now);
  const source = oauthSource(config, { now, client, tokens, needed, effects: openRevocationEffects(folder) });
  const signIn = (signedInAt: number): void => {
    const of = { principal: 'user:emma', issuer: `${url}/token`, clientId: 'c', scope: undefined };
    tokens.write('mail', { ...of, refreshToken: `rt-${signedInAt}`, signedInAt });
    needed.signedIn('user:emma');
  };
  if (signedIn === 'now') signIn(1);
  const mint = async (lease: string, forTask = true) => {
    const want = { lease: `l_${lease}` as const, principal: 'user:emma', action: undefined, forTask, until: 2e9 };
    const minted = await source.mint(want, signal);
    return minted.ok ? minted.value : { secret: minted.refusal.why, revocable: undefined };
  };
  const end = (lease: string, secret: string): Promise<Revocation> =>
    source.revoke({ id: `l_${lease}`, principal: 'user:emma' }, secret, signal);
  return { source, signIn, mint, end };
}

test('a person’s access token ends at its issuer with the last of the tasks that hold it', async () => {
  using folder = temporaryFolder();
  await using issuer = await startIssuer(false);
  const { mint, end } = desk(issuer.url, folder.path);
  const [one, two] = [await mint('1'), await mint('2')];
  assert.deepEqual([one.secret, two.secret, one.revocable], ['at-1', 'at-1', true]);
  const looks = await mint('3', false);
  assert.equal(looks.secret, 'at-2', 'what the gateway looks with no task holds');
  assert.equal(await end('1', 'at-1'), 'in-use', 'the other task goes on with it');
  assert.equal(await end('1', 'at-1'), 'in-use', 'and no task gives back twice');
  assert.deepEqual(issuer.revoked, []);
  assert.equal(await end('2', 'at-1'), 'revoked');
  assert.deepEqual(issuer.revoked, ['at-1']);
  assert.equal((await mint('4')).secret, 'at-3', 'nobody is lent what was ended');
});

test('a token that is lent to nobody any more still ends with the last of the tasks that hold it', async () => {
  using folder = temporaryFolder();
  await using issuer = await startIssuer(false);
  const { source, signIn, mint, end } = desk(issuer.url, folder.path);
  await Promise.all([mint('1'), mint('2')]);
  signIn(2);
  assert.equal((await mint('3')).secret, 'at-2', 'who signed in again is lent a new one');
  source.turnedAway?.('user:emma', { status: 403, error: undefined, scope: undefined });
  assert.equal((await mint('4')).secret, 'at-3');
  assert.deepEqual(
    [await end('1', 'at-1'), await end('2', 'at-1'), await end('3', 'at-2')],
    ['in-use', 'revoked', 'revoked'],
  );
  assert.deepEqual(issuer.revoked, ['at-1', 'at-2']);
});

test('an issuer that ends the whole sign-in with a token is found out once, said so, and not asked again', async () => {
  using folder = temporaryFolder();
  await using issuer = await startIssuer(true);
  const { source, signIn, mint, end } = desk(issuer.url, folder.path);
  await mint('1');
  assert.equal(await end('1', 'at-1'), 'revoked');
  assert.match((await mint('2')).secret, /it needs a sign-in: its issuer refused with invalid_grant/);
  issuer.set(true);
  signIn(2);
  assert.deepEqual([await mint('3').then(({ revocable }) => revocable), issuer.revoked], [false, ['at-1']]);
  assert.match(source.state().note ?? '', /ends a whole sign-in with one token.*`revoke: true`/);

  await end('3', 'at-2');
  const again = desk(issuer.url, folder.path);
  assert.equal((await again.mint('4')).revocable, false, 'nor after a restart');
  const told = desk(issuer.url, folder.path, true);
  assert.equal((await told.mint('5')).revocable, true, 'unless the operator says so');
  using other = temporaryFolder();
  const never = desk(issuer.url, other.path, false);
  assert.equal((await never.mint('6')).revocable, false);
});

test('it is understood after a restart as well', async () => {
  using folder = temporaryFolder();
  await using issuer = await startIssuer(true);
  const before = desk(issuer.url, folder.path);
  await before.mint('1');
  await before.end('1', 'at-1');
  const after = desk(issuer.url, folder.path, undefined, 'not again');
  assert.match((await after.mint('2')).secret, /needs a sign-in/);
  issuer.set(true);
  after.signIn(2);
  assert.equal((await after.mint('3')).revocable, false);
});

test('a sign-in that ends for another reason is not blamed on a token that was ended', async () => {
  using folder = temporaryFolder();
  await using issuer = await startIssuer(false);
  const { signIn, mint, end } = desk(issuer.url, folder.path);
  await mint('1');
  await end('1', 'at-1');
  await mint('2');
  await end('2', 'at-2');
  await mint('3', false);
  issuer.set(false);
  assert.match((await mint('4')).secret, /needs a sign-in/);
  issuer.set(true);
  signIn(2);
  assert.equal((await mint('5')).revocable, true);
});
