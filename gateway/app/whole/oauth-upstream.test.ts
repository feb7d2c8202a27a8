import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort } from '@sallyport/testkit/free-port.ts';
import { Browser, type Visited } from '@sallyport/testkit/identity/browser.ts';
import { type House, openHouse } from '@sallyport/testkit/identity/house.ts';
import { startProvider } from '@sallyport/testkit/identity/provider.ts';
import { temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { type ProtectedUpstream, startProtectedUpstream } from '@sallyport/testkit/upstream/protected.ts';
import type { CredentialView } from '../../api/view/credential.ts';
import type { StatusView } from '../../api/view/status.ts';

/** A remote MCP server that wants tokens, with nothing but its address in the configuration; `oidc-provider` issues them. */

const tool = { name: 'read_note', inputSchema: { type: 'object', properties: {} } };
const folder = temporaryFolder();
let upstream: ProtectedUpstream;
let house: House;
let port: number;
let bearer: Record<string, string>;

const config = () => `
servers:
  remote: { url: "${upstream.url}", headers: { Authorization: { credential: remote, scheme: Bearer } } }
credentials:
  remote: { kind: oauth, per: principal }
agents:
  desk: { principal: "user:emma" }
  other: { principal: "user:paul" }
`;

before(async () => {
  upstream = await startProtectedUpstream({ tools: [tool] });
  port = await freePort();
  house = await openHouse(folder.path, config(), undefined, port);
  bearer = { authorization: `Bearer ${await house.secretOf('desk')}` };
});
after(async () => {
  await house[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

describe('a remote server without hand-written endpoints', () => {
  test('before anybody has signed in, the state says so and where', async () => {
    const { status } = await house.ask<{ status: StatusView }>('status');
    const link = `${house.url}/oauth/connect?credential=remote`;
    assert.deepEqual(status.credentials, [
      { name: 'remote', state: { state: 'needs-authorization', why: 'nobody has signed in for it yet', link } },
    ]);
    const page = await new Browser().open(link);
    assert.equal(page.status, 400);
    assert.match(page.text, /sallyport credentials authorize/, 'nobody here could say who that person is');
    assert.equal(upstream.asked.get('register'), undefined, 'it introduces itself when somebody wants to sign in');
  });

  test('an invitation leads to the server’s own authorization server and back, and the server is reached at once', async () => {
    const done = await signIn('user:emma');
    assert.match(done.text, /You have signed in/);
    assert.deepEqual([upstream.asked.get('register'), upstream.asked.get('token authorization_code')], [1, 1]);
    await until('the server is reached', async () => (await remote()).state === 'ready');
    await until('its tools can be decided on', async () => !(await house.call(bearer, '/mcp/remote')).refused);
    const shown = upstream.upstream.received.at(-1)?.headers.authorization ?? '';
    assert.match(shown, /^Bearer [\w-]+$/);
    assert.notEqual(shown, bearer.authorization, 'the agent’s own token went through');
    const { credentials } = await house.ask<{ credentials: CredentialView[] }>('credentials');
    assert.equal(credentials[0]?.signedIn?.[0]?.principal, 'user:emma');
    assert.equal(JSON.stringify(credentials).includes(shown.slice(7)), false);
  });

  test('a principal who has not signed in is not somebody who has', async () => {
    const paul = { authorization: `Bearer ${await house.secretOf('other')}` };
    const called = await house.call(paul, '/mcp/remote');
    assert.equal(called.refused, true);
    assert.match(called.text, /user:paul signs in at http/);
  });

  test('twenty tasks at once cost no more than one refresh, and no refresh token is ever shown twice', async () => {
    const before = upstream.asked.get('token refresh_token') ?? 0;
    const tasks = await Promise.all(Array.from({ length: 20 }, (_, n) => openTask(n)));
    const called = await Promise.all(
      tasks.map(token => house.call({ ...bearer, 'sallyport-task': token }, '/mcp/remote')),
    );
    assert.ok(
      called.every(({ refused }) => !refused),
      called.find(({ refused }) => refused)?.text,
    );
    assert.ok((upstream.asked.get('token refresh_token') ?? 0) - before <= 1);
    // `oidc-provider` ends everything when a refresh token that was rotated comes again (RFC 9700 §4.14.2).
    assert.equal(upstream.asked.get('refused refresh_token'), undefined);
  });

  test('R8 an issuer that ends the sign-in with a token costs one more sign-in, and no token of it is ended again', async () => {
    await restart();
    assert.match((await house.call(bearer, '/mcp/remote')).text, /needs a sign-in.*user:emma signs in at http/);
    await signIn('user:emma');
    assert.equal((await house.call(bearer, '/mcp/remote')).refused, false);
    assert.match((await remoteCredential()).state.note ?? '', /ends a whole sign-in with one token/);
  });

  test('a restart needs neither a sign-in nor another registration', async () => {
    await restart();
    assert.equal((await house.call(bearer, '/mcp/remote')).refused, false);
    assert.equal(upstream.asked.get('register'), 1);
  });

  async function restart(): Promise<void> {
    await house[Symbol.asyncDispose]();
    house = await openHouse(folder.path, config(), undefined, port);
  }

  test('a token that the server turns away is replaced once; after that a person is needed, and the tools stay', async () => {
    upstream.turnAwayWith = 'Bearer error="invalid_token"';
    for (let n = 0; n < 2; n++) assert.equal((await house.call(bearer, '/mcp/remote')).refused, true);
    const third = await house.call(bearer, '/mcp/remote');
    assert.match(third.text, /turns away the tokens.*user:emma signs in at http/);
    assert.equal((await remoteCredential()).state.state, 'needs-authorization');
    assert.match(await listed(), /read_note/);
    upstream.turnAwayWith = undefined;
    await signIn('user:emma');
    assert.equal((await house.call(bearer, '/mcp/remote')).refused, false);
  });

  test('a server that wants more scope is asked for it at the next sign-in', async () => {
    upstream.turnAwayWith = 'Bearer error="insufficient_scope", scope="notes notes.write"';
    assert.equal((await house.call(bearer, '/mcp/remote')).refused, true);
    upstream.turnAwayWith = undefined;
    const { state } = await remoteCredential();
    assert.equal(state.why, 'user:emma: its server wants more than it may: notes notes.write');
    const atIssuer = await new Browser().open(await invitation('user:emma'), `${upstream.issuer}/auth`);
    assert.match(new URL(atIssuer.url).searchParams.get('scope') ?? '', /notes\.write/);
    await signIn('user:emma');
  });

  test('C-6 a link works once, and an answer counts in the browser that was sent for it', async () => {
    const link = await invitation('user:emma');
    const victim = new Browser();
    const atIssuer = await new Browser().open(link, `${upstream.issuer}/auth`);
    assert.match((await victim.open(link)).text, /used already/);
    const state = new URL(atIssuer.url).searchParams.get('state');
    const back = await victim.open(`${house.url}/oauth/connected?code=x&state=${state}&iss=${upstream.issuer}`);
    assert.match(back.text, /begun in another browser/);
  });

  test('who was thrown out by the issuer is said to have to sign in, with a link, and the tools stay', async () => {
    upstream.revokeAll();
    const token = await openTask(99);
    const called = await house.call({ ...bearer, 'sallyport-task': token }, '/mcp/remote');
    assert.match(called.text, /needs a sign-in.*user:emma signs in at http:\/\/127\.0\.0\.1:\d+\/oauth\/connect/);
    assert.equal((await remoteCredential()).state.state, 'needs-authorization');
    assert.match(await listed(), /read_note/);
  });
});

test('where a provider says who people are, the link of the state is enough', async () => {
  using place = temporaryFolder();
  const own = await freePort();
  const provider = await startProvider(`http://127.0.0.1:${own}/oauth/callback`);
  writeFileSync(join(place.path, 'secret'), provider.clientSecret);
  const people = `people: { issuer: "${provider.url}", clientId: ${provider.clientId}, clientSecretFile: ./secret, roles: { viewer: ["group:finance"] } }`;
  const second = await openHouse(place.path, `${people}\n${config()}`, undefined, own);
  try {
    const browser = new Browser();
    const login = await browser.open(`${second.url}/oauth/connect?credential=remote`);
    assert.ok(login.url.startsWith(provider.url), 'first it is asked who this is');
    const agreeing = await browser.submit(login, { prompt: 'login', login: 'emma', password: 'x' });
    const upstreams = await browser.submit(agreeing, { prompt: 'consent' });
    assert.ok(upstreams.url.startsWith(upstream.issuer));
    const there = await browser.submit(upstreams, { prompt: 'login', login: 'e.mm.a', password: 'x' });
    const done = await browser.submit(there, { prompt: 'consent' });
    assert.match(done.text, /You have signed in.*user:emma@example\.com/s);
    const { credentials } = await second.ask<{ credentials: CredentialView[] }>('credentials');
    assert.deepEqual(
      credentials[0]?.signedIn?.map(({ principal }) => principal),
      ['user:emma@example.com'],
    );
    // Whoever has no role here gets nowhere.
    const stranger = new Browser();
    const other = await stranger.open(`${second.url}/oauth/connect?credential=remote`);
    const refused = await stranger.submit(other, { prompt: 'login', login: 'mallory', password: 'x' });
    assert.match((await stranger.submit(refused, { prompt: 'consent' })).text, /no role here/);
  } finally {
    await second[Symbol.asyncDispose]();
    await provider.close();
  }
});

async function invitation(principal: string): Promise<string> {
  const { signIn: begun } = await house.ask<{ signIn: { url: string } }>('credentials/remote/authorize', { principal });
  return begun.url;
}

async function signIn(principal: string): Promise<Visited> {
  const browser = new Browser();
  const login = await browser.open(await invitation(principal));
  const agreeing = await browser.submit(login, { prompt: 'login', login: principal, password: 'x' });
  return await browser.submit(agreeing, { prompt: 'consent' });
}

async function openTask(n: number): Promise<string> {
  const order = { agent: 'desk', purpose: `read note ${n}` };
  return (await house.ask<{ token: string }>('tasks', order)).token;
}

async function remote() {
  const { status } = await house.ask<{ status: StatusView }>('status');
  return status.servers.find(({ id }) => id === 'remote') ?? assert.fail('there is no such server');
}

async function remoteCredential(): Promise<CredentialView> {
  const { credentials } = await house.ask<{ credentials: CredentialView[] }>('credentials');
  return credentials[0] ?? assert.fail('there is no credential');
}

async function listed(): Promise<string> {
  return JSON.stringify(await house.ask('tools'));
}
