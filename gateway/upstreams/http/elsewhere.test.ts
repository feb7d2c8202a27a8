import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { httpUpstream, temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { startHttpUpstream } from '@sallyport/testkit/upstream/http.ts';
import { startRig, textOf } from '@sallyport/testkit/upstream/rig.ts';

const secret = 'tok_canary_c3c4';

/** A server that answers everything with `status` and notes who came. */
async function startListener(status: number, headers: Readonly<Record<string, string>> = {}) {
  const came: string[] = [];
  const server = createServer((request, response) => {
    came.push(JSON.stringify([request.method, request.url, request.headers]));
    response.writeHead(status, headers).end('{}');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, came, [Symbol.asyncDispose]: async () => void server.close() };
}

test('C-3 a server that redirects is not followed, wherever to, and its credential goes nowhere else', async () => {
  using folder = temporaryFolder();
  writeFileSync(folder.file('token'), `Bearer ${secret}\n`);
  await using elsewhere = await startListener(200);
  for (const status of [301, 302, 303, 307, 308]) {
    await using first = await startListener(status, { location: `${elsewhere.url}/latest/meta-data` });
    await using rig = await startRig({
      servers: [httpUpstream('s', `${first.url}/mcp`, { Authorization: { file: folder.file('token') } })],
      stateDir: folder.path,
    });
    // It was asked what it offers, and answered with a place to go to instead.
    assert.ok(first.came.length > 0 && first.came.every(request => request.includes(secret)), `${status}`);
    assert.deepEqual(rig.discovery.catalogue().servers.size, 0);
  }
  assert.deepEqual(elsewhere.came, []);
});

test('C-4 proxies that the environment names are not used', async () => {
  using folder = temporaryFolder();
  await using proxy = await startListener(502);
  await using http = await startHttpUpstream({});
  const names = [
    'HTTP_PROXY',
    'http_proxy',
    'HTTPS_PROXY',
    'https_proxy',
    'ALL_PROXY',
    'all_proxy',
    'NODE_USE_ENV_PROXY',
  ];
  const before = names.map(name => process.env[name]);
  for (const name of names) process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : proxy.url;
  try {
    await using rig = await startRig({ servers: [httpUpstream('s', http.url)], stateDir: folder.path });
    assert.equal(textOf(await rig.call({ server: 's', tool: 'echo', input: '{"text":"straight"}' })), 'straight');
  } finally {
    for (const [at, name] of names.entries()) {
      const value = before[at];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
  assert.deepEqual(proxy.came, []);
});

test('a server that asks to wait is heard: how long stands in why it is down, and nothing else that it says', async () => {
  using folder = temporaryFolder();
  const date = 'Wed, 21 Oct 2026 07:28:00 GMT';
  for (const [header, why] of [
    ['30', 'HTTP 503 without an answer; it asks to wait 30 s'],
    [date, `HTTP 503 without an answer; it asks to wait until ${date}`],
    ['tomorrow, says bob', 'HTTP 503 without an answer'],
  ] as const) {
    await using busy = await startListener(503, { 'retry-after': header });
    await using rig = await startRig({ servers: [httpUpstream('s', `${busy.url}/mcp`)], stateDir: folder.path });
    assert.equal(rig.discovery.servers()[0]?.why, why);
  }
});
