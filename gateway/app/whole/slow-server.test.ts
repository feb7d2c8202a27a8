import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { callerOf, type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { type ModernParams, modernRequest } from '@sallyport/testkit/modern-request.ts';
import { linesOf, stdioUpstream, temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import type { ServerConfig } from '../../upstreams/config.ts';

/** Servers that take long to start: they hold up nobody else, and are not missing without a word. */

const tool = (name: string, more: object = {}) => ({
  name,
  inputSchema: { type: 'object', properties: { text: { type: 'string', ...more } } },
});
const policies = `
@id("everything") @reason("all is well")
permit (principal, action, resource);
`;

interface Slow extends House {
  /** One request of the agent's, in the newest era. */
  readonly send: (path: string, method: string, params: ModernParams, signal?: AbortSignal) => Promise<Response>;
  /** The tools of both servers, as the agent is shown them. */
  readonly tools: (path?: string) => Promise<string[]>;
  readonly stateOf: (server: string) => Promise<string | undefined>;
  readonly slow: House['call'];
  /** Lets the slow server begin. */
  readonly release: () => void;
  /** What the slow server was sent. */
  readonly received: () => string;
}

interface Options {
  readonly isReleased?: boolean;
  readonly written?: string;
  readonly slowTool?: object;
  readonly meetMillisMax?: number;
  readonly broken?: ServerConfig;
}

/** `notes` starts at once; `slow` when it is released, or at once where `isReleased`. */
async function open(folder: string, options: Options = {}): Promise<Slow> {
  const { isReleased = false, written = policies, slowTool = tool('wait'), meetMillisMax = 60_000 } = options;
  const [gate, record] = [`${folder}/gate`, `${folder}/received-by-slow`];
  const script = { tools: [slowTool], record, startsWith: gate };
  if (isReleased) writeFileSync(gate, '');
  const house = await openHouse(folder, {
    policies: written,
    script: { tools: [tool('read_note')] },
    neighbours: [stdioUpstream('slow', script), ...(options.broken === undefined ? [] : [options.broken])],
    meetMillisMax,
  });
  const { url } = house.gateway;
  const send = (path: string, method: string, params: ModernParams, signal?: AbortSignal): Promise<Response> =>
    fetch(url + path, {
      ...modernRequest(method, params, { authorization: `Bearer ${house.token}` }),
      ...(signal === undefined ? {} : { signal }),
    });
  type Status = { status: { servers: { id: string; state: string }[] } };
  return {
    ...house,
    send,
    tools: async (path = '/mcp') => {
      const { result } = (await (await send(path, 'tools/list', {})).json()) as {
        result: { tools: { name: string }[] };
      };
      return result.tools.map(({ name }) => name);
    },
    stateOf: async id => (await house.ask<Status>('status')).status.servers.find(server => server.id === id)?.state,
    slow: callerOf(`${url}/mcp/slow`, house.token),
    release: () => writeFileSync(gate, ''),
    received: () => linesOf(record).join('\n'),
  };
}

test('a server that nobody knows and that takes long holds up no other: the gateway is ready, decides, and says what is missing', async () => {
  using folder = temporaryFolder();
  await using house = await open(folder.path);
  assert.equal((await house.call('read_note', { text: 'meanwhile' })).text, 'meanwhile');
  assert.deepEqual(await house.tools('/mcp/notes'), ['read_note']);
  assert.equal(await house.stateOf('slow'), 'starting');
  assert.deepEqual(house.gateway.starting(), ['slow']);
  const ready = await fetch(`${house.gateway.url}/readyz`);
  assert.deepEqual([ready.status, await ready.json()], [200, { status: 'ready', starting: 1 }], 'how many, not which');
});

test('who tries a tool of a server that never answered is told so, and what it said', async () => {
  using folder = temporaryFolder();
  const launch = {
    kind: 'command' as const,
    command: 'sh',
    args: ['-c', 'echo "fatal: no settings" >&2; exit 3'],
    env: {},
  };
  await using house = await open(folder.path, {
    meetMillisMax: 1,
    broken: { ...stdioUpstream('broken', { tools: [] }), launch },
  });
  await until('it is down', async () => (await house.stateOf('broken')) === 'down');
  type Failed = { error: { code: string; message: string; fix: string } };
  const tried = async (tool: string) => (await house.ask<Failed>('try', { agent: 'writer', tool, input: {} })).error;
  const starting = await tried('slow/wait');
  assert.equal(starting.code, 'unavailable');
  assert.match(
    starting.message,
    /^the server slow has never answered, so its tools are not known; it is still starting$/,
  );
  const down = await tried('broken/x');
  assert.match(
    down.message,
    /^the server broken has never answered, .*: it exited with code 3; it said: “fatal: no settings”$/,
  );
  assert.match(down.fix, /^mend what it complains of; it is tried again by itself/);
  assert.equal((await tried('notes/none')).code, 'not-found');
  const misspelt = { agent: 'writer', tool: 'notes/read_note', input: { txet: 'x' } };
  assert.match((await house.ask<Failed>('try', misspelt)).error.fix, /^notes\/read_note takes \w+ \(/);
});

test('what is asked of it waits for it, and is decided and performed once it is there', async () => {
  using folder = temporaryFolder();
  await using house = await open(folder.path);
  await house.call('read_note', { text: 'x' });
  const asked = [house.slow('wait', { text: 'patient' }), house.tools(), house.tools('/mcp/slow')] as const;
  const overtaken = await Promise.race([Promise.any(asked).then(() => 'answered'), house.call('read_note', {})]);
  assert.notEqual(overtaken, 'answered', 'nothing can be said of a tool that nobody knows');
  house.release();
  const [called, all, own] = await Promise.all(asked);
  assert.deepEqual(called, { text: 'patient' });
  assert.deepEqual([all, own], [['notes__read_note', 'slow__wait'], ['wait']]);
  assert.deepEqual([await house.stateOf('slow'), house.gateway.starting()], ['ready', []]);
  assert.deepEqual(await (await fetch(`${house.gateway.url}/readyz`)).json(), { status: 'ready', starting: 0 });
});

test('a server counts as starting until what it offers is listed, not until it has answered', async () => {
  using folder = temporaryFolder();
  await using house = await open(folder.path, { meetMillisMax: 1 });
  await until('only the slow one is missing', () => house.gateway.starting().join() === 'slow');
  assert.deepEqual(await house.tools(), ['notes__read_note'], 'nobody waits any more');
  house.release();
  await until('none is missing', () => house.gateway.starting().length === 0);
  assert.deepEqual(await house.tools(), ['notes__read_note', 'slow__wait']);
});

test('a list does not wait for ever: it comes without that server, and clients are told when it is there', async () => {
  using folder = temporaryFolder();
  await using house = await open(folder.path, { meetMillisMax: 1 });
  const gone = new AbortController();
  const news = await house.send(
    '/mcp',
    'subscriptions/listen',
    { notifications: { toolsListChanged: true } },
    gone.signal,
  );
  await until('its neighbour is there', async () => (await house.stateOf('notes')) === 'ready');
  await until('the list has it', async () => (await house.tools()).includes('notes__read_note'));
  assert.ok(!(await house.tools()).includes('slow__wait'));
  house.release();
  let heard = '';
  for await (const chunk of news.body ?? []) {
    heard += Buffer.from(chunk).toString();
    if (heard.includes('notifications/tools/list_changed') && (await house.tools()).includes('slow__wait')) break;
  }
  gone.abort();
  assert.match(heard, /notifications\/tools\/list_changed/);
  assert.deepEqual(await house.tools(), ['notes__read_note', 'slow__wait']);
});

test('a client that does not wait so long asked for nothing', async () => {
  using folder = temporaryFolder();
  await using house = await open(folder.path);
  const gone = new AbortController();
  const params = { name: 'wait', arguments: { text: 'nobody waits for this' } };
  const asked = house.send('/mcp/slow', 'tools/call', params, gone.signal);
  const over = assert.rejects(asked, { name: 'AbortError' });
  await house.call('read_note', { text: 'x' });
  gone.abort();
  await over;
  house.release();
  assert.deepEqual(await house.slow('wait', { text: 'next' }), { text: 'next' });
  assert.doesNotMatch(house.received(), /nobody waits for this/);
});

test('E-10 a token that is revoked while a list or a call waits gets neither', async () => {
  using folder = temporaryFolder();
  await using house = await open(folder.path);
  await house.call('read_note', { text: 'x' });
  const asked = [
    house.send('/mcp', 'tools/list', {}),
    house.send('/mcp/slow', 'tools/call', { name: 'wait', arguments: { text: 'after the end' } }),
  ];
  // Answered after the others came in, on one connection or another.
  await house.call('read_note', { text: 'y' });
  await house.ask('agents/writer/revoke', {});
  house.release();
  for (const answer of await Promise.all(asked)) {
    const text = await answer.text();
    assert.ok(answer.status === 401 || /unauthenticated/.test(text), text);
    assert.doesNotMatch(text, /read_note/);
  }
  assert.doesNotMatch(house.received(), /after the end/);
});

test('A-12 headers are held against what it says of itself, also by a call that waited for it', async () => {
  using folder = temporaryFolder();
  await using house = await open(folder.path, { slowTool: tool('wait', { 'x-mcp-header': 'Text' }) });
  const asked = house.slow('wait', { text: 'without its header' });
  await house.call('read_note', { text: 'x' });
  house.release();
  await assert.rejects(asked, 'the answer is a fault, and no result');
  assert.doesNotMatch(house.received(), /without its header/);
  const rejected = async (): Promise<string[]> => {
    const { entries } = await house.ask<{ entries: { what: string }[] }>('entries?kind=rejected');
    return entries.map(({ what }) => what);
  };
  await until('it is written down', async () => (await rejected()).length > 0);
  assert.deepEqual(await rejected(), ['mcp-param-text']);
});

test('policies that name its tools come into force when it is there, and nothing is decided before', async () => {
  using folder = temporaryFolder();
  const named = `${policies}\n@id("no-waiting") @reason("nobody waits")\nforbid (principal, action == Action::"slow/wait", resource);\n`;
  let isOpen = false;
  const opening = open(folder.path, { written: named }).then(house => {
    isOpen = true;
    return house;
  });
  await until('it is being started', () => linesOf(`${folder.path}/received`).length > 0);
  assert.equal(isOpen, false);
  writeFileSync(`${folder.path}/gate`, '');
  await using house = await opening;
  assert.match((await house.slow('wait', {})).text, /rule no-waiting/);
});

test('what was accepted of it before is decided on and shown while it starts', async () => {
  using folder = temporaryFolder();
  {
    await using house = await open(folder.path, { isReleased: true });
    assert.deepEqual(await house.tools(), ['notes__read_note', 'slow__wait']);
  }
  const again = temporaryFolder();
  using _ = again;
  const script = { tools: [tool('wait')], startsWith: again.file('gate') };
  await using house = await openHouse(folder.path, {
    policies: `${policies}\n`,
    script: { tools: [tool('read_note')] },
    neighbours: [stdioUpstream('slow', script)],
  });
  const slow = callerOf(`${house.gateway.url}/mcp/slow`, house.token);
  const asked = slow('wait', { text: 'patient' });
  const { tools } = await house.ask<{ tools: { tool: string }[] }>('tools');
  assert.ok(
    tools.some(one => one.tool === 'slow/wait'),
    'it is known',
  );
  assert.deepEqual(await house.call('read_note', { text: 'meanwhile' }), { text: 'meanwhile' });
  writeFileSync(again.file('gate'), '');
  assert.deepEqual(await asked, { text: 'patient' });
});

test('E-10 a policy that is activated while a call waits for its server holds for that call', async () => {
  using folder = temporaryFolder();
  await using house = await open(folder.path, { isReleased: true });
  await until('it is there', async () => (await house.stateOf('slow')) === 'ready');
  const received = linesOf(`${folder.path}/received-by-slow`).length;
  rmSync(`${folder.path}/gate`);
  const order = { agent: 'writer', principal: 'user:ben', purpose: 'wait' };
  const { token } = await house.ask<{ token: string }>('tasks', order);
  const asked = callerOf(`${house.gateway.url}/mcp/slow`, house.token, token)('wait', { text: 'too late' });
  type Entries = { entries: { kind: string }[] };
  const decided = async () => (await house.ask<Entries>('entries?kind=decided')).entries.length;
  await until('it is decided', async () => (await decided()) > 0);
  writeFileSync(
    `${folder.path}/notes.cedar`,
    `${policies}\n@id("nobody") @reason("no")\nforbid (principal, action, resource);`,
  );
  const { policy } = await house.ask<{ policy: { candidate?: { digest: string } } }>('policy');
  await house.ask('policy/activate', { digest: policy.candidate?.digest });
  house.release();
  assert.match((await asked).text, /Other rules are in force/);
  assert.doesNotMatch(house.received().split('\n').slice(received).join(), /too late/);
});
