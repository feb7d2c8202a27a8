import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { callerOf, type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { type ModernParams, modernRequest } from '@sallyport/testkit/modern-request.ts';
import { seeded } from '@sallyport/testkit/random.ts';
import { linesOf, temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { toolsFor } from '@sallyport/testkit/upstream/script.ts';

/** Rows of the threat catalogue that only the whole gateway can show. */

const twoAgents = `  reader: { principal: "user:otto" }\n`;

async function tokenOf(house: House, agent: string): Promise<string> {
  return (await house.ask<{ token: string }>(`agents/${agent}/token`, {})).token;
}

async function send(
  url: string,
  token: string,
  method: string,
  params: ModernParams,
  more: Readonly<Record<string, string>> = {},
) {
  const answer = await fetch(url, modernRequest(method, params, { authorization: `Bearer ${token}`, ...more }));
  return (await answer.json()) as {
    result?: { tools?: { name: string }[]; isError?: boolean; nextCursor?: string; content?: { text: string }[] };
    error?: object;
  };
}

test('B-5 a tool that a list does not show is not reached by name either, nor through another agent’s cursor', async () => {
  using folder = temporaryFolder();
  const policies =
    '@id("writers") permit (principal == Agent::"writer", action, resource);\n@id("echo") permit (principal, action == Action::"notes/echo", resource);';
  const tools = toolsFor(['echo', 'big', 'error', 'never']);
  await using house = await openHouse(folder.path, { policies, script: { tools }, config: twoAgents });
  const [writer, reader] = [await tokenOf(house, 'writer'), await tokenOf(house, 'reader')];
  const url = `${house.gateway.url}/mcp/notes`;
  const names = async (token: string, params: ModernParams): Promise<string[]> =>
    ((await send(url, token, 'tools/list', params)).result?.tools ?? []).map(({ name }) => name);
  assert.deepEqual(await names(writer, {}), ['big', 'echo', 'error', 'never']);
  assert.deepEqual(await names(reader, {}), ['echo']);
  const { result } = await send(url, reader, 'tools/call', { name: 'big', arguments: { count: 3 } });
  assert.equal(result?.isError, true);
  assert.match(result.content?.[0]?.text ?? '', /no policy permits this/i);
  assert.doesNotMatch(linesOf(folder.file('received')).join('\n'), /"name":"big"/);
  const whole = await send(url, writer, 'tools/list', {});
  const cursor = whole.result?.nextCursor ?? 'made-up';
  const seen = await send(url, reader, 'tools/list', { cursor });
  for (const { name } of seen.result?.tools ?? []) assert.equal(name, 'echo');
});

test('B-5 what a list showed before a stop is refused after it', async () => {
  using folder = temporaryFolder();
  const policies = '@id("all") permit (principal, action, resource);';
  await using house = await openHouse(folder.path, { policies, script: { tools: toolsFor(['echo']) } });
  assert.equal((await house.call('echo', { text: 'x' })).text, 'x');
  await house.ask('kill', { scope: 'agent:writer' });
  const after = await house.call('echo', { text: 'after' });
  assert.match(after.text, /stopped this agent/i);
  assert.doesNotMatch(linesOf(folder.file('received')).join('\n'), /after/);
});

test('E-11 decisions of eight concurrent callers are each those of their own arguments, agent and task', async () => {
  using folder = temporaryFolder();
  const policies = `
@id("short") permit (principal, action == Action::"notes/echo", resource) when { context.input has count && context.input.count.lessThan(decimal("5.0")) };
@id("not-otto") forbid (principal == Agent::"reader", action == Action::"notes/echo", resource) when { context.input has text && context.input.text like "*w*" };
@id("spent") forbid (principal, action == Action::"notes/echo", resource) when { context.task.openerProof == "operator" && context.input has text && context.input.text like "*t*" };`;
  const script = { tools: toolsFor(['echo']) };
  await using house = await openHouse(folder.path, { policies, script, config: twoAgents });
  const url = `${house.gateway.url}/mcp/notes`;
  const { token: task } = await house.ask<{ token: string }>('tasks', { agent: 'writer', purpose: 'p' });
  const writer = await tokenOf(house, 'writer');
  const callers = [
    { call: callerOf(url, writer), agent: 'writer', opened: false },
    { call: callerOf(url, writer, task), agent: 'writer', opened: true },
    { call: callerOf(url, await tokenOf(house, 'reader')), agent: 'reader', opened: false },
  ];
  const seed = Math.floor(Math.random() * 2 ** 32);
  const random = seeded(seed);
  const loop = async (): Promise<void> => {
    for (let round = 0; round < 25; round++) {
      const caller = callers[random.below(callers.length)] ?? assert.fail();
      const count = random.below(10);
      const text = ['a', 'w', 't', 'wt'][random.below(4)] ?? '';
      const allowed =
        count < 5 && !(caller.agent === 'reader' && text.includes('w')) && !(caller.opened && text.includes('t'));
      const answer = await caller.call('echo', { text, count });
      assert.equal(
        answer.isError !== true,
        allowed,
        `seed ${seed}: ${JSON.stringify({ ...caller, text, count })} ${answer.text}`,
      );
    }
  };
  await Promise.all(Array.from({ length: 8 }, loop));
});

test('E-12 no header, query, member or environment variable loosens a mode; only an operator does, in the record and in sight', async () => {
  using folder = temporaryFolder();
  const env = { SALLYPORT_MODE: 'observe', MODE: 'observe', SALLYPORT_ENFORCE: '0', NODE_ENV: 'development' };
  const before = Object.fromEntries(Object.keys(env).map(name => [name, process.env[name]]));
  Object.assign(process.env, env);
  try {
    const policies = '@id("none") permit (principal == Agent::"nobody", action, resource);';
    await using house = await openHouse(folder.path, { policies, script: { tools: toolsFor(['echo']) } });
    const token = await tokenOf(house, 'writer');
    const url = `${house.gateway.url}/mcp/notes`;
    const headers = {
      'sallyport-mode': 'observe',
      'x-sallyport-mode': 'shadow',
      'x-mode': 'observe',
      'x-dry-run': '1',
    };
    const call = { name: 'echo', arguments: { text: 'through' } };
    const tries = [
      await send(url, token, 'tools/call', call, headers),
      await send(`${url}?mode=observe&enforce=false`, token, 'tools/call', call),
      await send(url, token, 'tools/call', {
        ...call,
        _meta: { mode: 'observe', 'sallyport/mode': 'observe' },
      }),
    ];
    for (const { result, error } of tries) assert.ok(error !== undefined || result?.isError === true);
    assert.doesNotMatch(linesOf(folder.file('received')).join('\n'), /through/);
    const status = async () => (await house.ask<{ status: { modes: unknown } }>('status')).status;
    assert.match(JSON.stringify((await status()).modes), /"enforce"/);
    await house.ask('modes', { scope: 'default', mode: 'observe' });
    assert.match(JSON.stringify((await status()).modes), /"observe"/);
    const { entries } = await house.ask<{ entries: Entry[] }>('entries?kind=mode.set');
    const set = entries[0];
    assert.ok(set?.kind === 'mode.set' && set.mode === 'observe' && set.by !== '');
  } finally {
    for (const [name, value] of Object.entries(before))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  }
});

test('G-8 a second gateway on one state is turned away before it touches anything: the first goes on, and a yes is used once', async () => {
  using folder = temporaryFolder();
  const policies = `
@id("all") permit (principal, action, resource);
@id("ask-first") @reason("a person looks first") @approver("operator")
forbid (principal, action == Action::"notes/echo", resource) unless { context.approved };`;
  const script = { tools: toolsFor(['echo']), starts: folder.file('starts') };
  await using house = await openHouse(folder.path, { policies, script });
  const approved = () => house.call('echo', { text: 'once' });
  assert.match((await approved()).text, /a person has to approve this/i);
  const { approvals } = await house.ask<{ approvals: { id: string }[] }>('approvals');
  await house.ask(`approvals/${approvals[0]?.id}`, { answer: 'approved' });
  await assert.rejects(openHouse(folder.path, { policies, script }), /written by another process.*sallyport down/);
  const [pid = '', ...others] = linesOf(folder.file('starts'));
  assert.deepEqual(others, [], 'it started no server');
  assert.ok(process.kill(Number(pid), 0), 'and ended none');
  assert.deepEqual(await approved(), { text: 'once' });
  assert.match((await approved()).text, /a person has to approve this/i);
  assert.equal(linesOf(folder.file('received')).join('').split('"once"').length - 1, 1);
});
