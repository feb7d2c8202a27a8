import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callerOf, type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { linesOf, temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import type { Script } from '@sallyport/testkit/upstream/script.ts';

const policies = '@id("everything") @reason("all is well") permit (principal, action, resource);';
const uri = 'test://note';
const modern = '2026-07-28';
const legacy = '2025-11-25';
const _meta = { 'io.modelcontextprotocol/protocolVersion': modern, 'io.modelcontextprotocol/clientCapabilities': {} };

interface Message {
  readonly method: string;
  readonly params: object;
}

/** Somebody that the agent `crew` works for, in a task of their own. */
interface Client {
  readonly call: House['call'];
  /** A POST, or without a message the GET of a session. */
  readonly send: (headers: object, message?: Message, more?: RequestInit) => Promise<Response>;
  /** A stream of the newest era. */
  readonly listen: (...about: string[]) => Promise<Hearing>;
}

/** How often a stream has told that this resource changed. */
type Hearing = (about: string) => number;

interface Crew extends AsyncDisposable {
  readonly clientFor: (principal: string) => Promise<Client>;
  /** Lines with this text among all that the processes of the server received. */
  readonly received: (text: string) => number;
  /** Open ones, towards people. */
  readonly questions: () => Promise<number>;
}

async function openCrew(folder: string, script: Script, shared = false, more = ''): Promise<Crew> {
  const config = `  crew: { principal: "user:crew", shared: ${shared} }\n`;
  // A busy machine takes its time to start the server, and what is asked of a server that nobody knows yet is left out.
  const meetMillisMax = 60_000;
  const house = await openHouse(folder, { policies: `${policies}\n${more}`, script, config, meetMillisMax });
  const { token } = await house.ask<{ token: string }>('agents/crew/token', {});
  const url = `${house.gateway.url}/mcp/notes`;
  const leave = new AbortController();
  const clientFor = async (principal: string): Promise<Client> => {
    const opened = await house.ask<{ token: string }>('tasks', { agent: 'crew', principal, purpose: 'watch a note' });
    const send: Client['send'] = (headers, message, more) =>
      fetch(url, {
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json, text/event-stream',
          'sallyport-task': opened.token,
          ...(message && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(message && { method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }) }),
        signal: leave.signal,
        ...more,
      });
    const listen = async (...about: string[]): Promise<Hearing> => {
      const params = { _meta, notifications: { resourceSubscriptions: about } };
      const headers = { 'mcp-protocol-version': modern, 'mcp-method': 'subscriptions/listen' };
      return hear(await send(headers, { method: 'subscriptions/listen', params }));
    };
    return { call: callerOf(url, token, opened.token), send, listen };
  };
  return {
    clientFor,
    questions: async () => (await house.ask<{ approvals: readonly unknown[] }>('approvals')).approvals.length,
    received: text => linesOf(`${folder}/received`).filter(line => line.includes(text)).length,
    [Symbol.asyncDispose]: async () => {
      leave.abort();
      await house[Symbol.asyncDispose]();
    },
  };
}

/** Opens a session of the handshake era; returns the headers of all that belongs to it. */
async function beginSession({ send }: Client): Promise<Record<string, string>> {
  const params = { protocolVersion: legacy, capabilities: {}, clientInfo: { name: 'peer', version: '0' } };
  const { headers } = await send({}, { method: 'initialize', params });
  return { 'mcp-session-id': headers.get('mcp-session-id') ?? '', 'mcp-protocol-version': legacy };
}

async function ask(client: Client, session: object, method: string, about: string): Promise<void> {
  await (await client.send(session, { method, params: { uri: about } })).text();
}

function hear(stream: Response): Hearing {
  let said = '';
  void (async () => {
    for await (const part of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) said += part;
  })().catch(() => undefined);
  return about =>
    said.split('notifications/resources/updated').filter(part => part.includes(`"uri":"${about}"`)).length;
}

for (const shared of [true, false])
  test(`A-14 what the server of one principal says reaches no stream of another, also of the very same ${shared ? 'shared ' : ''}agent and resource`, async () => {
    using folder = temporaryFolder();
    await using crew = await openCrew(folder.path, { quiet: true }, shared);
    const [emma, ben] = [await crew.clientFor('user:emma'), await crew.clientFor('user:ben')];
    const [hers, his] = [await emma.listen(uri), await ben.listen(uri)];
    await emma.call('news', { text: uri });
    await until('she hears of hers', () => hers(uri) === 1);
    await ben.call('news', { text: uri });
    await until('he hears of his', () => his(uri) > 0);
    await emma.call('news', { text: uri });
    await until('she hears of hers again', () => hers(uri) >= 2);
    assert.deepEqual([hers(uri), his(uri)], [2, 1]);
  });

/** The scripted server says in one breath that a resource was subscribed to and that it changed. */
test('A-14 what changes before the stream is open is told as soon as it is, to whom it concerns and once', async () => {
  using folder = temporaryFolder();
  await using crew = await openCrew(folder.path, {});
  const [emma, ben] = [await crew.clientFor('user:emma'), await crew.clientFor('user:ben')];
  const listening = await emma.listen('test://hers', 'test://dropped');
  const heard = (times: number): boolean => listening('test://hers') === times && listening('test://dropped') === times;
  await until('the new era hears of both', () => heard(1));

  const session = await beginSession(emma);
  await ask(emma, session, 'resources/subscribe', 'test://hers');
  await ask(emma, session, 'resources/subscribe', 'test://dropped');
  await until('it hears of both again', () => heard(2));
  await ask(emma, session, 'resources/unsubscribe', 'test://dropped');
  const hangUp = new AbortController();
  const his = hear(await ben.send(session, undefined, { signal: hangUp.signal }));
  await ask(ben, session, 'resources/subscribe', 'test://his');
  await until('he hears of his', () => his('test://his') === 1);
  assert.equal(his('test://hers'), 0);
  hangUp.abort();
  let stream = await emma.send(session);
  await until('his stream is closed', async () => {
    if (stream.status === 409) stream = await emma.send(session);
    return stream.status === 200;
  });
  const hers = hear(stream);
  await ask(emma, session, 'resources/subscribe', 'test://new');
  await until('she hears of what is new', () => hers('test://new') === 1);
  assert.deepEqual([hers('test://hers'), hers('test://dropped'), hers('test://his')], [1, 0, 0]);
});

test('a server is no longer asked once nobody whom it was asked for listens, whoever else hears of that resource', async () => {
  using folder = temporaryFolder();
  await using crew = await openCrew(folder.path, { quiet: true });
  const [emma, ben] = [await crew.clientFor('user:emma'), await crew.clientFor('user:ben')];
  const his = await ben.listen(uri);
  const session = await beginSession(emma);
  await ask(emma, session, 'resources/subscribe', uri);
  await ask(emma, session, 'resources/unsubscribe', uri);
  assert.equal(crew.received('resources/unsubscribe'), 1, 'hers is another process than his');

  const both = await beginSession(emma);
  await ask(emma, both, 'resources/subscribe', 'test://hers');
  await ask(ben, both, 'resources/subscribe', 'test://his');
  assert.equal((await emma.send(both, undefined, { method: 'DELETE' })).status, 204);
  const ended = (about: string): number => crew.received(`"method":"resources/unsubscribe","params":{"uri":"${about}"`);
  await until('each is asked for whom it was', () => ended('test://hers') === 1 && ended('test://his') === 1);
  await ben.call('news', { text: uri });
  await until('he hears of it as before', () => his(uri) === 1);
});

test('nobody is asked whether an agent may stop listening, whatever is said of servers that are told to stop telling', async () => {
  using folder = temporaryFolder();
  const asks = `@id("ask") @reason("somebody looks") @approver("operator") @expires("10m")
    forbid (principal, action == Action::"notes/mcp:resources/unsubscribe", resource) unless { context.approved };`;
  await using crew = await openCrew(folder.path, { quiet: true }, false, asks);
  const emma = await crew.clientFor('user:emma');
  const session = await beginSession(emma);
  await ask(emma, session, 'resources/subscribe', uri);
  assert.equal((await emma.send(session, undefined, { method: 'DELETE' })).status, 204);
  await until('the server is told', () => crew.received('"method":"resources/unsubscribe"') === 1);
  assert.equal(await crew.questions(), 0);
});
