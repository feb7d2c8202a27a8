import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import type { Approval } from '@sallyport/core/task/approval.ts';
import { smallInstallation } from '@sallyport/testkit/fakes/views.ts';
import type { ApprovalView } from '../api/view/approval.ts';
import { readYaml } from '../yaml/fields.ts';
import { type Channel, createChannel, requireFiles } from './channel.ts';
import { type ChannelConfig, readApprovalConfig } from './config.ts';
import { escaped, sectionCharsMax } from './notice.ts';
import { createNotifier } from './notifier.ts';

/** Messages to people, taken by a server that answers as it is told. */

let folder: string;
let url: string;
let status = 200;
let got: { readonly headers: Record<string, unknown>; readonly body: string }[] = [];
const server = createServer((req, res) => {
  let body = '';
  req.setEncoding('utf8').on('data', (chunk: string) => {
    body += chunk;
  });
  req.on('end', () => {
    got.push({ headers: req.headers, body });
    res.writeHead(status, status === 302 ? { location: 'http://127.0.0.1:9/' } : {}).end();
  });
});
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-channels-'));
  writeFileSync(join(folder, 'key'), 'k'.repeat(40), { mode: 0o600 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
beforeEach(() => {
  status = 200;
  got = [];
});
after(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const secret = '{"name":"pay","arguments":{"to":"IBAN-CANARY"}}';
function question(over: Partial<ApprovalView> = {}): ApprovalView {
  const [view] = smallInstallation().approvals;
  assert.ok(view);
  return { ...view, arguments: secret, purpose: 'PURPOSE-CANARY', ...over };
}

function channel(over: Partial<ChannelConfig> = {}): Channel {
  const config = {
    person: undefined,
    id: 'desk',
    kind: 'webhook',
    url: { value: url },
    secretFile: join(folder, 'key'),
    content: false,
  } as const;
  return createChannel({ ...config, ...over }, { now: () => 1_700_000_000_500, fetch });
}

const notice = (view = question()) => ({ event: 'asked', view, url: 'http://127.0.0.1:7420/approvals/ap_1' }) as const;

test('a webhook is signed over its time and its body, and says nothing of arguments and purpose', async () => {
  await channel().send(notice());
  const [message] = got;
  assert.ok(message);
  const mac = createHmac('sha256', 'k'.repeat(40)).update(`1700000000.${message.body}`).digest('hex');
  assert.equal(message.headers['sallyport-signature'], `t=1700000000,v1=${mac}`);
  assert.doesNotMatch(message.body, /CANARY/);
  assert.equal(JSON.parse(message.body).approval.url, 'http://127.0.0.1:7420/approvals/ap_1');
});

test('content is sent only where somebody configured it', async () => {
  await channel({ content: true }).send(notice());
  await channel({ kind: 'slack', content: true, secretFile: undefined }).send(notice());
  await channel({ kind: 'slack', secretFile: undefined }).send(notice());
  assert.deepEqual(
    got.map(({ body }) => /IBAN-CANARY/.test(body)),
    [true, true, false],
  );
});

test('E-4 a message says which value stopped it and where that came from, and the value itself only as content', async () => {
  const value = {
    argument: 'to',
    role: 'destination',
    backing: 'text',
    value: '<!channel> "VALUE-CANARY',
    charsLeft: 20,
    text: "comes from what mail/read_inbox returned, which others wrote, and not from user:emma's words",
    entry: 'o_3wte09zj0000000000000000',
    path: 'PATH-CANARY.body',
    decides: true,
  } as const;
  const beside = { ...value, argument: 'note; all is well', decides: false } as const;
  const risk = { score: 20, signals: [{ name: 'burst', text: 'more calls than ever' }] } as const;
  const sent = async (kind: 'slack' | 'webhook', content: boolean): Promise<string> => {
    await channel({ kind, content }).send(notice(question({ values: [value, beside], risk })));
    return got.at(-1)?.body ?? '';
  };
  const hook = await sent('webhook', false);
  assert.doesNotMatch(hook, /CANARY/);
  const { values, unusual } = JSON.parse(hook).approval;
  assert.deepEqual(values[0], {
    argument: 'to',
    role: 'destination',
    text: value.text,
    decides: true,
    entry: value.entry,
  });
  assert.equal(values[1].argument, '"note; all is well"');
  assert.deepEqual(unusual, ['more calls than ever']);
  assert.match(await sent('webhook', true), /VALUE-CANARY.*PATH-CANARY/);
  const chat = await sent('slack', false);
  assert.doesNotMatch(chat, /CANARY|all is well/);
  assert.match(chat, /• to comes from what mail\/read_\u2060inbox returned, which others wrote/);
  assert.match(chat, /unusual: more calls than ever/);
  assert.match(chat, /a yes is for exactly this, once, within \d+ minutes/);
  const whole = await sent('slack', true);
  assert.match(whole, /&lt;!channel&gt; .*VALUE-CANARY.* and 20 characters more comes from/);
  assert.doesNotMatch(whole, /<!channel>/);
});

test('E-4 no section of a chat message is longer than Slack takes: however much there is to say, people are told', async () => {
  const long = '&*<'.repeat(4_000);
  const signals = Array.from({ length: 60 }, () => ({
    name: 'burst' as const,
    text: `more calls than ever ${long.slice(0, 90)}`,
  }));
  const over = { arguments: JSON.stringify({ text: long }), purpose: long, risk: { score: 20, signals } };
  await channel({ kind: 'slack', content: true }).send(notice(question(over)));
  const { blocks } = JSON.parse(got[0]?.body ?? '') as { blocks: { text: { text: string } }[] };
  const texts = blocks.map(({ text }) => text.text);
  for (const text of texts) assert.ok(text.length <= sectionCharsMax, `${text.length}`);
  assert.match(texts[1] ?? '', /… and more, on its page\nAsked of .*exactly this, once/);
  assert.match(texts[2] ?? '', /^```\{"text":".*… and \d+ characters more```$/);
  assert.doesNotMatch(texts.join(''), /&(?!amp;|lt;|gt;)/);
  assert.match(texts[3] ?? '', /Look at it and answer/);
});

test('E-4 whose words a purpose is stands beside it, values that are not named are counted, and no words become a link or a picture', async () => {
  const slack = channel({ kind: 'slack', content: true, secretFile: undefined });
  const textOf = async (over: Partial<ApprovalView>): Promise<string> => {
    await slack.send(notice(question(over)));
    const { blocks } = JSON.parse(got.at(-1)?.body ?? '') as {
      blocks: { text: { text: string; verbatim: boolean } }[];
    };
    assert.ok(blocks.every(({ text }) => text.verbatim));
    return blocks.map(({ text }) => text.text).join('\n');
  };
  assert.match(await textOf({ opener: 'claimed' }), /The agent itself says it is for: “PURPOSE-CANARY”/);
  assert.match(await textOf({ opener: 'operator' }), /Its task was opened for: “PURPOSE-CANARY”/);
  const value = { argument: 'to', role: 'destination', backing: 'text', text: 'comes from mail' } as const;
  assert.match(await textOf({ values: Array(12).fill(value) }), /and 9 more of which there is doubt/);
  assert.doesNotMatch(await textOf({ purpose: '” :white_check_mark: approved' }), /:white|“”/);
});

test('E-4 a message says that a word of the arguments is of two alphabets, without them', async () => {
  const params = '{"name":"pay","arguments":{"to":"\u0430pple"}}';
  await channel({ kind: 'slack', secretFile: undefined }).send(notice(question({ arguments: params })));
  assert.match(got[0]?.body ?? '', /unusual: letters of more than one alphabet/);
  assert.doesNotMatch(got[0]?.body ?? '', /pple/);
  assert.equal(escaped('a\u2800b'), 'a b');
});

test('names in a chat message are never links, mentions or formatting', async () => {
  const hostile = '<!channel> <https://evil.example|pay> *bold* `code` a\u202eb';
  assert.doesNotMatch(escaped(hostile), /<|>|\*bold\*|`code`|\u202e/);
  await channel({ kind: 'slack', secretFile: undefined }).send(notice(question({ tool: hostile, agent: hostile })));
  assert.doesNotMatch(got[0]?.body ?? '', /<!channel>|<https:\/\/evil/);
});

test('a redirect, an error and a key that is too short are not taken for a delivery', async () => {
  status = 302;
  await assert.rejects(channel().send(notice()), /cannot be reached/);
  status = 500;
  await assert.rejects(channel().send(notice()), /answered with HTTP 500/);
  writeFileSync(join(folder, 'short'), 'abc', { mode: 0o600 });
  await assert.rejects(channel({ secretFile: join(folder, 'short') }).send(notice()), /no signing key of at least 32/);
});

test('a channel without its key or its address stops the start, and the message names both key and file', () => {
  const channel = { id: 'desk', kind: 'webhook', content: false, person: undefined } as const;
  const url = { value: 'https://desk.example.org/' };
  const key = join(folder, 'key');
  requireFiles({ ...channel, url, secretFile: key });
  assert.throws(
    () => requireFiles({ ...channel, url, secretFile: join(folder, 'none') }),
    /^ConfigError: `approvals\.channels\.desk` has no signing key of at least 32 characters in .*none; make one/,
  );
  assert.throws(
    () => requireFiles({ ...channel, url: { file: join(folder, 'none') }, secretFile: undefined }),
    /`approvals\.channels\.desk` has no https address in .*none/,
  );
});

test('a channel that fails falls through to the next, is reported once, and is shown; each event is told once', async () => {
  let now = 1_000;
  const sent: string[] = [];
  const failures: string[] = [];
  const approval = {
    id: 'ap_1',
    state: 'pending',
    askedAt: 0,
    expiresAt: 100_000,
    quorums: [{ approvers: ['desk'], escalation: { at: 80_000, approvers: ['x'] } }],
  } as unknown as Approval;
  const notifier = createNotifier({
    channels: [
      { id: 'broken', send: async () => Promise.reject(new Error('answered with HTTP 500')) },
      { id: 'works', send: async ({ event }) => void sent.push(event) },
    ],
    approvals: () => [approval],
    viewOf: async () => question(),
    url: () => 'http://127.0.0.1:7420',
    linkFor: () => assert.fail('nobody reads these alone'),
    now: () => now,
    onFailure: (id, why) => failures.push(`${id} ${why}`),
  });
  notifier.asked(approval);
  await notifier.idle();
  for (const at of [10_000, 50_000, 51_000, 80_000, 100_000, 100_001]) {
    now = at;
    await notifier.look();
  }
  assert.deepEqual(sent, ['asked', 'reminder', 'escalated', 'expired']);
  assert.deepEqual(failures, ['broken answered with HTTP 500']);
  assert.deepEqual(
    notifier.channels().map(({ id, state }) => `${id} ${state}`),
    ['broken failing', 'works ok'],
  );
});

test('what could not be said yet, before the doors are open, is said at the next look', async () => {
  let isOpen = false;
  const sent: string[] = [];
  const approval = {
    ...{ id: 'ap_1', state: 'pending', askedAt: 0, expiresAt: 100_000, quorums: [] },
  } as unknown as Approval;
  const notifier = createNotifier({
    channels: [{ id: 'works', send: async ({ event }) => void sent.push(event) }],
    approvals: () => [approval],
    viewOf: async () => question(),
    url: () => (isOpen ? 'http://127.0.0.1:7420' : assert.fail('it does not listen yet')),
    linkFor: () => '',
    now: () => 60_000,
    onFailure: id => assert.fail(id),
  });
  await notifier.look();
  isOpen = true;
  for (const _ of [1, 2]) await notifier.look();
  assert.deepEqual(sent, ['reminder']);
});

test('who was brought in early is reminded as well', async () => {
  let now = 1_000;
  const sent: string[] = [];
  const quorums = [{ approvers: ['desk'], escalation: { at: 20_000, approvers: ['x'] } }];
  const approval = { id: 'ap_1', state: 'pending', askedAt: 0, expiresAt: 100_000, quorums } as unknown as Approval;
  const notifier = createNotifier({
    channels: [{ id: 'works', send: async ({ event }) => void sent.push(event) }],
    approvals: () => [approval],
    viewOf: async () => question(),
    url: () => '',
    linkFor: () => '',
    now: () => now,
    onFailure: id => assert.fail(id),
  });
  notifier.asked(approval);
  for (const at of [20_000, 49_000, 50_000, 100_000]) {
    now = at;
    await notifier.look();
  }
  assert.deepEqual(sent, ['asked', 'escalated', 'reminder', 'expired']);
});

test('a link that opens a question goes only to one person, and only where one yes is enough', async () => {
  const urls: string[] = [];
  const notifier = createNotifier({
    channels: [{ id: 'own', person: 'oidc:anna', send: async ({ url }) => void urls.push(url) }],
    approvals: () => [],
    viewOf: async () => question(),
    url: () => 'http://127.0.0.1:7420',
    linkFor: () => 'spl_1',
    now: () => 1_000,
    onFailure: id => assert.fail(id),
  });
  const one = { approvers: ['desk'] };
  for (const [at, quorums] of [[one], [{ ...one, people: 2 }], [one, { approvers: ['board'] }]].entries())
    notifier.asked({ id: `ap_${at}`, state: 'pending', askedAt: 0, expiresAt: 9_000, quorums } as unknown as Approval);
  await notifier.idle();
  const page = 'http://127.0.0.1:7420/approvals';
  assert.deepEqual(urls, [`${page}/ap_0#spl_1`, `${page}/ap_1`, `${page}/ap_2`]);
});

test('where no channel takes it, that is said for each question', async () => {
  const failures: string[] = [];
  const notifier = createNotifier({
    channels: [{ id: 'broken', send: async () => Promise.reject(new Error('down')) }],
    approvals: () => [],
    viewOf: async () => question(),
    url: () => '',
    linkFor: () => '',
    now: () => 0,
    onFailure: (id, why) => failures.push(`${id}: ${why}`),
  });
  for (const id of ['ap_1', 'ap_2']) notifier.asked({ id } as unknown as Approval);
  await notifier.idle();
  assert.deepEqual(failures, [
    'broken: down',
    'all channels: nobody was told about ap_1',
    'all channels: nobody was told about ap_2',
  ]);
});

test('the configuration refuses addresses in the clear, unsigned webhooks and groups of nobody', () => {
  const read = (text: string): unknown => {
    const root = readYaml('f.yaml', text);
    return readApprovalConfig(root, '/house');
  };
  const wrong = (text: string, why: RegExp): void => assert.throws(() => read(text), why);
  const desk = (rest: string): string => `approvals: { channels: { desk: { ${rest} } } }`;
  wrong(desk('kind: webhook, url: "http://desk.example/", secretFile: k'), /must be an https address/);
  wrong(desk('kind: webhook, url: "https://u:p@desk.example/", secretFile: k'), /must be an https address/);
  wrong(desk('kind: webhook, url: "https://desk.example/"'), /secretFile.*is required/);
  wrong(desk('kind: pigeon, url: "https://desk.example/"'), /kind/);
  wrong(desk('kind: slack, url: "https://a.example/", urlFile: b'), /exactly one of url and urlFile/);
  wrong('approvals: { groups: { finance: [] } }', /names nobody/);
  assert.ok(read(desk('kind: slack, urlFile: ./slack')));
});
