import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { createOAuthClient } from '../oauth-client.ts';
import { openRefreshTokens } from '../refresh-tokens.ts';
import { openRegistrations } from '../registrations.ts';
import { openRevocationEffects } from '../revocation-effects.ts';
import { createSignInsNeeded } from '../sign-ins-needed.ts';
import { oauthSource } from './oauth.ts';
import type { OAuthConfig } from './oauth-request.ts';

const now = (): number => 1_000_000_000;
const never = new AbortController().signal;

/** Takes each refresh token once, and ends the whole sign-in when one is shown again (RFC 9700 §4.14.2). */
async function startStrictIssuer() {
  let [newest, isWhole, millis, otherwise] = [0, true, 0, {}];
  let write: (answer: object) => string = JSON.stringify;
  const shown: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', chunk => {
      body += chunk;
    });
    request.on('end', () => {
      const form = new URLSearchParams(body);
      const refreshToken = form.get('refresh_token') ?? '';
      shown.push(refreshToken);
      if (form.get('grant_type') === 'refresh_token' && refreshToken !== `rt-${newest}`) isWhole = false;
      newest++;
      const token = {
        access_token: `at-${newest}`,
        token_type: 'Bearer',
        expires_in: 600,
        refresh_token: `rt-${newest}`,
        ...otherwise,
      };
      const answer = isWhole ? token : { error: 'invalid_grant' };
      setTimeout(() => response.writeHead(isWhole ? 200 : 400).end(write(answer)), millis);
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const takes = (to: number): void => {
    millis = to;
  };
  /** What its answers say instead. */
  const says = (to: object): void => {
    otherwise = to;
  };
  const writes = (by: typeof write): void => {
    write = by;
  };
  return {
    url,
    shown,
    takes,
    says,
    writes,
    [Symbol.asyncDispose]: async () => void server.close().closeAllConnections(),
  };
}

/** Emma has signed in and left `rt-0`. */
function desk(url: string, folder: string, per: OAuthConfig['per'] = 'principal') {
  const config: OAuthConfig = {
    ...{ name: 'mail', per, scope: undefined, resource: undefined, secondsMax: undefined, revoke: false },
    issuer: { kind: 'written', tokenUrl: `${url}/token`, revocationUrl: undefined, authorizeUrl: `${url}/a` },
    ...{ clientId: 'c', clientSecret: undefined, clientMetadataUrl: undefined },
  };
  const redirectUri = (): string => 'http://127.0.0.1:7420/oauth/connected';
  const client = createOAuthClient('mail', config, { now, registrations: openRegistrations(folder), redirectUri });
  const tokens = openRefreshTokens(folder);
  const needed = createSignInsNeeded(() => 'http://127.0.0.1:7420/oauth/connect', now);
  const source = oauthSource(config, { now, client, tokens, needed, effects: openRevocationEffects(folder) });
  const of = { principal: 'user:emma', issuer: `${url}/token`, clientId: 'c', scope: undefined };
  tokens.write('mail', { ...of, refreshToken: 'rt-0', signedInAt: 1 });
  const mint = async (lease: string, signal = never): Promise<string> => {
    const want = { lease: `l_${lease}` as const, principal: 'user:emma', action: undefined, forTask: true, until: 2e9 };
    const minted = await source.mint(want, signal);
    return minted.ok ? minted.value.secret : minted.refusal.why;
  };
  /** As another process would find it. */
  const kept = (): string | undefined => openRefreshTokens(folder).read('mail', 'user:emma')?.refreshToken;
  return { source, mint, kept, tokens };
}

test('a refresh token that came while nothing could be written is the one that is used, and is written as soon as it can be', async () => {
  using folder = temporaryFolder();
  await using issuer = await startStrictIssuer();
  const { source, mint, kept } = desk(issuer.url, folder.path);
  const [file] = readdirSync(folder.path).filter(name => name.endsWith('.refresh'));
  const inTheWay = join(folder.path, `${file}.new`);
  mkdirSync(inTheWay);
  assert.equal(await mint('a'), 'at-1');
  assert.equal(kept(), 'rt-0');
  source.turnedAway?.('user:emma', { status: 401, error: undefined, scope: undefined });
  assert.equal(await mint('b'), 'at-2', 'the one that is used up is not shown again');
  rmdirSync(inTheWay);
  await until('it is on disk', () => kept() === 'rt-2');
  assert.deepEqual(issuer.shown, ['rt-0', 'rt-1']);
});

test('a gateway that stops does not wait for a token of its own', async () => {
  using folder = temporaryFolder();
  await using issuer = await startStrictIssuer();
  const { mint } = desk(issuer.url, folder.path, 'client');
  issuer.takes(5_000);
  const begun = performance.now();
  assert.equal(await mint('a', AbortSignal.timeout(100)), 'its issuer did not answer in time');
  assert.ok(performance.now() - begun < 2_000);
});

test('a refresh token is kept whatever else is wrong with the answer that it came in', async () => {
  using folder = temporaryFolder();
  await using issuer = await startStrictIssuer();
  const { mint, kept } = desk(issuer.url, folder.path);
  issuer.says({ token_type: undefined });
  assert.equal(await mint('a'), 'its issuer answered with a token of a type that was not asked for');
  assert.equal(kept(), 'rt-1');
  issuer.says({ access_token: 'no\nheader' });
  assert.equal(await mint('b'), 'its issuer answered without a token that a header can carry');
  assert.equal(kept(), 'rt-2');
  issuer.says({ refresh_token: '', access_token: undefined });
  await mint('c');
  assert.equal(kept(), 'rt-2', 'an empty one is none');
  assert.deepEqual(issuer.shown, ['rt-0', 'rt-1', 'rt-2']);
});

const unreadable = 'its issuer answered with what is no JSON object, or what two readers could read differently';

test('a refresh token is kept of an answer that counts for nothing else, since two readers could read it differently', async () => {
  using folder = temporaryFolder();
  await using issuer = await startStrictIssuer();
  const { mint, kept } = desk(issuer.url, folder.path);
  const strange = ['"scope":"a","scope":"b"', '"__proto__":{}', '"id":12345678901234567890', '"name":"\\ud800"'];
  for (const [at, members] of strange.entries()) {
    issuer.writes(answer => `{${members},${JSON.stringify(answer).slice(1)}`);
    assert.equal(await mint(`${at}`), unreadable, members);
    assert.equal(kept(), `rt-${at + 1}`, members);
  }
  issuer.writes(JSON.stringify);
  assert.equal(await mint('whole'), 'at-5');
});

for (const text of [
  '',
  'null',
  '"refresh_token"',
  '[{"refresh_token":"x"}]',
  '{"refresh_token":"x","refresh_token":7}',
])
  test(`an answer without a refresh token leaves the one that is there: ${text}`, async () => {
    using folder = temporaryFolder();
    await using issuer = await startStrictIssuer();
    const { mint, kept } = desk(issuer.url, folder.path);
    issuer.writes(() => text);
    assert.deepEqual([await mint('a'), kept()], [unreadable, 'rt-0']);
  });

test('a file that was damaged costs its person a sign-in, and nobody anything else', async () => {
  using folder = temporaryFolder();
  await using issuer = await startStrictIssuer();
  const { source, mint, tokens } = desk(issuer.url, folder.path);
  const [name = ''] = readdirSync(folder.path).filter(file => file.endsWith('.refresh'));
  const whole = readFileSync(join(folder.path, name), 'utf8');
  tokens.write('mail', { ...JSON.parse(whole), principal: 'user:lee' });
  for (const text of ['', whole.slice(0, 40), 'null', '[]']) {
    writeFileSync(join(folder.path, name), text);
    assert.equal(await mint(text), 'it needs a sign-in: nobody has signed in for it yet', text);
    assert.deepEqual(
      source.signedIn?.().map(({ principal }) => principal),
      ['user:lee'],
      text,
    );
  }
  tokens.write('mail', JSON.parse(whole));
  assert.equal(await mint('again'), 'at-1');
});

test('an issuer that answers after nobody waits any more has given a refresh token in the place of another: it is kept', async () => {
  using folder = temporaryFolder();
  await using issuer = await startStrictIssuer();
  const { source, mint, kept } = desk(issuer.url, folder.path);
  issuer.takes(2_500);
  const first = mint('a', AbortSignal.timeout(100));
  const queued = mint('b', AbortSignal.timeout(100));
  assert.equal(await first, 'at-1', 'whoever gave up ends it when it comes');
  assert.equal(kept(), 'rt-1');
  assert.equal(await queued, 'at-1');
  source.turnedAway?.('user:emma', { status: 401, error: undefined, scope: undefined });
  issuer.takes(0);
  assert.equal(await mint('c', AbortSignal.abort()), 'its issuer did not answer in time');
  assert.equal(await mint('d'), 'at-2');
  assert.deepEqual(issuer.shown, ['rt-0', 'rt-1']);
});
