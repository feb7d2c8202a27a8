import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Acted } from '@sallyport/core/model/acted.ts';
import { freePort } from '@sallyport/testkit/free-port.ts';
import { Browser, type Visited } from '@sallyport/testkit/identity/browser.ts';
import { type House, openHouse } from '@sallyport/testkit/identity/house.ts';
import { startProvider, type TestProvider } from '@sallyport/testkit/identity/provider.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { decodeJwt } from 'jose';
import * as client from 'openid-client';

/** A person's client from its first request to its tokens: `openid-client` on our side, `oidc-provider` on the other. */

const redirectUri = 'http://127.0.0.1:6123/callback';
let vendorUrl = '';
const vendor = createServer((_req, res) => {
  const document = { client_id: `${vendorUrl}/client.json`, client_name: 'A vendor <b>', redirect_uris: [redirectUri] };
  res.end(JSON.stringify(document));
});

const agents = () => `
agents:
  desk: { principal: "user:emma", proofs: { vendor: { clientId: "${vendorUrl}/client.json" } } }
  plain: { principal: "user:emma", proofs: { vendor: { clientId: known-client, redirectUris: ["${redirectUri}"] } } }
`;

const folders = [temporaryFolder(), temporaryFolder()] as const;
let provider: TestProvider;
let signedIn: House;
let alone: House;

before(async () => {
  await new Promise<void>(resolve => vendor.listen(0, '127.0.0.1', resolve));
  vendorUrl = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
  // The provider has to know our address before we have one.
  const port = await freePort();
  provider = await startProvider(`http://127.0.0.1:${port}/oauth/callback`);
  writeFileSync(join(folders[0].path, 'secret'), provider.clientSecret);
  const people = `people: { issuer: "${provider.url}", clientId: ${provider.clientId}, clientSecretFile: ./secret, roles: { viewer: ["group:finance"], admin: [root@example.com] } }`;
  signedIn = await openHouse(folders[0].path, `${people}\n${agents()}`, undefined, port);
  alone = await openHouse(folders[1].path, agents());
});
after(async () => {
  await Promise.all([signedIn, alone].map(house => house[Symbol.asyncDispose]()));
  await provider.close();
  vendor.closeAllConnections();
  await new Promise(resolve => vendor.close(resolve));
  for (const folder of folders) folder[Symbol.dispose]();
});

interface Started {
  readonly config: client.Configuration;
  readonly url: URL;
  readonly verifier: string;
  readonly state: string;
}

async function begin(house: House, clientId: string, more: Record<string, string> = {}): Promise<Started> {
  const config = await client.discovery(new URL(house.issuer), clientId, undefined, client.None(), {
    algorithm: 'oauth2',
    execute: [client.allowInsecureRequests],
  });
  const [verifier, state] = [client.randomPKCECodeVerifier(), client.randomState()];
  const url = client.buildAuthorizationUrl(config, {
    ...{ redirect_uri: redirectUri, state, resource: `${house.url}/mcp/notes`, code_challenge_method: 'S256' },
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    ...more,
  });
  return { config, url, verifier, state };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function atProvider(browser: Browser, url: URL, name: string, stopAt?: string): Promise<Visited> {
  const login = await browser.open(url.href);
  const agreeing = await browser.submit(login, { prompt: 'login', login: name, password: 'x' });
  return browser.submit(agreeing, { prompt: 'consent' }, stopAt);
}

async function redeem({ config, verifier, state }: Started, returned: string) {
  return client.authorizationCodeGrant(config, new URL(returned), { pkceCodeVerifier: verifier, expectedState: state });
}

describe('with a provider', () => {
  test('a person signs in, agrees, and the client acts for them until it is told not to', async () => {
    const started = await begin(signedIn, `${vendorUrl}/client.json`);
    const browser = new Browser();
    const page = await atProvider(browser, started.url, 'emma');
    assert.match(page.text, /act as the agent desk/);
    assert.match(page.text, /emma@example.com/);
    assert.doesNotMatch(page.text, /<b>/, 'what the client calls itself became markup');
    // A page whose forms come without their origin could not be agreed to in any browser.
    assert.equal(page.headers.get('referrer-policy'), 'same-origin');
    assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/);
    const back = await browser.submit(page, { answer: 'allow' }, redirectUri);
    const tokens = await redeem(started, back.url);
    const claims = decodeJwt(tokens.access_token);
    assert.deepEqual(
      [claims.sub, claims.agent, claims.aud],
      ['user:emma@example.com', 'desk', `${signedIn.url}/mcp/notes`],
    );
    assert.equal((await signedIn.call(bearer(tokens.access_token))).status, 200);

    const fresh = await client.refreshTokenGrant(started.config, tokens.refresh_token ?? '');
    assert.equal((await signedIn.call(bearer(fresh.access_token))).status, 200);
    // The one before is used up; its second use ends all that came of this sign-in.
    await assert.rejects(
      client.refreshTokenGrant(started.config, tokens.refresh_token ?? ''),
      /invalid_grant|response/,
    );
    assert.equal((await signedIn.call(bearer(fresh.access_token))).status, 401);
    await assert.rejects(client.refreshTokenGrant(started.config, fresh.refresh_token ?? ''), client.ResponseBodyError);
  });

  test('somebody without a role gets nothing', async () => {
    const { url } = await begin(signedIn, 'known-client');
    const page = await atProvider(new Browser(), url, 'mallory').catch(thrown => thrown as Error);
    assert.match(page instanceof Error ? page.message : page.text, /no role here/);
  });

  test('a no is a no', async () => {
    const { url, state } = await begin(signedIn, 'known-client');
    const browser = new Browser();
    const back = await browser.submit(await atProvider(browser, url, 'emma'), { answer: 'refuse' }, redirectUri);
    const members = new URL(back.url).searchParams;
    assert.deepEqual(
      [members.get('error'), members.get('state'), members.get('iss')],
      ['access_denied', state, signedIn.issuer],
    );
    assert.equal(members.get('code'), null);
  });

  test('a page that another browser began is no use to this one', async () => {
    const { url } = await begin(signedIn, 'known-client');
    // The thief has the victim sign in at the provider, and would have what they agree to for itself.
    const thief = new Browser();
    const handedOn = await thief.open(url.href, provider.url);
    const page = await atProvider(new Browser(), new URL(handedOn.url), 'emma');
    assert.equal(page.status, 400);
    assert.match(page.text, /was begun in another browser\./);
  });

  test('into the console, by a link that works once', async () => {
    const browser = new Browser();
    const back = await atProvider(browser, new URL(`${signedIn.issuer}/sign-in`), 'emma', `${signedIn.url}/#`);
    const link = new URL(back.url).hash.slice(1);
    const redeemed = await fetch(`${signedIn.url}/api/v1/session`, {
      method: 'POST',
      headers: { authorization: `Bearer ${link}` },
    });
    const session = (await redeemed.json()) as { session?: { name: string; role: string } };
    assert.deepEqual([session.session?.name, session.session?.role], ['oidc:emma@example.com', 'viewer']);
  });

  test('what somebody does who signed in is recorded as theirs, with issuer and subject', async () => {
    const back = await atProvider(new Browser(), new URL(`${signedIn.issuer}/sign-in`), 'root', `${signedIn.url}/#`);
    const post = async <T>(path: string, authorization: string, body = {}): Promise<T> => {
      const headers = { authorization: `Bearer ${authorization}`, 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body: JSON.stringify(body) };
      const answer = await fetch(`${signedIn.url}/api/v1/${path}`, init);
      assert.ok(answer.ok, `${path}: ${answer.status}`);
      return (await answer.json()) as T;
    };
    const { session } = await post<{ session: { token: string } }>('session', new URL(back.url).hash.slice(1));
    const act = <T>(path: string, body = {}): Promise<T> => post<T>(path, session.token, body);
    await act('kill', { scope: 'agent:desk', why: 'a drill' });
    await act('unkill', { scope: 'agent:desk' });
    await act('modes', { scope: 'agent:desk', mode: 'shadow' });
    await act('modes', { scope: 'agent:desk', mode: 'unset' });
    const { task } = await act<{ task: { id: string } }>('tasks', { agent: 'desk', purpose: 'tidy up' });
    await act(`tasks/${task.id}/suspend`);
    await act(`tasks/${task.id}/resume`);
    await act(`tasks/${task.id}/renew`);
    await act(`tasks/${task.id}/end`);
    await act(`tasks/${task.id}/erase`);
    writeFileSync(
      join(folders[0].path, 'notes.cedar'),
      '@id("everything") @reason("all is very well")\npermit (principal, action, resource);\n',
    );
    const { policy } = await signedIn.ask<{ policy: { candidate?: { digest: string } } }>('policy');
    await act('policy/activate', { digest: policy.candidate?.digest });
    await act('agents/desk/token');
    await act('agents/desk/revoke');

    const { entries } = await signedIn.ask<{ entries: (Acted & { kind: string })[] }>('entries?limit=500');
    const byRoot = entries.filter(({ by }) => by === 'oidc:root@example.com');
    const stop = ['killed', 'killed', 'mode.set', 'mode.set'];
    const ofTask = ['task.opened', 'task.suspended', 'task.resumed', 'task.renewed', 'task.ended', 'erased'];
    assert.deepEqual(
      byRoot.map(({ kind }) => kind).filter(kind => kind !== 'agent.token'),
      [...stop, ...ofTask, 'world.activated'],
    );
    assert.ok(byRoot.filter(({ kind }) => kind === 'agent.token').length >= 2);
    for (const { proof, person } of byRoot)
      assert.deepEqual([proof, person], ['oidc', { issuer: provider.url, subject: 'root' }]);
  });

  test('on the command line, as any native client', async () => {
    const config = await begin(signedIn, 'sallyport-cli', { redirect_uri: 'http://127.0.0.1:7777/callback' });
    const browser = new Browser();
    const page = await atProvider(browser, config.url, 'emma');
    const back = await browser.submit(page, { answer: 'allow' }, 'http://127.0.0.1:7777/');
    const tokens = await redeem(config, back.url);
    assert.equal(tokens.scope, 'role:viewer');
    const get = (path: string, init: object = {}) =>
      fetch(`${signedIn.url}/api/v1/${path}`, {
        ...init,
        headers: { ...bearer(tokens.access_token), 'content-type': 'application/json' },
      });
    assert.equal((await get('status')).status, 200);
    assert.equal((await get('kill', { method: 'POST', body: '{"scope":"all"}' })).status, 403);
    assert.equal((await signedIn.call(bearer(tokens.access_token))).status, 401);
  });
});

describe('without one, the operator agrees with a one-time code', () => {
  async function code(role = 'admin'): Promise<string> {
    return (await alone.ask<{ link: string }>('session/link', { role })).link;
  }

  async function agreed(started: Started, withCode: string): Promise<Visited> {
    const browser = new Browser();
    return browser.submit(await browser.open(started.url.href), { answer: 'allow', code: withCode }, redirectUri);
  }

  test('and the agent acts for whom it is configured', async () => {
    const started = await begin(alone, 'known-client');
    const tokens = await redeem(started, (await agreed(started, await code())).url);
    assert.equal(decodeJwt(tokens.access_token).sub, 'user:emma');
    assert.equal((await alone.call(bearer(tokens.access_token))).status, 200);
  });

  test('bound to a key of the client, as is what it is refreshed with', async () => {
    const started = await begin(alone, 'known-client');
    const back = (await agreed(started, await code())).url;
    const DPoP = client.getDPoPHandle(started.config, await client.randomDPoPKeyPair('ES256'));
    const options = { pkceCodeVerifier: started.verifier, expectedState: started.state };
    const tokens = await client.authorizationCodeGrant(started.config, new URL(back), options, undefined, { DPoP });
    assert.equal(tokens.token_type, 'dpop');
    assert.equal((await alone.call(bearer(tokens.access_token))).status, 401);
    const resource = new URL(`${alone.url}/mcp/notes`);
    const headers = new Headers({ 'content-type': 'application/json', accept: 'application/json, text/event-stream' });
    const ask = () =>
      client.fetchProtectedResource(started.config, tokens.access_token, resource, 'POST', '{}', headers, { DPoP });
    assert.equal((await ask()).status, 400, 'the proof held, and the message is none');
    const refresh = tokens.refresh_token ?? '';
    const thief = client.getDPoPHandle(started.config, await client.randomDPoPKeyPair('ES256'));
    await assert.rejects(
      client.refreshTokenGrant(started.config, refresh, undefined, { DPoP: thief }),
      client.ResponseBodyError,
    );
    const fresh = await client.refreshTokenGrant(started.config, refresh, undefined, { DPoP });
    assert.equal(fresh.token_type, 'dpop');
  });

  test('a wrong code, a used one, one for somebody who may only look', async () => {
    const used = await code();
    const first = await begin(alone, 'known-client');
    assert.match((await agreed(first, used)).url, /code=/);
    for (const bad of ['spl_wrong', used, await code('viewer'), ''])
      assert.match((await agreed(await begin(alone, 'known-client'), bad)).text, /Nothing was granted/);
  });

  test('an authorization code counts once, for its client, its address and its verifier', async () => {
    const started = await begin(alone, 'known-client');
    const back = (await agreed(started, await code())).url;
    await assert.rejects(
      redeem({ ...started, verifier: client.randomPKCECodeVerifier() }, back),
      client.ResponseBodyError,
    );
    await assert.rejects(redeem(started, back), client.ResponseBodyError, 'it counted after a wrong verifier');
    const again = await begin(alone, 'known-client');
    const other = (await agreed(again, await code())).url;
    const tokens = await redeem(again, other);
    assert.equal((await alone.call(bearer(tokens.access_token))).status, 200);
    await assert.rejects(redeem(again, other), client.ResponseBodyError);
    assert.equal((await alone.call(bearer(tokens.access_token))).status, 401, 'what a copied code gave still counts');
  });
});

describe('what is refused before anybody is asked', () => {
  test('C-5 unknown clients and foreign addresses, on a page and nowhere else', async () => {
    for (const [clientId, uri] of [
      ['https://elsewhere.example/client.json', redirectUri],
      ['known-client', 'https://evil.example/callback'],
      ['known-client', `${redirectUri}/more`],
      ['known-client', 'http://127.0.0.1:6123/callback?x=1'],
      ['known-client', 'javascript:alert(1)'],
      ['plain', redirectUri],
    ] as const) {
      const { url } = await begin(alone, clientId, { redirect_uri: uri });
      const page = await new Browser().open(url.href, 'nowhere:');
      assert.equal(page.status >= 400, true, clientId);
      assert.match(page.text, /Nothing was granted/);
    }
  });

  test('another port of this machine is the same native client', async () => {
    const { url } = await begin(alone, 'known-client', { redirect_uri: 'http://127.0.0.1:50001/callback' });
    assert.equal((await new Browser().open(url.href)).status, 200);
  });

  test('what the client may be told it is told, with the issuer', async () => {
    for (const [more, error] of [
      [{ code_challenge_method: 'plain' }, 'invalid_request'],
      [{ code_challenge: '' }, 'invalid_request'],
      [{ response_type: 'token' }, 'unsupported_response_type'],
      [{ scope: 'tools:everything' }, 'invalid_scope'],
      [{ resource: 'https://evil.example/mcp' }, 'invalid_target'],
      [{ request: 'x' }, 'invalid_request'],
    ] as const) {
      const { url, state } = await begin(alone, 'known-client', more as Record<string, string>);
      const back = new URL((await new Browser().open(url.href, redirectUri)).url).searchParams;
      assert.deepEqual(
        [back.get('error'), back.get('iss'), back.get('state')],
        [error, alone.issuer, state],
        JSON.stringify(more),
      );
    }
  });
});
