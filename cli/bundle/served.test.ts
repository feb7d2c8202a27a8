import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, test } from 'node:test';
import { createFakeTerminal } from '@sallyport/testkit/fakes/terminal.ts';
import { stdioUpstream, temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { openApi } from '../api.ts';
import { type Launched, launch } from '../launch.ts';
import { main } from '../main.ts';
import { gatewayScript } from './gateway-script.ts';

/** What the bundle loads only when it needs it, and what it finds beside the sources, in a gateway as users run it. */
const folder = temporaryFolder();
const stateDir = folder.file('state');
const policies = folder.file('policies');
const texts = { text: { type: 'string' }, sql: { type: 'string' } };
const tool = { name: 'echo', inputSchema: { type: 'object', properties: texts } };
let launched: Launched;
let token: string;
let bundle: string;

before(async () => {
  mkdirSync(policies);
  writeFileSync(`${policies}/all.cedar`, '@id("all")\npermit (principal, action, resource);\n');
  const { command, args } = stdioUpstream('notes', { tools: [tool] }).launch;
  const servers = JSON.stringify({ notes: { command, args } });
  const config = folder.file('sallyport.yaml');
  writeFileSync(
    config,
    `listen: 127.0.0.1:0\npolicies: ${policies}\nservers: ${servers}\nagents: { a: { principal: "user:a" } }\n`,
  );
  const script = await gatewayScript(() => {}, { XDG_CACHE_HOME: folder.path });
  assert.match(script.path, /gateway\.js$/);
  bundle = dirname(script.path);
  launched = await launch({ config, stateDir, as: 'within', onProgress: () => {} }, script);
  await launched.met;
  token = (await openApi(stateDir).post<{ token: string }>('agents/a/token')).token;
});
after(async () => {
  await launched?.stop();
  folder[Symbol.dispose]();
});

interface Reply {
  readonly result: { readonly isError?: boolean; readonly content: readonly { readonly text: string }[] };
}

const modern = '2026-07-28';

async function post(headers: Record<string, string>, message: object): Promise<Response> {
  const accept = 'application/json, text/event-stream';
  return await fetch(`${launched.running.url}/mcp`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept, ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
  });
}

async function echo(args: { readonly text: string } | { readonly sql: string }): Promise<string> {
  const meta = Object.entries({
    protocolVersion: modern,
    clientInfo: { name: 'c', version: '1' },
    clientCapabilities: {},
  });
  const _meta = Object.fromEntries(meta.map(([name, value]) => [`io.modelcontextprotocol/${name}`, value]));
  const headers = { 'mcp-protocol-version': modern, 'mcp-method': 'tools/call', 'mcp-name': 'notes__echo' };
  const params = { name: 'notes__echo', arguments: args, _meta };
  const { result } = (await (await post(headers, { method: 'tools/call', params })).json()) as Reply;
  return result.isError === true ? (result.content[0]?.text ?? '') : 'done';
}

async function sallyport(...argv: readonly string[]): Promise<string> {
  const terminal = createFakeTerminal();
  assert.equal(await main(['--state', stateDir, ...argv], terminal), 0, terminal.stderr());
  return terminal.stdout();
}

test('a client of either era is served', async () => {
  assert.equal(await echo({ text: 'good morning' }), 'done');
  const version = '2025-06-18';
  const params = { protocolVersion: version, capabilities: {}, clientInfo: { name: 'c', version: '1' } };
  const begun = await post({}, { method: 'initialize', params });
  const session = begun.headers.get('mcp-session-id') ?? '';
  await begun.text();
  const call = { method: 'tools/call', params: { name: 'notes__echo', arguments: { text: 'good evening' } } };
  const answer = await post({ 'mcp-session-id': session, 'mcp-protocol-version': version }, call);
  assert.match(await answer.text(), /good evening/);
});

test('it says what it runs from', async () => {
  assert.match(await sallyport('status'), /^runs from +a bundle of its sources$/m);
});

test('it goes on where its cache was cleared: what it had not loaded yet is still found', async () => {
  assert.ok(readdirSync(bundle).some(name => /^number-books.*\.js$/.test(name)));
  rmSync(dirname(bundle), { recursive: true });
  assert.equal(await echo({ text: 'good morning' }), 'done');
});

test('policies that look at SQL and at personal data come into force while it runs', async () => {
  assert.equal(await echo({ text: 'call +49 30 901820 now' }), 'done');
  appendFileSync(
    `${policies}/all.cedar`,
    `@id("no-phones")
     forbid (principal, action, resource) when { context has personal && context.personal.kinds.contains("phone") };
     @id("no-definition")
     forbid (principal, action, resource) when { context has sql && context.sql.definition };`,
  );
  const [, world = '?'] = /in world (\S+)/.exec(await sallyport('policy', 'activate', '--yes')) ?? [];
  assert.ok((await sallyport('status')).includes(`in world ${world}`));
  assert.match(await echo({ text: 'call +49 30 901820 now' }), /rule no-phones/);
  assert.match(await echo({ sql: 'DROP TABLE readers;' }), /rule no-definition/);
  assert.equal(await echo({ text: 'good night' }), 'done');
});

test('the record of it is whole', async () => {
  assert.match(await sallyport('audit', 'verify'), /^VERIFIED/);
});
