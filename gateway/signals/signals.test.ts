import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { fakeOrder } from '@sallyport/testkit/fakes/task.ts';
import { theOperator } from '@sallyport/testkit/fakes/the-operator.ts';
import { startIssuer, type TestIssuer } from '@sallyport/testkit/identity/issuer.ts';
import { agentA, agentB, openRoom, type Room } from '@sallyport/testkit/rooms/tasks.ts';
import { SignJWT } from 'jose';
import type { SignalConfig } from './config.ts';
import { createPoll } from './poll.ts';
import { createReceiver, type Received } from './receiver.ts';

const audience = 'http://127.0.0.1:7420/ssf/events';
const caep = 'https://schemas.openid.net/secevent/caep/event-type/';

interface Stage {
  readonly issuer: TestIssuer;
  readonly room: Room;
  readonly receive: (text: string) => Promise<Received>;
  readonly set: (over?: object, header?: object) => Promise<string>;
  readonly open: () => string[];
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

let names = 0;

async function stage(): Promise<Stage> {
  const issuer = await startIssuer({ alg: 'RS256' });
  const room = openRoom();
  const used = new Set<string>();
  const signal: SignalConfig = {
    ...{ name: 'idp', issuer: issuer.url, audience: undefined, poll: undefined },
    keys: { kind: 'url', url: `${issuer.url}/jwks`, ca: undefined, tokenFile: undefined },
    subjects: { 'paul@example.org': 'user:paul' },
  };
  const receive = createReceiver({
    ...{
      signals: [signal],
      audience: () => audience,
      openTasks: room.room.openTasks,
      end: room.room.end,
      now: Date.now,
    },
    useOnce: async name => !used.has(name) && used.add(name).has(name),
    isUsed: async name => used.has(name),
  });
  const set = (over: object = {}, header: object = {}) =>
    new SignJWT({
      ...{ iss: issuer.url, aud: audience, jti: `set-${++names}`, iat: Math.floor(Date.now() / 1000) },
      sub_id: { format: 'iss_sub', iss: issuer.url, sub: 'emma' },
      events: { [`${caep}session-revoked`]: { reason_admin: { en: 'left' } } },
      ...over,
    })
      .setProtectedHeader({ typ: 'secevent+jwt', alg: 'RS256', kid: issuer.kid, ...header })
      .sign(issuer.key);
  const open = (): string[] =>
    room.room
      .openTasks()
      .map(({ principal }) => principal)
      .sort();
  await room.control.open(fakeOrder({ agent: agentA.id }), theOperator);
  await room.room.tasks.require(agentA, undefined);
  await room.control.open(fakeOrder({ agent: agentB.id, principal: 'user:paul' }), theOperator);
  return { issuer, room, receive, set, open, [Symbol.asyncDispose]: issuer.close };
}

describe('security events', () => {
  test('R8 session-revoked ends every task of its principal, and of nobody else', async () => {
    await using it = await stage();
    assert.deepEqual(it.open(), ['user:emma', 'user:emma', 'user:paul']);
    const received = await it.receive(await it.set());
    assert.ok(received.ok && received.ended.length === 2);
    assert.deepEqual(it.open(), ['user:paul']);
    const ended = it.room.journal.entries.filter(entry => entry.kind === 'task.ended');
    assert.deepEqual(
      [ended.length, ended[0]?.by, ended[0]?.why],
      [2, 'signal:idp', 'session-revoked of its principal'],
    );
    assert.ok((await it.receive(await it.set({ sub_id: { format: 'email', email: 'paul@example.org' } }))).ok);
    assert.deepEqual(it.open(), []);
  });

  test('D-6 an event that is shown again ends nothing that was opened since, however long ago it was', async () => {
    await using it = await stage();
    const event = await it.set();
    assert.equal((await it.receive(event)).ok, true);
    await it.room.control.open(fakeOrder({ agent: agentA.id }), theOperator);
    const again = await it.receive(event);
    assert.deepEqual(again.ok && again.ended, [], 'it is answered as before');
    const seconds = Math.floor(Date.now() / 1000);
    const forgotten = await it.receive(await it.set({ iat: 0 }));
    assert.deepEqual(forgotten.ok && forgotten.ended, []);
    assert.deepEqual(it.open(), ['user:emma', 'user:paul']);
    const late = await it.receive(await it.set({ iat: seconds - 6 * 86_400 }));
    assert.equal(late.ok && late.ended.length, 1, 'one that nobody has seen yet counts');
  });

  test('a task can be named by its id, alone or within a complex subject', async () => {
    await using it = await stage();
    const [task] = it.room.room.openTasks();
    const session = { format: 'opaque', id: task?.id };
    const received = await it.receive(await it.set({ sub_id: { format: 'complex', session } }));
    assert.deepEqual(received.ok && received.ended, [task?.id]);
  });

  test('a credential that is taken away or changed ends tasks; a new one, and another event, do not', async () => {
    await using it = await stage();
    const change = (change_type: string) => ({
      events: { [`${caep}credential-change`]: { credential_type: 'x509', change_type } },
    });
    assert.deepEqual(await endedBy(it, change('create')), 0);
    assert.deepEqual(await endedBy(it, { events: { [`${caep}device-compliance-change`]: {} } }), 0);
    assert.deepEqual(await endedBy(it, change('revoke')), 2);
  });

  async function endedBy(it: Stage, over: object): Promise<number> {
    const received = await it.receive(await it.set(over));
    assert.ok(received.ok);
    return received.ended.length;
  }

  test('D-1 D-3 what does not verify, is for somebody else, or is no such token ends nothing, each for its own reason', async () => {
    await using it = await stage();
    const good = await it.set();
    const wrong: [string, string][] = [
      [good.replace(/\.[^.]*$/, `.${'A'.repeat(342)}`), 'signature'],
      [await it.set({ iss: 'https://evil.example' }), 'issuer'],
      [await it.set({ aud: 'https://evil.example' }), 'audience'],
      [await it.set({ aud: [audience, 'https://evil.example'] }), 'audience'],
      [await it.set({}, { typ: 'at+jwt' }), 'token-type'],
      [await it.set({}, { typ: 'JWT' }), 'token-type'],
      [await it.set({}, { kid: 'unheard-of' }), 'key-unknown'],
      [await it.set({ sub: 'user:emma' }), 'claim'],
      [await it.set({ exp: Math.floor(Date.now() / 1000) + 60 }), 'claim'],
      [await it.set({ iat: undefined }), 'claim'],
      [await it.set({ events: {} }), 'claim'],
      [await it.set({ events: { a: {}, b: {} } }), 'claim'],
      [await it.set({ sub_id: { format: 'did', url: 'x' } }), 'subject'],
      ['not a token', 'malformed'],
    ];
    for (const [text, reason] of wrong) {
      const received = await it.receive(text);
      assert.equal(!received.ok && received.fault.reason, reason, reason);
    }
    assert.equal(it.open().length, 3);
  });

  test('C-5 an answer without an end is not read to its end', async () => {
    let sent = 0;
    const transmitter = createServer((_req, res) => {
      const more = (): void => {
        if (!res.destroyed && sent++ < 10_000) res.write('x'.repeat(64 * 1024), () => setImmediate(more));
      };
      more();
    });
    await new Promise<void>(done => transmitter.listen(0, '127.0.0.1', done));
    try {
      const url = `http://127.0.0.1:${(transmitter.address() as AddressInfo).port}/`;
      const poll = createPoll({ url, tokenFile: undefined, everySeconds: 30 }, async () => assert.fail());
      await assert.rejects(poll(), /larger than 1048576 bytes/);
      assert.ok(sent < 1_000, `${sent} pieces of 64 KiB`);
    } finally {
      transmitter.close();
      transmitter.closeAllConnections();
    }
  });

  test('polled events are acted on, then acknowledged; one that does not verify is told as an error', async () => {
    await using it = await stage();
    const asked: { ack: string[]; setErrs: object }[] = [];
    const sets: object[] = [{ one: await it.set(), two: 'rubbish' }, {}];
    const transmitter = createServer((req, res) => {
      let body = '';
      req.on('data', chunk => (body += chunk));
      req.on('end', () => {
        asked.push(JSON.parse(body));
        res.end(JSON.stringify({ sets: sets.shift() ?? {}, moreAvailable: sets.length > 0 }));
      });
    });
    await new Promise<void>(done => transmitter.listen(0, '127.0.0.1', done));
    try {
      const url = `http://127.0.0.1:${(transmitter.address() as AddressInfo).port}/`;
      const poll = createPoll({ url, tokenFile: undefined, everySeconds: 30 }, it.receive);
      assert.equal(await poll(), true);
      assert.deepEqual(it.open(), ['user:paul']);
      assert.equal(await poll(), false);
      assert.deepEqual([asked[0]?.ack, asked[1]?.ack, Object.keys(asked[1]?.setErrs ?? {})], [[], ['one'], ['two']]);
    } finally {
      transmitter.close();
      transmitter.closeAllConnections();
    }
  });
});
