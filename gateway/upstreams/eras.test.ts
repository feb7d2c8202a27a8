import assert from 'node:assert/strict';
import test from 'node:test';
import { httpUpstream, linesOf, stdioUpstream, temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { startHttpUpstream } from '@sallyport/testkit/upstream/http.ts';
import { type Rig, type RigOptions, startRig, textOf } from '@sallyport/testkit/upstream/rig.ts';
import { type Script, toolsFor } from '@sallyport/testkit/upstream/script.ts';
import type { UpstreamLimits } from './limits.ts';

interface Running extends Rig {
  readonly eraOf: () => string | undefined;
}

/** A rig around one scripted server, over the transport named. */
async function run(
  over: string,
  script: Script,
  more: Partial<RigOptions> & { limits?: Partial<UpstreamLimits> } = {},
): Promise<Running> {
  const folder = temporaryFolder();
  const http = over === 'http' ? await startHttpUpstream(script) : undefined;
  const server = http === undefined ? stdioUpstream('s', script) : httpUpstream('s', http.url);
  const rig = await startRig({
    servers: [server],
    stateDir: folder.path,
    ...more,
    limits: { terminateMillisMax: 300, ...more.limits },
  });
  return {
    ...rig,
    eraOf: () => rig.discovery.servers()[0]?.era,
    [Symbol.asyncDispose]: async () => {
      await rig[Symbol.asyncDispose]();
      await http?.close();
      folder[Symbol.dispose]();
    },
  };
}

for (const over of ['stdio', 'http']) {
  for (const [era, found] of [
    ['legacy', 'legacy'],
    ['modern', 'modern'],
    ['both', 'modern'],
  ] as const)
    test(`${over}: a server that speaks ${era} is spoken to as ${found}`, async () => {
      await using rig = await run(over, { era });
      assert.equal(rig.eraOf(), found);
      assert.equal(textOf(await rig.call({ server: 's', tool: 'echo', input: '{"text":"hi"}' })), 'hi');
    });

  test(`${over}: a version that nobody here knows is refused, and named as the reason`, async () => {
    await using rig = await run(over, { protocolVersion: '2031-01-01' });
    assert.match(rig.discovery.servers()[0]?.why ?? '', /speaks a version of MCP that is not known here/);
  });

  test(`${over}: an older version of the legacy era will do`, async () => {
    await using rig = await run(over, { protocolVersion: '2024-11-05' });
    assert.equal(rig.eraOf(), 'legacy');
  });

  test(`${over}: lists are read to their last page`, async () => {
    await using rig = await run(over, { pageItems: 4 });
    const { tools } = rig.discovery.servers()[0] ?? assert.fail();
    assert.equal(tools, toolsFor().length);
  });

  test(`G-6 ${over}: a list of too many pages or items is none`, async () => {
    await using pages = await run(over, { pageItems: 1 }, { limits: { listPagesMax: 5 } });
    assert.match(pages.discovery.servers()[0]?.why ?? '', /more than 5 pages/);
    await using items = await run(over, {}, { limits: { listItemsMax: 5 } });
    assert.match(items.discovery.servers()[0]?.why ?? '', /more than 5 items/);
  });

  for (const era of ['legacy', 'modern'] as const) {
    test(`${over}, ${era}: resources, prompts, completion and log levels reach the server in its own way`, async () => {
      await using rig = await run(over, {
        era,
        prompts: [{ name: 'p' }],
        templates: [{ uriTemplate: 'test://{x}', name: 't' }],
      });
      const ask = { server: 's', tool: '' };
      const replies = {
        'resources/list': await rig.call({ ...ask, method: 'resources/list' }),
        'resources/read': await rig.call({ ...ask, method: 'resources/read', input: '{"uri":"test://one"}' }),
        'prompts/get': await rig.call({ ...ask, method: 'prompts/get', input: '{"name":"p"}' }),
        'completion/complete': await rig.call({
          ...ask,
          method: 'completion/complete',
          input: '{"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"x","value":""}}',
        }),
        'logging/setLevel': await rig.call({ ...ask, method: 'logging/setLevel', input: '{"level":"info"}' }),
      };
      for (const [method, reply] of Object.entries(replies))
        assert.equal(reply.kind, 'result', `${method}: ${JSON.stringify(reply)}`);
    });

    test(`${over}, ${era}: a subscription is told of its own resource, until it is given up`, async () => {
      await using rig = await run(over, { era });
      const ask = { server: 's', tool: '', input: '{"uri":"test://one"}' };
      assert.equal((await rig.call({ ...ask, method: 'resources/subscribe' })).kind, 'result');
      await until('the update arrives', () => rig.updates.length === 1);
      for (const [key, uri] of rig.updates)
        assert.deepEqual({ agent: key.agent, uri }, { agent: 'assistant', uri: 'test://one' });
      assert.equal((await rig.call({ ...ask, method: 'resources/unsubscribe' })).kind, 'result');
    });
  }

  for (const era of ['legacy', 'modern'] as const)
    test(`B-3 ${over}, ${era}: a change that is announced is quarantined`, async () => {
      const tools = toolsFor(['echo']);
      const changed = [{ ...(tools[0] as object), description: 'Something else.' }];
      await using rig = await run(over, { era, tools, change: { afterCalls: 1, tools: changed, announce: true } });
      const status = (): string | undefined =>
        rig.discovery.catalogue().servers.get('s')?.tools.get('echo')?.status.kind;
      assert.equal(status(), 'pinned');
      for (let count = 0; count < 2; count++) await rig.call({ server: 's', tool: 'echo' });
      await until('it is quarantined', () => status() === 'quarantined');
    });

  test(`B-7 ${over}: in the modern era nothing is answered and nothing is given in return`, async () => {
    using folder = temporaryFolder();
    await using rig = await run(over, { era: 'modern', record: folder.file('record') });
    assert.equal(textOf(await rig.call({ server: 's', tool: 'sampling' })), 'asked for sampling/createMessage');
    // Whoever calls may be asked back by the answer itself; other methods may not (2026-07-28, "Supported Requests").
    assert.equal((await rig.call({ server: 's', tool: 'input-required' })).kind, 'result');
    assert.ok(!linesOf(folder.file('record')).some(line => line.includes('ask-')), 'a modern client writes no answers');
  });
}

test('http: answers that come as events are answers like others', async () => {
  await using rig = await run('http', { stream: true });
  for (const text of ['one', 'two\n\ndata: three'])
    assert.equal(textOf(await rig.call({ server: 's', tool: 'echo', input: JSON.stringify({ text }) })), text);
});

for (const onProbe of ['exit', 'noise', 'silence'] as const)
  test(`a server of the old era that meets the probe with ${onProbe} is used all the same, and not probed again`, async () => {
    using folder = temporaryFolder();
    await using rig = await run(
      'stdio',
      { onProbe, record: folder.file('record') },
      { limits: { probeMillisMax: 100 } },
    );
    assert.equal(rig.eraOf(), 'legacy');
    for (const id of ['a', 'b'])
      assert.equal(textOf(await rig.call({ server: 's', tool: 'echo', input: '{"text":"hi"}', agent: { id } })), 'hi');
    const probes = linesOf(folder.file('record')).filter(line => line.includes('server/discover'));
    assert.equal(probes.length, 1);
  });

test('A-5 answers never cross: interleaved calls of eight agents over both transports each get their own', async () => {
  await using http = await startHttpUpstream({});
  using folder = temporaryFolder();
  await using rig = await startRig({
    servers: [stdioUpstream('pipes', {}), httpUpstream('web', http.url)],
    stateDir: folder.path,
  });
  const total = Number(process.env.SALLYPORT_CALLS ?? 4_000);
  let next = 0;
  const worker = async (id: string, server: string): Promise<void> => {
    while (next < total) {
      const text = `${id} ${server} ${next++}`;
      assert.equal(
        textOf(await rig.call({ server, tool: 'echo', agent: { id }, input: JSON.stringify({ text }) })),
        text,
      );
    }
  };
  const agents = Array.from({ length: 8 }, (_, index) => `agent-${index}`);
  await Promise.all(agents.flatMap(id => ['pipes', 'web', 'pipes', 'web'].map(server => worker(id, server))));
  assert.ok(rig.upstreams.status().every(({ dropped }) => dropped.strays === 0));
});
