import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { isReturnAddress } from '../identity/return-address.ts';
import { createPeopleClients } from './people-clients.ts';

const back = 'https://vendor.example/callback';

/** What is found about the client whose document is answered so. */
async function found(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  try {
    const clientId = `http://127.0.0.1:${(server.address() as AddressInfo).port}/client.json`;
    const proof = { kind: 'vendor', clientId, redirectUris: undefined } as const;
    const clients = createPeopleClients({ agents: [{ id: 'assistant', proofs: [proof] }] as never, now: Date.now });
    const client = await clients.find(clientId).catch((thrown: Error) => thrown.message);
    return typeof client === 'string' ? client : `${client.name} ${client.redirectUris.join(' ')}`;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const document =
  (over: object): RequestListener =>
  ({ headers }, res) =>
    void res.end(JSON.stringify({ client_id: `http://${headers.host}/client.json`, redirect_uris: [back], ...over }));

describe('the document of a client that publishes itself', () => {
  test('says its name and where its sign-ins lead', async () => {
    assert.equal(await found(document({ client_name: 'A vendor' })), `A vendor ${back}`);
  });

  test('D-3 one that lies, asks for more or leads elsewhere is refused, each for its own reason', async () => {
    const wrong: [object, RegExp][] = [
      [{ client_id: 'https://bank.example/client.json' }, /names another client/],
      [{ client_secret: 's' }, /holds a secret/],
      [{ token_endpoint_auth_method: 'client_secret_post' }, /another way to prove itself/],
      [{ redirect_uris: [] }, /no address to return to/],
      [{ redirect_uris: [7] }, /no address to return to/],
      [{ redirect_uris: [back, 'javascript:alert(1)'] }, /no sign-in may lead/],
      [{ redirect_uris: ['http://vendor.example/callback'] }, /no sign-in may lead/],
      [{ more: 'x'.repeat(6 * 1024) }, /could not be had/],
    ];
    for (const [over, reason] of wrong) assert.match(await found(document(over)), reason);
    assert.match(await found((_req, res) => void res.end('{"client_id":1,"client_id":2}')), /not strict JSON/);
  });

  test('C-5 a redirect is not followed, whether or not it stays there', async () => {
    const asked: (string | undefined)[] = [];
    const moved: RequestListener = (req, res) => {
      asked.push(req.url);
      if (req.url === '/elsewhere.json') return document({})(req, res);
      res.writeHead(302, { location: '/elsewhere.json' }).end();
    };
    assert.match(await found(moved), /could not be had/);
    assert.deepEqual(asked, ['/client.json']);
  });
});

test('D-3 where a client’s sign-ins lead is read anew before long: an address that it took out is none', async () => {
  const clientId = 'https://vendor.example/client.json';
  let [now, redirects] = [0, [back, `${back}/old`]];
  const clients = createPeopleClients({
    agents: [{ id: 'assistant', proofs: [{ kind: 'vendor', clientId, redirectUris: undefined }] }] as never,
    now: () => now,
    fetch: async () => JSON.stringify({ client_id: clientId, redirect_uris: redirects }),
  });
  assert.deepEqual((await clients.find(clientId)).redirectUris, [back, `${back}/old`]);
  redirects = [back];
  now = 3_600_000;
  assert.deepEqual((await clients.find(clientId)).redirectUris, [back]);
});

test('a sign-in leads to the web over TLS, to this machine, or to a program of its own scheme', () => {
  for (const good of [back, 'http://127.0.0.1/cb', 'http://[::1]:5/cb', 'com.example.app:/cb', 'cursor://auth/cb'])
    assert.equal(isReturnAddress(good), true, good);
  const bad = ['javascript:alert(1)', 'data:text/html,x', 'http://vendor.example/cb', `${back}#x`, `${back}#`, '/cb'];
  for (const wrong of [...bad, 'https://a@vendor.example/cb', 'https://x;script-src/cb', 'file:///etc/passwd', ''])
    assert.equal(isReturnAddress(wrong), false, wrong);
});
