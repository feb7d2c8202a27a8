import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { discoverResource, discoverServer, readChallenge } from './discover.ts';
import { askOutside, requireNamedBy } from './outside-json.ts';

const none = { scheme: '', error: undefined, scope: undefined, metadata: undefined };

const interfaces = Object.values(networkInterfaces()).flatMap(each => each ?? []);

test('C-5 a server elsewhere cannot send us to an address on this machine, nor to one that is not https', () => {
  for (const url of [
    'http://127.0.0.1:7420/x',
    'https://localhost/x',
    'http://[::1]/x',
    'https://127.9.9.9/',
    'https://a.localhost/',
    'https://localhost./',
    'https://[::ffff:7f00:1]/',
    'https://[::ffff:127.0.0.1]:7420/',
    'https://[::7f00:1]/',
    'https://0x7f.1/',
    'https://0.0.0.0/',
    'https://[::]/',
    ...interfaces.map(({ address, family }) => `https://${family === 'IPv6' ? `[${address}]` : address}/`),
  ])
    assert.throws(() => requireNamedBy(url, 'https://mcp.example/mcp'), /on this machine|not https/, url);
  for (const url of [
    'http://other.example/',
    'http://a.localhost/',
    'http://0.0.0.0/',
    'file:///etc/passwd',
    'javascript:0',
    'x',
  ])
    assert.throws(() => requireNamedBy(url, 'http://127.0.0.1:1/mcp'), /not https/, url);
  requireNamedBy('https://login.example/', 'https://mcp.example/mcp');
  requireNamedBy('http://127.0.0.1:2/', 'http://127.0.0.1:1/mcp');
});

test('C-5 metadata of another resource, and a server that calls itself otherwise, are refused', async () => {
  let answers: Readonly<Record<string, object>> = {};
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? ''];
    response.writeHead(answer === undefined ? 404 : 200).end(answer === undefined ? '' : JSON.stringify(answer));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const resource = '/.well-known/oauth-protected-resource/mcp';
  try {
    answers = { [resource]: { resource: 'https://bank.example/mcp', authorization_servers: [origin] } };
    await assert.rejects(discoverResource(`${origin}/mcp`, none), /of another resource/);
    answers = { [resource]: { resource: `${origin}/mcp`, authorization_servers: [origin] } };
    const found = await discoverResource(`${origin}/mcp`, none);
    assert.equal(found.issuer, origin);
    answers = { '/.well-known/oauth-authorization-server': { issuer: `${origin}/`, token_endpoint: `${origin}/t` } };
    await assert.rejects(discoverServer(found), /by another name/);
    answers = { '/.well-known/oauth-authorization-server': { issuer: origin, token_endpoint: 'http://10.0.0.1/t' } };
    await assert.rejects(discoverServer(found), /not https/);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('C-5 an answer without end is cut off, and is none', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200);
    const pour = (): void => void (response.writable && response.write('x'.repeat(64 * 1024), pour));
    pour();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  try {
    const { body } = await askOutside(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    assert.equal(body, undefined);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('a challenge is read whatever stands around it', () => {
  const headers = new Headers({
    'www-authenticate': 'Bearer error="insufficient_scope", scope="a b", resource_metadata="https://x/y"',
  });
  assert.deepEqual(readChallenge(headers), {
    ...{ scheme: 'bearer', error: 'insufficient_scope', scope: 'a b', metadata: 'https://x/y' },
  });
});
