import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import test from 'node:test';
import { httpUpstream, temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { startHttpUpstream } from '@sallyport/testkit/upstream/http.ts';
import { startRig, textOf } from '@sallyport/testkit/upstream/rig.ts';
import { serverFaults } from '../config.ts';
import { createUpstreams } from '../upstreams.ts';
import { answeredOpenMax } from './wire.ts';

const secret = 'tok_canary_4f9d0a7be1';

test('a secret header is read from its file for every connection, reaches the server alone, and does not come back', async () => {
  using folder = temporaryFolder();
  const file = folder.file('token');
  writeFileSync(file, `Bearer ${secret}\n`);
  await using http = await startHttpUpstream({ requires: `authorization: Bearer ${secret}` });
  await using rig = await startRig({
    servers: [httpUpstream('s', http.url, { Authorization: { file }, 'X-Plain': { value: 'plain words' } })],
    stateDir: folder.path,
  });
  assert.equal(textOf(await rig.call({ server: 's', tool: 'echo', input: '{"text":"hi"}' })), 'hi');
  assert.ok(
    http.received.every(
      ({ headers }) => headers.authorization === `Bearer ${secret}` && headers['x-plain'] === 'plain words',
    ),
  );
  const leak = await rig.call({ server: 's', tool: 'leak-headers' });
  assert.deepEqual(leak.kind === 'unusable' && leak.why, 'it repeats the credential that was sent with the request');
  for (const form of [secret, Buffer.from(`Bearer ${secret}`).toString('base64')]) {
    const echoed = await rig.call({ server: 's', tool: 'echo', input: JSON.stringify({ text: `x${form}x` }) });
    assert.equal(echoed.kind, 'unusable', form);
  }
  const all = JSON.stringify([rig.log, rig.upstreams.status(), rig.discovery.servers(), leak]);
  assert.ok(!all.includes(secret), 'G-4 it stands in no log, status or reason');

  writeFileSync(file, 'Bearer wrong');
  const refused = await rig.prepare({ server: 's', tool: 'echo', agent: { id: 'other' } });
  assert.ok(
    !refused.ok && refused.refusal.why === 'the server refused the gateway itself (HTTP 401)',
    JSON.stringify(refused),
  );
});

test('a secret that cannot be read, or that no header can hold, is a reason that names the header', async () => {
  using folder = temporaryFolder();
  const whys: (string | undefined)[] = [];
  for (const text of [undefined, '', 'two\nlines', 'x'.repeat(10_000), 'tab\there', 'ümlaut']) {
    const file = folder.file('token');
    if (text !== undefined) writeFileSync(file, text);
    await using rig = await startRig({
      servers: [httpUpstream('s', 'http://127.0.0.1:9/mcp', { Authorization: { file } })],
      stateDir: folder.path,
    });
    whys.push(rig.discovery.servers()[0]?.why);
  }
  const wrong = 'its value is empty, too long, or holds characters that a header cannot';
  assert.deepEqual(whys, ['its file cannot be read', wrong, wrong, wrong, wrong, wrong]);
});

test('C-1 an address that is the gateway itself is refused before a byte is sent, by whatever name', async () => {
  using folder = temporaryFolder();
  let bytes = 0;
  const ours = createServer(socket => {
    socket.on('data', chunk => {
      bytes += chunk.length;
    });
    socket.on('error', () => {});
  });
  await new Promise<void>(resolve => ours.listen(0, '127.0.0.1', resolve));
  const { port } = ours.address() as AddressInfo;
  for (const host of ['127.0.0.1', 'localhost', '127.1', '0x7f000001', '[::ffff:127.0.0.1]']) {
    await using rig = await startRig({
      servers: [httpUpstream('s', `http://${host}:${port}/mcp`)],
      stateDir: folder.path,
      listening: () => [{ host: '127.0.0.1', port }],
    });
    assert.match(rig.discovery.servers()[0]?.why ?? '', /this address is the gateway itself/, host);
  }
  assert.equal(bytes, 0);
  ours.close();
});

test('proxies of the environment are not used', async () => {
  using folder = temporaryFolder();
  const before = { ...process.env };
  Object.assign(process.env, {
    HTTP_PROXY: 'http://127.0.0.1:9',
    http_proxy: 'http://127.0.0.1:9',
    NODE_USE_ENV_PROXY: '1',
  });
  await using http = await startHttpUpstream({});
  await using rig = await startRig({ servers: [httpUpstream('s', http.url)], stateDir: folder.path });
  assert.equal(textOf(await rig.call({ server: 's', tool: 'echo', input: '{"text":"hi"}' })), 'hi');
  process.env = before;
});

test('legacy: one session for each agent and principal, ended when it is given up; a lost one is opened anew', async () => {
  using folder = temporaryFolder();
  await using http = await startHttpUpstream({});
  const rig = await startRig({ servers: [httpUpstream('s', http.url)], stateDir: folder.path });
  for (const id of ['a', 'b', 'a']) await rig.call({ server: 's', tool: 'echo', agent: { id } });
  assert.equal(http.sessions(), 3, 'two agents, and the gateway’s own look');
  const used = http.received
    .filter(({ body }) => body.includes('tools/call'))
    .map(({ headers }) => headers['mcp-session-id']);
  assert.equal(used[0], used[2]);
  assert.notEqual(used[0], used[1]);
  assert.ok(
    http.received
      .filter(({ body }) => body.includes('tools/call'))
      .every(({ headers }) => headers['mcp-protocol-version'] === '2025-11-25'),
  );
  await rig.call({ server: 's', tool: 'session-lost', agent: { id: 'a' } });
  await until('a new session is opened', async () => {
    const reply = await rig
      .call({ server: 's', tool: 'echo', agent: { id: 'a' }, input: '{"text":"new"}' })
      .catch(() => undefined);
    return reply?.kind === 'result';
  });
  await rig[Symbol.asyncDispose]();
  const ended = http.received
    .filter(({ method }) => method === 'DELETE')
    .map(({ headers }) => headers['mcp-session-id']);
  assert.ok(ended.length >= 2 && new Set(ended).size === ended.length, 'sessions are ended politely, each once');
});

test('idle connections are used again, and hung up before the server does', async () => {
  using folder = temporaryFolder();
  let connections = 0;
  await using http = await startHttpUpstream({ era: 'modern' });
  await using rig = await startRig({
    servers: [httpUpstream('s', http.url)],
    stateDir: folder.path,
    limits: { socketIdleMillisMax: 200 },
    lookAs: { agent: 'assistant', principal: 'user:emma' },
  });
  const ports = (): number =>
    new Set(http.received.filter(({ body }) => body.includes('tools/call')).map(({ port }) => port)).size;
  for (let count = 0; count < 5; count++) await rig.call({ server: 's', tool: 'echo' });
  connections = ports();
  assert.equal(connections, 1);
  await until('the idle one is hung up', () => http.connections() <= 1);
  await rig.call({ server: 's', tool: 'echo' });
  assert.equal(ports(), 2);
});

for (const [era, tool] of [
  ['modern', 'stays-open'],
  ['legacy', 'stays-open'],
  ['legacy', 'answers-elsewhere'],
] as const)
  test(`G-6 a server that answers and never ends its streams holds no more than some of them open (${tool}, ${era})`, async () => {
    using folder = temporaryFolder();
    await using http = await startHttpUpstream({ era });
    await using rig = await startRig({
      servers: [httpUpstream('s', http.url)],
      stateDir: folder.path,
      lookAs: { agent: 'assistant', principal: 'user:emma' },
    });
    const call = async (): Promise<void> => assert.equal(textOf(await rig.call({ server: 's', tool })), 'said');
    for (let count = 0; count < 20; count++) await Promise.all(Array.from({ length: 5 }, call));
    await until('the others are closed', () => http.connections() <= answeredOpenMax + 5);
    await call();
  });

test('G-6 an answer that came elsewhere after its own stream had broken off leaves the others bounded', async () => {
  using folder = temporaryFolder();
  await using http = await startHttpUpstream({ era: 'legacy' });
  await using rig = await startRig({
    servers: [httpUpstream('s', http.url)],
    stateDir: folder.path,
    lookAs: { agent: 'assistant', principal: 'user:emma' },
  });
  const call = async (tool: string): Promise<void> =>
    assert.equal(textOf(await rig.call({ server: 's', tool })), 'said');
  await call('breaks-and-answers-elsewhere');
  for (let count = 0; count < 20; count++) await Promise.all(Array.from({ length: 5 }, () => call('stays-open')));
  await until('the others are closed', () => http.connections() <= answeredOpenMax + 5);
});

test('A-5 a connection over which the answer to another request came carries no further one', async () => {
  using folder = temporaryFolder();
  await using http = await startHttpUpstream({ era: 'modern' });
  await using rig = await startRig({
    servers: [httpUpstream('s', http.url)],
    stateDir: folder.path,
    lookAs: { agent: 'assistant', principal: 'user:emma' },
  });
  for (const tool of ['echo', 'wrong-id', 'echo']) await rig.call({ server: 's', tool });
  const ports = http.received.filter(({ body }) => body.includes('tools/call')).map(({ port }) => port);
  assert.equal(ports[0], ports[1]);
  assert.notEqual(ports[1], ports[2]);
});

test('a server that is not there is a reason; when it comes, it is found', async () => {
  using folder = temporaryFolder();
  const parked = await startHttpUpstream({});
  const { url } = parked;
  await parked.close();
  await using rig = await startRig({
    servers: [httpUpstream('s', url)],
    stateDir: folder.path,
    limits: { backoffMillisMin: 10 },
  });
  assert.match(rig.discovery.servers()[0]?.why ?? '', /no connection \(ECONNREFUSED\)/);
  await using _ = await startHttpUpstream({}, Number(new URL(url).port));
  await until('it is found', () => rig.discovery.servers()[0]?.state === 'reached');
  assert.equal(textOf(await rig.call({ server: 's', tool: 'echo', input: '{"text":"hi"}' })), 'hi');
});

test('a configuration that cannot be meant is refused with the field’s name', () => {
  const http = (url: string, headers = {}) => serverFaults([httpUpstream('s', url, headers)]).join('\n');
  assert.match(http('ftp://x'), /server "s": url: it must begin with http/);
  assert.match(http('https://user:pw@x/'), /credentials do not belong/);
  assert.ok(!http('https://user:pw@x/').includes('pw@'));
  assert.match(http('http://example.com/', { Authorization: { file: '/x' } }), /use https/);
  assert.equal(http('http://127.0.0.1:1/', { Authorization: { file: '/x' } }), '');
  assert.match(http('https://x/', { 'mcp-session-id': { value: 'x' } }), /written by the gateway itself/);
  assert.match(http('https://x/', { 'a b': { value: 'x' } }), /"a b" is not a header name/);
  assert.match(
    serverFaults([
      httpUpstream('A', 'https://x/'),
      httpUpstream('b', 'https://x/'),
      httpUpstream('b', 'https://x/'),
    ]).join('\n'),
    /"A": the id must.*\n.*"b": the id stands twice/,
  );
  assert.throws(
    () =>
      createUpstreams({
        servers: [httpUpstream('A', 'https://x/')],
        stateDir: '/',
        sha256: String,
        log: () => {},
        acceptedPin: () => undefined,
        on: { listed: () => {} },
      }),
    /server "A"/,
  );
});
