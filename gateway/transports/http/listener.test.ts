import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { sendRaw } from '@sallyport/testkit/scenarios/raw-http.ts';
import { httpFault } from './fault.ts';
import { type Listener, type ListenLimits, listen } from './listener.ts';
import { sendFault } from './respond.ts';
import { createRouter } from './router.ts';

const largeCut = Promise.withResolvers();

async function open(limits: Partial<ListenLimits> = {}): Promise<Listener & AsyncDisposable> {
  const router = createRouter();
  router.exact('/ok', ({ res }) => void res.end('fine'));
  router.exact('/throws', () => {
    throw new Error('secret-canary');
  });
  router.exact('/never', () => {});
  let counted = 0;
  router.exact('/counted', ({ res }) => {
    counted++;
    res.end();
  });
  router.exact('/count', ({ res }) => void res.end(String(counted)));
  // As after a proof that had to be asked for.
  router.exact('/refused', async ({ res }) => {
    await new Promise(setImmediate);
    sendFault(res, httpFault(403, 'refused', 'authorization', 'it does not hold', 'send another'));
  });
  router.exact('/slow', ({ res }) => void setTimeout(() => res.end('slow'), 300));
  router.exact('/read', ({ req, res }) => {
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
    });
    req.on('end', () => void res.end(`read ${size}`));
  });
  router.exact('/large', ({ res }) => {
    res.on('close', () => largeCut.resolve(undefined));
    res.end(Buffer.alloc(64 * 1024 * 1024));
  });
  const options = { address: '127.0.0.1', port: 0, hosts: ['Gateway.Example:1'], origins: [], router };
  const listener = await listen({ ...options, limits: { closeMillisMax: 50, ...limits } });
  return { ...listener, [Symbol.asyncDispose]: listener.close };
}

const get = (path: string, host: string): Buffer => Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);

/** The statuses and bodies of all that is said until the connection closes. */
async function allOf(port: number, ...requests: Buffer[]): Promise<readonly (readonly [number, string])[]> {
  const socket = connect(port, '127.0.0.1');
  socket.write(Buffer.concat(requests));
  let text = '';
  for await (const chunk of socket as AsyncIterable<Buffer>) text += chunk.toString('latin1');
  return text
    .split(/(?=HTTP\/1\.1 )/)
    .map(part => [Number(part.slice(9, 12)), part.split('\r\n\r\n')[1] ?? ''] as const);
}

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

test('what stands behind a refused request is not acted upon', async () => {
  await using listener = await open();
  const host = `127.0.0.1:${listener.port}`;
  for (const refused of [get('/ok', 'evil.example'), get('/refused', host)]) {
    const { responses, closed } = await sendRaw(listener.port, Buffer.concat([refused, get('/counted', host)]));
    assert.deepEqual([responses.length, closed], [1, true]);
  }
  const { responses } = await sendRaw(listener.port, get('/count', host));
  assert.equal(responses[0]?.body, '0');
});

test('of a connection that has sent too many nothing more is read', async () => {
  await using listener = await open();
  const host = `127.0.0.1:${listener.port}`;
  const socket = connect(listener.port, '127.0.0.1').on('error', () => {});
  socket.write(Buffer.concat([get('/ok', host), get('/never', host)]));
  await once(socket, 'data');
  const request = Buffer.from(`GET /ok HTTP/1.1\r\nHost: ${host}\r\nX-Fill: ${'x'.repeat(4_000)}\r\n\r\n`);
  const requests = Buffer.concat(Array(250).fill(request));
  let taken = 0;
  for (let nth = 0; nth < 40; nth++) socket.write(requests, () => taken++);
  await new Promise(resolve => setTimeout(resolve, 1_500));
  // What the system itself holds of it is some megabytes.
  assert.ok(taken < 20, `${taken} MB`);
  socket.destroy();
});

test('requests that came together are answered one after the other, as many as may wait', async () => {
  await using listener = await open();
  const host = `127.0.0.1:${listener.port}`;
  const several = await allOf(
    listener.port,
    get('/slow', host),
    get('/ok', host),
    get('/refused', host),
    get('/ok', host),
  );
  assert.deepEqual(
    several.map(([status]) => status),
    [200, 200, 403],
  );
  const many = await allOf(listener.port, get('/slow', host), ...Array(200).fill(get('/ok', host)));
  assert.equal(many.length, 18);
  assert.match(many[17]?.[1] ?? '', /"code":"too-many-ahead"/);
});

test('bytes that are no request are refused behind the answer to what came before, and not in its place', async () => {
  await using listener = await open();
  const host = `127.0.0.1:${listener.port}`;
  const { responses } = await sendRaw(
    listener.port,
    Buffer.concat([get('/slow', host), Buffer.from('GARBAGE\r\n\r\n')]),
  );
  assert.deepEqual(
    responses.map(({ status, body }) => [status, body.slice(0, 30)]),
    [
      [200, 'slow'],
      [400, '{"error":{"code":"http-malform'],
    ],
  );
});

test('each refusal names what it is about, those that Node would make too', async () => {
  await using listener = await open();
  const host = `Host: 127.0.0.1:${listener.port}\r\n`;
  const rows = [
    ['GET /ok HTTP/1.1\r\n\r\n', 400, 'host'],
    [`GET /ok HTTP/1.1\r\n${host}Expect: cake\r\n\r\n`, 417, 'expect'],
    [`CONNECT a:1 HTTP/1.1\r\n${host}\r\n`, 405, 'method'],
    [`POST /ok HTTP/1.1\r\n${host}Content-Length: +1\r\n\r\na`, 400, 'content-length'],
    [`POST /ok HTTP/1.1\r\n${host}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`, 400, 'transfer-encoding'],
    [`POST /read HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400, 'body'],
    ['GET o HTTP/1.1\r\n\r\n', 400, 'request-target'],
    [`GET ftp://127.0.0.1:${listener.port}/ok HTTP/1.1\r\n${host}\r\n`, 404, 'request-target'],
  ] as const;
  for (const [text, status, field] of rows) {
    const { responses } = await sendRaw(listener.port, Buffer.from(text));
    assert.deepEqual([responses[0]?.status, responses[0]?.body.match(/"field":"([^"]*)"/)?.[1]], [status, field], text);
  }
});

test('a body is not asked for before somebody reads it', async () => {
  await using listener = await open();
  const head = (path: string): Buffer =>
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${listener.port}\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n`,
    );
  const unread = await sendRaw(listener.port, head('/refused'));
  assert.deepEqual(
    unread.responses.map(({ status }) => status),
    [403],
  );
  const read = await allOf(
    listener.port,
    head('/read'),
    Buffer.from('a'),
    get('/refused', `127.0.0.1:${listener.port}`),
  );
  assert.deepEqual(
    read.map(([status]) => status),
    [100, 200, 403],
  );
});

test('R-5 whoever does not read an answer is let go, and who waits for one is not', async () => {
  await using listener = await open({ unreadMillisMax: 100 });
  const host = `127.0.0.1:${listener.port}`;
  const deaf = connect(listener.port, '127.0.0.1').pause();
  deaf.on('error', () => {});
  deaf.write(get('/large', host));
  const patient = await sendRaw(listener.port, get('/slow', host));
  assert.equal(patient.responses[0]?.body, 'slow');
  await largeCut.promise;
  deaf.destroy();
});
