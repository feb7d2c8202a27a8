import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { sendRaw } from '@sallyport/testkit/scenarios/raw-http.ts';
import { type Listener, type ListenLimits, listen } from './listener.ts';
import { createRouter } from './router.ts';

async function open(limits: Partial<ListenLimits> = {}): Promise<Listener & AsyncDisposable> {
  const router = createRouter();
  router.exact('/ok', ({ res }) => void res.end('fine'));
  router.exact('/throws', () => {
    throw new Error('secret-canary');
  });
  router.exact('/never', () => {});
  const options = { address: '127.0.0.1', port: 0, hosts: ['Gateway.Example:1'], origins: [], router };
  const listener = await listen({ ...options, limits: { closeMillisMax: 50, ...limits } });
  return { ...listener, [Symbol.asyncDispose]: listener.close };
}

const get = (path: string, host: string): Buffer => Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);

test('configured hosts are answered to, in any case', async () => {
  await using listener = await open();
  const { responses } = await sendRaw(listener.port, get('/ok', 'gateway.EXAMPLE:1'));
  assert.deepEqual([responses[0]?.status, responses[0]?.body], [200, 'fine']);
});

test('G-4 what a handler throws is never shown', async () => {
  await using listener = await open();
  const { responses } = await sendRaw(listener.port, get('/throws', `127.0.0.1:${listener.port}`));
  assert.equal(responses[0]?.status, 500);
  assert.doesNotMatch(`${responses[0]?.head}${responses[0]?.body}`, /canary/);
});

test('a head that does not arrive is given up', async () => {
  await using listener = await open({ headersMillisMax: 100, requestMillisMax: 200 });
  const { responses } = await sendRaw(listener.port, Buffer.from('GET /ok HTTP/1.1\r\nHost: 127.'));
  assert.equal(responses[0]?.status, 408);
  assert.match(responses[0]?.body ?? '', /"code":"request-timeout"/);
});

test('closing waits no longer than it may for an exchange that never ends', async () => {
  const listener = await open();
  const socket = connect(listener.port, '127.0.0.1');
  socket.write(get('/never', `127.0.0.1:${listener.port}`));
  const closed = new Promise(resolve => socket.on('close', resolve));
  socket.on('error', () => {});
  await new Promise(resolve => socket.on('connect', resolve));
  await listener.close();
  await closed;
});

test('a port that is taken is an error, not a second listener', async () => {
  await using listener = await open();
  const router = createRouter();
  const again = listen({ address: '127.0.0.1', port: listener.port, hosts: [], origins: [], router });
  await assert.rejects(again, /EADDRINUSE/);
});
