import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFakeTerminal } from '@sallyport/testkit/fakes/terminal.ts';
import { freePort } from '@sallyport/testkit/free-port.ts';
import { Browser } from '@sallyport/testkit/identity/browser.ts';
import { openHouse } from '@sallyport/testkit/identity/house.ts';
import { startProvider } from '@sallyport/testkit/identity/provider.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { openApi } from './api.ts';
import { readLogin, removeLogin, signIn, writeLogin } from './login.ts';
import { main } from './main.ts';

test('a sign-in is kept on a machine where no gateway ever ran', () => {
  using folder = temporaryFolder();
  const state = join(folder.path, 'state', 'sallyport');
  const login = { url: 'https://gateway.example', token: 'spp_x', role: 'viewer', expiresAt: Date.now() + 60_000 };
  writeLogin(state, login);
  assert.deepEqual(readLogin(state), login);
  assert.equal(statSync(state).mode & 0o777, 0o700);
});

test('where no provider is configured nobody is waited for', async () => {
  using folder = temporaryFolder();
  await using house = await openHouse(folder.path, '', undefined, await freePort());
  const terminal = createFakeTerminal({ signal: AbortSignal.timeout(10_000) });
  assert.equal(await main(['login', '--url', house.url, '--state', join(folder.path, 'mine')], terminal), 1);
  assert.match(terminal.stderr(), /^sallyport: nobody can sign in at this gateway: .*\n {2}.*`people`.*operator's key/);
  assert.doesNotMatch(terminal.stderr(), /Open this page/);
});

test('an address that is none is named, and how one looks', async () => {
  for (const url of ['nonsense', 'ftp://x']) {
    const terminal = createFakeTerminal();
    assert.equal(await main(['login', '--url', url], terminal), 2);
    assert.equal(
      terminal.stderr(),
      `sallyport: --url ${url} is no address of a gateway\n  For instance: --url https://gateway.example.com\n`,
    );
  }
});

test('a person signs in from the command line, and commands act with their role and no more', async () => {
  using folder = temporaryFolder();
  const port = await freePort();
  const provider = await startProvider(`http://127.0.0.1:${port}/oauth/callback`);
  writeFileSync(join(folder.path, 'secret'), provider.clientSecret);
  const people = `people: { issuer: "${provider.url}", clientId: ${provider.clientId}, clientSecretFile: ./secret, roles: { viewer: [emma@example.com] } }`;
  const house = await openHouse(folder.path, people, undefined, port);
  try {
    const browser = new Browser();
    const login = await signIn(house.url, url => {
      void (async () => {
        const page = await browser.open(url);
        const agreeing = await browser.submit(page, { prompt: 'login', login: 'emma', password: 'x' });
        await browser.submit(await browser.submit(agreeing, { prompt: 'consent' }), { answer: 'allow' });
      })();
    });
    assert.deepEqual([login.role, login.url], ['viewer', house.url]);
    // A state directory on which no gateway runs: the sign-in is what there is.
    using elsewhere = temporaryFolder();
    assert.throws(() => openApi(elsewhere.path), /no gateway is running/);
    writeLogin(elsewhere.path, login);
    const api = openApi(elsewhere.path);
    assert.equal((await api.get<{ status: { state: string } }>('status')).status.state, 'ready');
    const terminal = createFakeTerminal();
    assert.equal(await main(['whoami', '--state', elsewhere.path], terminal), 0);
    assert.match(
      terminal.stdout(),
      /^you are +oidc:emma@example\.com\nrole +viewer: may look .*\ngateway +http:\S+\nproof +a sign-in at it\nuntil +\S+ \S+, for 1[12] h/,
    );
    await assert.rejects(api.post('kill', { scope: 'all', why: '' }), /role|operator/);
    writeLogin(elsewhere.path, { ...login, expiresAt: Date.now() - 1 });
    assert.throws(() => openApi(elsewhere.path), /the sign-in at http:\S+ ran out at \d{4}-/);
    removeLogin(elsewhere.path);
  } finally {
    await house[Symbol.asyncDispose]();
    await provider.close();
  }
});
