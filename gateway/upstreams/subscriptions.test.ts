import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpUpstream, linesOf, stdioUpstream, temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { type HttpUpstream, startHttpUpstream } from '@sallyport/testkit/upstream/http.ts';
import { startRig, textOf } from '@sallyport/testkit/upstream/rig.ts';

/** The agent's own connection is the only one. */
const lookAs = { agent: 'assistant', principal: 'user:emma' };
const ask = { server: 's', tool: '', input: '{"uri":"test://one"}' };

/** What the gateway asked the server to tell it, request by request. */
function wishes({ received }: HttpUpstream): string[] {
  const listens = received.filter(({ body }) => body.includes('"subscriptions/listen"'));
  return listens.map(({ body }) => JSON.stringify(JSON.parse(body).params.notifications.resourceSubscriptions ?? []));
}

test('a server that hangs up is asked for lists again, and for nothing that an agent had subscribed to', async () => {
  using folder = temporaryFolder();
  await using server = await startHttpUpstream({ era: 'modern' });
  await using rig = await startRig({ servers: [httpUpstream('s', server.url)], stateDir: folder.path, lookAs });
  await until('the lists are listened to', () => wishes(server).length === 1);
  assert.equal((await rig.call({ ...ask, method: 'resources/subscribe' })).kind, 'result');
  assert.deepEqual(wishes(server), ['[]', '["test://one"]']);

  server.hangUp();
  await until('the server is asked again', () => wishes(server).length === 3);
  assert.equal(wishes(server)[2], '[]', 'no decision stands behind asking for a resource here');

  const updates = rig.updates.length;
  assert.equal((await rig.call({ ...ask, method: 'resources/subscribe' })).kind, 'result');
  assert.equal(wishes(server)[3], '["test://one"]', 'the agent may ask again');
  await until('news arrive again', () => rig.updates.length > updates);
});

test('over pipes a server ends a subscription by cancelling it, and it ends no call so', async () => {
  using folder = temporaryFolder();
  const record = folder.file('received');
  const servers = [stdioUpstream('s', { era: 'modern', record })];
  await using rig = await startRig({ servers, stateDir: folder.path, lookAs });
  const listens = (): number[] =>
    linesOf(record).flatMap(line => (line.includes('"subscriptions/listen"') ? [JSON.parse(line).id] : []));
  await until('the lists are listened to', () => listens().length === 1);
  const cancel = (input: object) => rig.call({ server: 's', tool: 'cancel', input: JSON.stringify(input) });
  assert.equal(textOf(await cancel({})), 'told');
  assert.equal(textOf(await cancel({ text: String(listens()[0]) })), 'told');
  await until('the server is asked again', () => listens().length === 2);
});

test('handshake era: after a hang-up the news stream is opened again, and no subscription is repeated', async () => {
  using folder = temporaryFolder();
  await using server = await startHttpUpstream({ era: 'legacy' });
  await using rig = await startRig({ servers: [httpUpstream('s', server.url)], stateDir: folder.path, lookAs });
  const streams = (): number => server.received.filter(({ method }) => method === 'GET').length;
  const subscribed = (): number => server.received.filter(({ body }) => body.includes('"resources/subscribe"')).length;
  await until('the stream is open', () => streams() === 1);
  assert.equal((await rig.call({ ...ask, method: 'resources/subscribe' })).kind, 'result');
  server.hangUp();
  await until('the stream is opened again', () => streams() === 2);
  assert.equal(subscribed(), 1);
});

test('subscriptions that are asked for at once are all in force', async () => {
  using folder = temporaryFolder();
  await using server = await startHttpUpstream({ era: 'modern' });
  await using rig = await startRig({ servers: [httpUpstream('s', server.url)], stateDir: folder.path, lookAs });
  await until('the lists are listened to', () => wishes(server).length === 1);
  const uris = ['test://one', 'test://two', 'test://three'];
  const replies = uris.map(uri => rig.call({ ...ask, input: JSON.stringify({ uri }), method: 'resources/subscribe' }));
  const kinds = (await Promise.all(replies)).map(({ kind }) => kind);
  assert.deepEqual(kinds, ['result', 'result', 'result']);
  assert.equal(wishes(server).at(-1), JSON.stringify(uris));
  await until('all bring news', () => uris.every(uri => rig.updates.some(([, updated]) => updated === uri)));
});

test('a subscription that the server refuses ends no other', async () => {
  using folder = temporaryFolder();
  await using server = await startHttpUpstream({ era: 'modern', unknownResource: 'test://unknown' });
  await using rig = await startRig({ servers: [httpUpstream('s', server.url)], stateDir: folder.path, lookAs });
  await until('the lists are listened to', () => wishes(server).length === 1);
  assert.equal((await rig.call({ ...ask, method: 'resources/subscribe' })).kind, 'result');
  const refused = await rig.call({ ...ask, input: '{"uri":"test://unknown"}', method: 'resources/subscribe' });
  assert.equal(refused.kind, 'error');

  const [updates, asked] = [rig.updates.length, wishes(server).length];
  server.tell('notifications/resources/updated', { uri: 'test://one' });
  await until('what was subscribed to before still brings news', () => rig.updates.length > updates);
  assert.equal(wishes(server).length, asked, 'nothing had to be asked for again');
});

test('what a server leaves out of its acknowledgement is not subscribed to, and its neighbours are', async () => {
  using folder = temporaryFolder();
  await using server = await startHttpUpstream({ era: 'modern', untoldResource: 'test://untold' });
  await using rig = await startRig({ servers: [httpUpstream('s', server.url)], stateDir: folder.path, lookAs });
  const subscribe = (uri: string) =>
    rig.call({ ...ask, input: JSON.stringify({ uri }), method: 'resources/subscribe' });
  const replies = await Promise.all([subscribe('test://untold'), subscribe('test://one')]);
  assert.deepEqual(replies.map(textOf), ['error: The server does not tell of changes of this resource', '']);
  assert.equal((await subscribe('test://two')).kind, 'result');
  assert.equal(wishes(server).at(-1), '["test://one","test://two"]');
});

test('of more resources than are kept over one connection the oldest is told of no longer', async () => {
  using folder = temporaryFolder();
  await using server = await startHttpUpstream({ era: 'modern', quiet: true });
  const limits = { subscribedMax: 2 };
  await using rig = await startRig({ servers: [httpUpstream('s', server.url)], stateDir: folder.path, lookAs, limits });
  for (const uri of ['test://one', 'test://two', 'test://three'])
    assert.equal(
      (await rig.call({ ...ask, input: JSON.stringify({ uri }), method: 'resources/subscribe' })).kind,
      'result',
    );
  assert.equal(wishes(server).at(-1), '["test://two","test://three"]');
});

test('G-5 a server that says over and over that a resource changed is told on now and then, its last word included', async () => {
  using folder = temporaryFolder();
  const servers = [stdioUpstream('s', { quiet: true })];
  await using rig = await startRig({ servers, stateDir: folder.path, lookAs });
  assert.equal((await rig.call({ ...ask, method: 'resources/subscribe' })).kind, 'result');
  const flood = { server: 's', tool: 'news', input: '{"text":"test://one","count":20000}' };
  assert.equal((await rig.call(flood)).kind, 'result');
  await until('what came after the first is told too', () => rig.updates.length >= 2);
  assert.ok(rig.updates.length < 100, `told ${rig.updates.length} times`);
});

test('a connection over which only news would come that nobody listens for is given up', async () => {
  using folder = temporaryFolder();
  await using server = await startHttpUpstream({ era: 'legacy' });
  let [isAwaited, looks] = [true, 0];
  await using rig = await startRig({
    ...{ servers: [httpUpstream('s', server.url)], stateDir: folder.path, lookAs },
    isAwaited: () => {
      looks++;
      return isAwaited;
    },
    limits: { idleMillisMax: 100 },
  });
  const state = (): string | undefined => rig.upstreams.status()[0]?.state;
  assert.equal((await rig.call({ ...ask, method: 'resources/subscribe' })).kind, 'result');
  // Asked again and again, the third time long after it was used.
  await until('it is looked at', () => looks > 3);
  assert.equal(state(), 'open', 'somebody listens');
  isAwaited = false;
  await until('it is closed', () => state() === 'closed');
});

for (const era of ['legacy', 'modern'] as const)
  test(`${era} era: a server is told once that nobody wants to hear of a resource any more, and not of the rest`, async () => {
    using folder = temporaryFolder();
    await using server = await startHttpUpstream({ era, quiet: true });
    const unwanted = new Set<string>();
    await using rig = await startRig({
      ...{ servers: [httpUpstream('s', server.url)], stateDir: folder.path, lookAs },
      isWanted: async uri => !unwanted.has(uri),
      limits: { newsMillisMin: 20 },
    });
    const subscribe = (uri: string) =>
      rig.call({ ...ask, input: JSON.stringify({ uri }), method: 'resources/subscribe' });
    const sent = (): string[] => (era === 'modern' ? wishes(server) : unsubscribed(server));
    for (const uri of ['test://one', 'test://two', 'test://three']) await subscribe(uri);
    const before = sent().length;

    unwanted.add('test://one').add('test://two');
    rig.upstreams.left(() => true);
    const after = era === 'modern' ? ['["test://three"]'] : ['test://one', 'test://two'];
    await until('the server is told', () => sent().length === before + after.length);
    assert.deepEqual(sent().slice(before), after);
    rig.upstreams.left(() => true);
    await subscribe('test://one');
    assert.equal(
      sent().length,
      before + after.length + (era === 'modern' ? 1 : 0),
      'what was given up is not given up again',
    );
  });

test('what somebody asks for again while it is looked at is not given up', async () => {
  using folder = temporaryFolder();
  await using server = await startHttpUpstream({ era: 'legacy', quiet: true });
  const looks = [Promise.withResolvers<boolean>(), Promise.withResolvers<boolean>()];
  let looked = 0;
  await using rig = await startRig({
    ...{ servers: [httpUpstream('s', server.url)], stateDir: folder.path, lookAs },
    isWanted: () => looks[looked++]?.promise ?? Promise.resolve(true),
    limits: { newsMillisMin: 20 },
  });
  await rig.call({ ...ask, method: 'resources/subscribe' });
  rig.upstreams.left(() => true);
  await until('it is looked at', () => looked === 1);
  await rig.call({ ...ask, method: 'resources/subscribe' });
  looks[0]?.resolve(false);
  rig.upstreams.left(() => true);
  await until('it is looked at again', () => looked === 2);
  assert.deepEqual(unsubscribed(server), []);
  looks[1]?.resolve(false);
  await until('and then it is given up', () => unsubscribed(server).length === 1);
});

function unsubscribed({ received }: HttpUpstream): string[] {
  const sent = received.filter(({ body }) => body.includes('"resources/unsubscribe"'));
  return sent.map(({ body }) => JSON.parse(body).params.uri);
}
