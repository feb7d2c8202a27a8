import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stdioUpstream, temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { startRig, textOf } from '@sallyport/testkit/upstream/rig.ts';

const restless = { restless: true, tools: [{ name: 'echo', inputSchema: { type: 'object' } }] };
const echo = { server: 's', tool: 'echo', input: '{"text":"x"}' };

test('B-3 a call to a server whose lists never stop changing is refused, and does not wait for ever', async () => {
  using folder = temporaryFolder();
  const limits = { prepareMillisMax: 200 };
  await using rig = await startRig({ servers: [stdioUpstream('s', restless)], stateDir: folder.path, limits });
  assert.equal(textOf(await rig.call(echo)), 'x', 'from this call on nothing that it offers stands');
  const ready = await rig.prepare(echo);
  assert.ok(!ready.ok);
  const { code, what, why } = ready.refusal;
  assert.deepEqual([code, what, why], ['upstream-unavailable', 's/echo', 'the server is changing what it offers']);
});

test('whoever gives up waits for no list either', async () => {
  using folder = temporaryFolder();
  await using rig = await startRig({ servers: [stdioUpstream('s', restless)], stateDir: folder.path });
  await rig.call(echo);
  const ready = await rig.prepare({ ...echo, signal: AbortSignal.timeout(50) });
  assert.ok(!ready.ok);
  assert.equal(ready.refusal.code, 'cancelled');
});

test('a server that tells what it offers page by page has as long for all as it has to start', async () => {
  using folder = temporaryFolder();
  const script = { ...restless, restless: false, pageItems: 1, pageMillis: 150 };
  const tools = Array.from({ length: 20 }, (_, index) => ({ name: `t${index}`, inputSchema: { type: 'object' } }));
  const limits = { startMillisMax: 1_500 };
  const servers = [stdioUpstream('s', { ...script, tools })];
  await using rig = await startRig({ servers, stateDir: folder.path, limits });
  const [{ lastFailure } = {}] = rig.upstreams.status();
  assert.equal(lastFailure, 'its list cannot be used: it did not answer within 1500 ms');
});
