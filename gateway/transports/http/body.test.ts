import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { test } from 'node:test';
import { sendRaw } from '@sallyport/testkit/scenarios/raw-http.ts';
import { readJsonBody } from './body.ts';
import { listen } from './listener.ts';
import { createRouter } from './router.ts';

const bytesMax = 200_000;

/** Answers with the body's length, or with what is wrong with it; each path lets more turns go by before it reads. */
function echoing(): ReturnType<typeof createRouter> {
  const router = createRouter();
  for (const turns of [0, 1, 50])
    router.exact(`/after-${turns}`, async exchange => {
      for (let turn = 0; turn < turns; turn++) await undefined;
      if (turns > 1) await new Promise(resolve => setImmediate(resolve));
      const body = await readJsonBody(exchange, bytesMax);
      exchange.res.end(body.ok ? `${body.bytes.length} ${new Set(body.bytes).size}` : body.fault.code);
    });
  return router;
}

function post(port: number, path: string, agent: Agent, body: string, chunked: boolean): Promise<string> {
  const length = chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': Buffer.byteLength(body) };
  const headers = { 'content-type': 'application/json', ...length };
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers }, res => {
      let text = '';
      res.on('data', chunk => {
        text += chunk;
      });
      res.on('end', () => resolve(text));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

test('a body is whole however it came and whenever it is asked for, on a connection that stays open', async () => {
  const listener = await listen({ address: '127.0.0.1', port: 0, hosts: [], origins: [], router: echoing() });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    for (const path of ['/after-0', '/after-1', '/after-50'])
      for (const chunked of [false, true])
        for (const size of [0, 1, 300, 20_000, 70_000, bytesMax]) {
          const said = await post(listener.port, path, agent, 'x'.repeat(size), chunked);
          assert.equal(said, `${size} ${Math.min(size, 1)}`, `${path} ${chunked} ${size}`);
        }
  } finally {
    agent.destroy();
    await listener.close();
  }
});

test('a body that is too large is refused, declared or not', async () => {
  const listener = await listen({ address: '127.0.0.1', port: 0, hosts: [], origins: [], router: echoing() });
  const agent = new Agent({ keepAlive: false });
  try {
    for (const path of ['/after-0', '/after-1', '/after-50'])
      for (const chunked of [false, true])
        assert.equal(
          await post(listener.port, path, agent, 'x'.repeat(bytesMax + 1), chunked),
          'body-too-large',
          `${path} ${chunked}`,
        );
  } finally {
    agent.destroy();
    await listener.close();
  }
});

test('R-5 a body in very many pieces is refused: each holds hundreds of times its size in memory', async () => {
  const listener = await listen({ address: '127.0.0.1', port: 0, hosts: [], origins: [], router: echoing() });
  const head = `POST /after-0 HTTP/1.1\r\nHost: 127.0.0.1:${listener.port}\r\nContent-Type: application/json\r\n`;
  const chunked = (count: number): Buffer =>
    Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(count)}0\r\n\r\n`);
  try {
    for (const [count, said] of [
      [1_000, '1000 1'],
      [100_000, 'body-in-pieces'],
    ] as const)
      assert.equal((await sendRaw(listener.port, chunked(count))).responses[0]?.body, said);
  } finally {
    await listener.close();
  }
});
