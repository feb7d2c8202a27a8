import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test, { after, before } from 'node:test';
import type { UpstreamReply } from '@sallyport/core/mediate/ports.ts';
import type { Notice } from '@sallyport/core/model/call.ts';
import { httpUpstream, stdioUpstream, temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { type HttpUpstream, startHttpUpstream } from '@sallyport/testkit/upstream/http.ts';
import { type Rig, startRig, textOf } from '@sallyport/testkit/upstream/rig.ts';
import type { ConnectionStatus } from './status.ts';

/**
 * `scenarios/attacks/upstreams.json`: one call to a server that misbehaves, and what has to come of it. After each, a
 * neighbour answers as ever, and so does the culprit once it has been started anew.
 */
interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly over: readonly ('stdio' | 'http')[];
  readonly tool: string;
  readonly input?: object;
  readonly progress?: boolean;
  readonly expect: {
    readonly reply: UpstreamReply['kind'];
    readonly text?: string;
    readonly why?: string;
    readonly code?: string;
    /** The very same process or session serves the next call. */
    readonly lives?: boolean;
    readonly strays?: number;
    readonly requests?: number;
    readonly notices?: number;
    readonly noticesMax?: number;
    readonly refused?: boolean;
    readonly pinged?: boolean;
  };
}

const file = new URL('../../scenarios/attacks/upstreams.json', import.meta.url);
const scenarios = JSON.parse(readFileSync(file, 'utf8')) as readonly Scenario[];
const folder = temporaryFolder();
let rig: Rig;
let http: HttpUpstream;

before(async () => {
  http = await startHttpUpstream({});
  rig = await startRig({
    servers: [
      stdioUpstream('stdio', { record: folder.file('record') }),
      httpUpstream('http', http.url),
      stdioUpstream('neighbour', {}),
    ],
    stateDir: folder.path,
    limits: {
      callMillisMax: 1_000,
      terminateMillisMax: 300,
      noticeBytesMax: 50_000,
      strayBytesMax: 2_000_000,
      lineBytesMax: 1_000_000,
      askMillisMax: 1_000,
      backoffMillisMin: 1,
      backoffMillisMax: 1,
    },
  });
});

after(async () => {
  await rig[Symbol.asyncDispose]();
  await http.close();
  folder[Symbol.dispose]();
});

for (const scenario of scenarios)
  for (const server of scenario.over)
    test(`${scenario.id} ${server}: ${scenario.title}`, async () => {
      const was = await statusOf(server);
      const seen = http.received.length;
      const memory = process.memoryUsage.rss();
      const notices: Notice[] = [];
      const reply = await rig.call({
        server,
        tool: scenario.tool,
        input: JSON.stringify(scenario.input ?? {}),
        replyBytesMax: 100_000,
        wantsProgress: scenario.progress ?? false,
        notices,
      });
      expectReply(reply, scenario.expect);
      expectNotices(notices, scenario.expect);
      await expectDropped(server, was, scenario.expect);
      await expectAnswered(server, seen, scenario.expect);
      assert.equal(textOf(await rig.call({ server: 'neighbour', tool: 'echo', input: '{"text":"fine"}' })), 'fine');
      assert.equal(textOf(await again(server)), 'well');
      assert.equal(
        (await statusOf(server)).pid === was.pid && (await statusOf(server)).state === 'open',
        lives(server, was, scenario),
      );
      assert.ok(process.memoryUsage.rss() - memory < 150e6, 'memory is bounded');
    });

test('the scenarios are all there', () => assert.ok(scenarios.length >= 40, `${scenarios.length} scenarios`));

function expectReply(reply: UpstreamReply, expect: Scenario['expect']): void {
  assert.equal(reply.kind, expect.reply, JSON.stringify(reply));
  if (reply.kind === 'result') assert.equal(textOf(reply), expect.text);
  if (reply.kind === 'error') assert.equal(reply.error.message, expect.text);
  if (reply.kind === 'unusable') assert.ok(reply.why.includes(expect.why ?? '?'), reply.why);
  if (reply.kind !== 'lost') return;
  assert.ok(reply.why.includes(expect.why ?? '?'), reply.why);
  assert.deepEqual({ code: reply.code, sent: reply.sent }, { code: expect.code, sent: true });
}

function expectNotices(notices: readonly Notice[], { notices: count, noticesMax }: Scenario['expect']): void {
  if (count !== undefined) assert.equal(notices.length, count);
  if (noticesMax !== undefined)
    assert.ok(notices.length > 0 && notices.length <= noticesMax, `${notices.length} notices`);
}

/** What comes after the answer may come a moment later. */
async function expectDropped(server: string, was: ConnectionStatus, expect: Scenario['expect']): Promise<void> {
  for (const kind of ['strays', 'requests'] as const) {
    const wanted = expect[kind];
    if (wanted === undefined) continue;
    const counted = async (): Promise<number> => (await statusOf(server)).dropped[kind] - was.dropped[kind];
    await until(`${kind} are counted`, async () => (await counted()) >= wanted);
    assert.equal(await counted(), wanted, `${kind} are counted`);
  }
}

/** What the server asked was answered with a refusal, and a ping with nothing. */
async function expectAnswered(server: string, seen: number, { refused, pinged }: Scenario['expect']): Promise<void> {
  if (refused !== true && pinged !== true) return;
  const wanted = refused === true ? /"id":"ask-\d+","error":\{"code":-32601/ : /"id":"ask-\d+","result":\{\}/;
  const heard = (): string =>
    server === 'stdio'
      ? (readFileSync(folder.file('record'), 'utf8').split('\n').at(-2) ?? '')
      : http.received
          .slice(seen)
          .map(({ body }) => body)
          .join('\n');
  await until('the server is answered', () => wanted.test(heard()));
}

function lives(server: string, was: ConnectionStatus, { expect }: Scenario): boolean {
  return server === 'http' ? was.state === 'open' : expect.lives === true;
}

/** The next call that is not refused: a connection that is being ended gives way to a new one. */
async function again(server: string): Promise<UpstreamReply> {
  let reply: UpstreamReply | undefined;
  await until(`${server} answers again`, async () => {
    reply = await rig.call({ server, tool: 'echo', input: '{"text":"well"}' }).catch(() => undefined);
    return reply?.kind === 'result';
  });
  return reply ?? assert.fail();
}

/** Opens the connection of our agent if there is none yet. */
async function statusOf(server: string): Promise<ConnectionStatus> {
  const own = (): ConnectionStatus | undefined =>
    rig.upstreams.status().find(({ key }) => key.server === server && key.agent === 'assistant');
  if (own()?.state !== 'open') await again(server);
  return own() ?? assert.fail(`${server} has no connection`);
}
