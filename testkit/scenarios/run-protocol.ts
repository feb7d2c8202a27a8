import assert from 'node:assert/strict';
import type { Upstream } from '../door/door-world.ts';
import { type OpenDoor, openDoor } from '../door/open-door.ts';
import { jsonObject } from '../fakes/ports.ts';
import { expand } from './macros.ts';
import { type RawAnswer, sendRaw } from './raw-http.ts';
import { sendLines } from './raw-stdio.ts';
import type { Expectation, Post, Scenario } from './scenario.ts';

const modernVersion = '2026-07-28';
const legacyVersion = '2025-11-25';
const metaText = `"_meta":{"io.modelcontextprotocol/protocolVersion":"${modernVersion}","io.modelcontextprotocol/clientCapabilities":{}}`;

/** Opens a door, sends what the scenario says, and holds every expectation against what came of it. */
export async function runScenario(scenario: Scenario): Promise<void> {
  const { expect = {} } = scenario;
  await using door = await openDoor({ upstream: scriptedUpstream(scenario) });
  const started = performance.now();
  if (scenario.stdio !== undefined) await runStdio(scenario, scenario.stdio, expect, door);
  else await runHttp(scenario, expect, door);
  const took = performance.now() - started;
  if (expect.millisMax !== undefined)
    assert.ok(took <= expect.millisMax, `took ${Math.round(took)} ms, at most ${expect.millisMax} are allowed`);
  assert.deepEqual(door.world.reached, expect.upstream ?? [], 'what reached the upstream');
  assert.equal(Object.getOwnPropertyNames(Object.prototype).includes('polluted'), false);
}

function scriptedUpstream({ upstream, notices = [] }: Scenario): Upstream {
  return (_action, { onNotice }) => {
    for (const params of notices) onNotice({ method: 'notifications/progress', params: jsonObject(params) });
    if (upstream === undefined) return undefined;
    return Promise.resolve({ kind: 'result', result: jsonObject(upstream), bytes: upstream.length });
  };
}

async function runHttp(scenario: Scenario, expect: Expectation, door: OpenDoor): Promise<void> {
  const { port } = door.listener;
  const legacy = scenario.post?.era === 'legacy' || scenario.raw?.includes('{{session}}');
  const session = legacy ? await openSession(port) : '';
  const values = { port: String(port), session, meta: metaText };
  const bytes =
    scenario.post === undefined ? expand(scenario.raw ?? '', values) : postBytes(scenario.post, values, session);
  checkHttp(await sendRaw(port, bytes), expect);
}

/** A legacy session of the agent `assistant`, opened as a client would. */
export async function openSession(port: number, path = '/mcp'): Promise<string> {
  const params = `{"protocolVersion":"${legacyVersion}","capabilities":{},"clientInfo":{"name":"t","version":"0"}}`;
  const body = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":${params}}`;
  const answer = await sendRaw(port, postBytes({ path, era: 'legacy', body }, { port: String(port) }, ''));
  const id = /\r\nmcp-session-id: (\S+)/i.exec(answer.responses[0]?.head ?? '')?.[1];
  assert.ok(id, `initialize opens a session: ${JSON.stringify(answer)}`);
  return id;
}

export function postBytes(post: Post, values: Readonly<Record<string, string>>, session: string): Buffer {
  const body = expand(post.body, values);
  const modern = post.era !== 'legacy';
  const headers: Record<string, string | null | undefined> = {
    host: `127.0.0.1:${values.port}`,
    authorization: 'Bearer token-a',
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': modern ? modernVersion : session === '' ? null : legacyVersion,
    'mcp-session-id': session === '' ? null : session,
    'mcp-method': modern ? post.method : null,
    'mcp-name': modern ? post.name : null,
    'content-length': String(body.length),
    ...post.headers,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) => (value == null ? [] : [`${name}: ${value}`]));
  const head = expand(`POST ${post.path ?? '/mcp'} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, values);
  return Buffer.concat([head, body]);
}

function checkHttp({ responses }: RawAnswer, expect: Expectation): void {
  const [first] = responses;
  assert.ok(first, 'there is an answer');
  const shown = `${first.head}\n${first.body}`.slice(0, 2_000);
  if (expect.status !== undefined) assert.equal(first.status, expect.status, shown);
  assert.equal(responses.length, expect.answers ?? 1, 'responses on the connection');
  const events = first.body.startsWith('data: ') ? eventsOf(first.body) : undefined;
  if (expect.events !== undefined) assert.equal(events?.length, expect.events, shown);
  checkMessage(events?.at(-1) ?? first.body, expect, shown);
}

/** As a strict reader of server-sent events would see them (WHATWG HTML, "Parsing an event stream"). */
function eventsOf(body: string): string[] {
  return body
    .split(/(?:\r\n|\r|\n){2}/)
    .filter(block => block !== '')
    .map(block =>
      block
        .split(/\r\n|\r|\n/)
        .map(line => line.replace(/^data: ?/, ''))
        .join('\n'),
    );
}

function checkMessage(text: string, expect: Expectation, shown: string): void {
  const message = text === '' ? {} : (JSON.parse(text) as WireMessage);
  const refusal = message.result?._meta?.['dev.sallyport/refusal'] ?? message.error?.data;
  if (expect.code !== undefined) assert.equal(message.error?.code, expect.code, shown);
  if (expect.field !== undefined) assert.equal(message.error?.data?.field ?? message.error?.field, expect.field, shown);
  if (expect.refusal !== undefined) assert.equal(refusal?.code, expect.refusal, shown);
  if (expect.status === 200 && expect.code === undefined && expect.refusal === undefined)
    assert.equal(message.error, undefined, shown);
  for (const part of expect.contains ?? []) assert.ok(shown.includes(part), `${part} is missing in ${shown}`);
  for (const part of expect.absent ?? []) assert.ok(!shown.includes(part), `${part} stands in ${shown}`);
}

interface WireMessage {
  readonly id?: unknown;
  readonly result?: { readonly _meta?: Readonly<Record<string, { readonly code?: string }>> };
  readonly error?: {
    readonly code: number | string;
    readonly field?: string;
    readonly data?: { readonly code?: string; readonly field?: string };
  };
}

const defaultHello = '{"sallyport":1,"entry":"editor","secret":"s3cret"}';

/** A ping with this id is sent last: once it is answered, everything before it has been. */
const lastPing = '{"jsonrpc":"2.0","id":"last","method":"server/discover","params":{ {{meta}} }}\n';

async function runStdio(scenario: Scenario, source: string, expect: Expectation, door: OpenDoor): Promise<void> {
  const bytes = expand(`${source}${lastPing}`, { meta: metaText });
  const isLast = (line: string): boolean => line.startsWith('{"jsonrpc":"2.0","id":"last"');
  const hello = scenario.hello ?? defaultHello;
  const exchange = await sendLines(door.socket.path, hello, bytes, lines => lines.some(isLast));
  const lines = exchange.lines.filter(line => !isLast(line));
  const shown = lines.join('\n').slice(0, 2_000);
  if (expect.answers !== undefined) assert.equal(lines.length, expect.answers, shown);
  if (expect.lines !== undefined) assert.deepEqual(lines.map(briefly), expect.lines, shown);
  for (const part of expect.contains ?? []) assert.ok(shown.includes(part), `${part} is missing in ${shown}`);
  for (const part of expect.absent ?? []) assert.ok(!shown.includes(part), `${part} stands in ${shown}`);
}

function briefly(line: string): object {
  const { id, error } = JSON.parse(line) as WireMessage;
  const field = error?.data?.field;
  return {
    ...(id === undefined ? {} : { id }),
    ...(error === undefined ? {} : { code: error.code }),
    ...(field === undefined ? {} : { field }),
  };
}
