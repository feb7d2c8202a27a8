import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { httpUpstream, stdioUpstream, temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { startHttpUpstream } from '@sallyport/testkit/upstream/http.ts';
import { performed, startRig, textOf } from '@sallyport/testkit/upstream/rig.ts';
import type { Script } from '@sallyport/testkit/upstream/script.ts';
import type { ServerConfig } from './config.ts';

/** What the upstream gets, to the byte, on every transport and in both eras; the upstream is another process. */

const input =
  '{"text":"grüße \\u2028 \\"q\\"","count":1.0,"more":{"b":1E-3,"a":-0,"c":[9007199254740991,"x"],"__proto":null}}';
/** The normal form: no white space, strings as `JSON.stringify` writes them, everything else as it came. */
const normal =
  '{"text":"grüße \u2028 \\"q\\"","count":1.0,"more":{"b":1E-3,"a":-0,"c":[9007199254740991,"x"],"__proto":null}}';
const params = `{"name":"echo","arguments":${normal}`;
const ways = (['stdio', 'http'] as const).flatMap(over => (['legacy', 'modern'] as const).map(era => ({ over, era })));

for (const { over, era } of ways) {
  test(`I7 DF8 ${over}, ${era}: the upstream sees exactly the action’s params, and then our _meta`, async () => {
    using folder = temporaryFolder();
    await using upstream = await startAway(over, { era, record: folder.file('record') });
    await using rig = await startRig({ servers: [upstream.config], stateDir: folder.path });
    assert.equal(textOf(await rig.call({ server: 's', tool: 'echo', input })), 'grüße \u2028 "q"');
    assert.equal(textOf(await rig.call({ server: 's', tool: 'echo', input, wantsProgress: true })), 'grüße \u2028 "q"');
    const [plain = '', wanting = ''] = framesIn(folder.file('record'), 'tools/call');
    const own =
      '"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"sallyport","version":"0.1.0"},"io.modelcontextprotocol/clientCapabilities":{}';
    assert.match(plain, /^\{"jsonrpc":"2\.0","id":\d+,"method":"tools\/call","params":/);
    const id = /"id":(\d+)/.exec(wanting)?.[1];
    assert.equal(afterParams(plain), era === 'modern' ? `${params},"_meta":{${own}}}}` : `${params}}}`);
    assert.equal(
      afterParams(wanting),
      `${params},"_meta":{${era === 'modern' ? `${own},` : ''}"progressToken":${id}}}}`,
    );
  });

  test(`${over}, ${era}: perform has handed its bytes over before it returns`, async () => {
    using folder = temporaryFolder();
    await using upstream = await startAway(over, { era, record: folder.file('record') });
    await using rig = await startRig({ servers: [upstream.config], stateDir: folder.path });
    for (const round of ['first', 'on a connection that was used before']) {
      const ask = { server: 's', tool: 'echo', input: `{"text":${JSON.stringify(round)}}` };
      const ready = await rig.prepare(ask);
      assert.ok(ready.ok);
      assert.ok(!readFileSync(folder.file('record'), 'utf8').includes(round), 'nothing is sent while it is prepared');
      const reply = performed(ready.value, ask);
      // This thread does nothing else from here on: only bytes that are on their way already can arrive.
      spinUntil(() => readFileSync(folder.file('record'), 'utf8').includes(round));
      assert.equal(textOf(await reply), round);
    }
  });

  test(`${over}, ${era}: what is prepared and given back leaves no byte behind`, async () => {
    using folder = temporaryFolder();
    await using upstream = await startAway(over, { era, record: folder.file('record') });
    await using rig = await startRig({ servers: [upstream.config], stateDir: folder.path });
    const ask = { server: 's', tool: 'echo', input: '{"text":"unsent"}' };
    const [given, aborted] = await Promise.all([rig.prepare(ask), rig.prepare(ask)]);
    assert.ok(given.ok && aborted.ok);
    given.value.abandon();
    assert.deepEqual(await performed(given.value, ask), {
      kind: 'lost',
      sent: false,
      code: 'upstream-unavailable',
      why: 'it was used or given back already',
    });
    const reply = await performed(aborted.value, { ...ask, signal: AbortSignal.abort() });
    assert.deepEqual(reply, { kind: 'lost', sent: false, code: 'cancelled', why: 'it was cancelled' });
    assert.equal(textOf(await rig.call({ ...ask, input: '{"text":"sent"}' })), 'sent');
    const record = readFileSync(folder.file('record'), 'utf8');
    assert.ok(record.includes('"sent"') && !record.includes('unsent'));
  });

  test(`${over}, ${era}: a call that is cancelled is lost, the server is told, and the next one is served`, async () => {
    using folder = temporaryFolder();
    await using upstream = await startAway(over, { era, record: folder.file('record') });
    await using rig = await startRig({ servers: [upstream.config], stateDir: folder.path });
    const agent = new AbortController();
    const reply = rig.call({ server: 's', tool: 'never', signal: agent.signal });
    await until('the call arrives', () => framesIn(folder.file('record'), 'tools/call').length === 1);
    agent.abort();
    const answer = await reply;
    assert.ok(answer.kind === 'lost' && answer.sent && answer.code === 'cancelled', JSON.stringify(answer));
    const id = /"id":(\d+)/.exec(framesIn(folder.file('record'), 'tools/call')[0] ?? '')?.[1];
    // In the modern era over HTTP, the closed connection is the message.
    if (over === 'stdio' || era === 'legacy')
      await until('the server is told', () =>
        framesIn(folder.file('record'), 'notifications/cancelled').some(frame => frame.includes(`"requestId":${id}}`)),
      );
    assert.equal(textOf(await rig.call({ server: 's', tool: 'echo', input: '{"text":"next"}' })), 'next');
  });
}

test('http, modern: the headers repeat the body, and nothing else of it', async () => {
  using folder = temporaryFolder();
  const tools = [
    {
      name: 'echo',
      inputSchema: {
        type: 'object',
        properties: {
          text: { type: 'string', 'x-mcp-header': 'Region' },
          deep: { type: 'object', properties: { n: { type: 'integer', 'x-mcp-header': 'N' } } },
        },
      },
    },
  ];
  await using near = await startHttpUpstream({ era: 'modern', tools });
  await using rig = await startRig({
    servers: [httpUpstream('s', near.url)],
    stateDir: folder.path,
  });
  const ask = { server: 's', tool: 'echo', input: '{"text":"Köln\\r\\nX-Admin: 1","deep":{"n":7}}' };
  await rig.call(ask);
  const { headers } = near.received.at(-1) ?? assert.fail();
  assert.equal(headers['mcp-method'], 'tools/call');
  assert.equal(headers['mcp-name'], 'echo');
  assert.equal(headers['mcp-protocol-version'], '2026-07-28');
  assert.equal(headers['mcp-param-region'], `=?base64?${Buffer.from('Köln\r\nX-Admin: 1').toString('base64')}?=`);
  assert.equal(headers['mcp-param-n'], '7');
  assert.equal(headers['x-admin'], undefined);
  assert.equal(headers['mcp-session-id'], undefined);
  await rig.call({ server: 's', tool: '', method: 'resources/read', input: '{"uri":"test://ö"}' });
  assert.equal(near.received.at(-1)?.headers['mcp-name'], `=?base64?${Buffer.from('test://ö').toString('base64')}?=`);
});

interface Away {
  readonly config: ServerConfig;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** The upstream in a process of its own, so that it reads while this thread does not run. */
async function startAway(over: 'stdio' | 'http', script: Script): Promise<Away> {
  if (over === 'stdio') return { config: stdioUpstream('s', script), [Symbol.asyncDispose]: async () => {} };
  const main = new URL('../../testkit/upstream/http-main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [main, JSON.stringify(script)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    config: httpUpstream('s', line.toString('utf8').trim()),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

function framesIn(file: string, method: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line.includes(`"method":"${method}"`));
}

function afterParams(frame: string): string {
  return frame.slice(frame.indexOf('"params":') + '"params":'.length);
}

function spinUntil(done: () => boolean): void {
  const end = performance.now() + 5_000;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  while (!done()) {
    assert.ok(performance.now() < end, 'the bytes never arrived');
    Atomics.wait(pause, 0, 0, 2);
  }
}
