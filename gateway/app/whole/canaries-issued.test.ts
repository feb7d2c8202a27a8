import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTestAgent } from '@sallyport/testkit/a2a/agent.ts';
import { linesOf, stdioUpstream, temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { startHttpUpstream } from '@sallyport/testkit/upstream/http.ts';
import { startFakePostgres } from '@sallyport/testkit/upstream/postgres.ts';
import { hookSecretFile } from '../../identity/hook-secrets.ts';
import { parseConfig } from '../config/config.ts';
import { startGateway } from '../gateway.ts';

/**
 * G-4 for what is issued by somebody's server, and for the other doors: GitHub App tokens, PostgreSQL roles, another agent's
 * own key, and clients' hooks. Each reaches whom it is for; neither it nor what it was got with stands anywhere else.
 */
const version = '2026-07-28';

test('G-4 what GitHub and PostgreSQL issue, what another agent is shown, and what hooks show stand nowhere else', {
  skip: process.platform !== 'linux',
}, async () => {
  using folder = temporaryFolder();
  const place = folder.path;
  await using github = await startGitHub();
  await using postgres = await startFakePostgres();
  await using web = await startHttpUpstream({});
  await using peer = await openTestAgent();
  const [adminPassword, peerKey] = [secret(), secret()];
  writeFileSync(join(place, 'app.pem'), github.key);
  writeFileSync(join(place, 'admin'), `postgres://boss:${adminPassword}@127.0.0.1:${postgres.port}/shop`);
  writeFileSync(join(place, 'peer-key'), peerKey);
  writeFileSync(join(place, 'p.cedar'), '@id("all") @reason("all")\npermit (principal, action, resource);\n');
  const app = `kind: github-app, appId: "1", installationId: "7", privateKey: { file: app.pem }, permissions: { contents: read }`;
  const yaml = `listen: 127.0.0.1:0
policies: .
agents: { desk: { principal: "user:emma" } }
hooks: { claude-code: { agent: desk } }
credentials:
  hub: { ${app}, apiUrl: "${github.url}" }
  refused: { ${app}, apiUrl: "${github.url}/refused" }
  shop: { kind: postgres-role, admin: { file: admin }, memberOf: [readers] }
  peer: { file: peer-key }
servers:
  web: { url: "${web.url}", headers: { Authorization: { credential: hub, scheme: Bearer } } }
  refused: { url: "${web.url}", headers: { Authorization: { credential: refused } } }
a2a: { booking: { url: "${peer.url}", headers: { Authorization: { credential: peer, scheme: Bearer } } } }
`;
  const config = parseConfig(join(place, 'sallyport.yaml'), yaml);
  const starts = join(place, 'starts');
  const shop = stdioUpstream('shop', { starts }, { DATABASE_URL: { credential: 'shop' } });
  const other = stdioUpstream('other', { starts: join(place, 'other-starts') });
  const said: string[] = [];
  const gateway = await startGateway({
    config: { ...config, servers: [...config.servers, shop, other] },
    ...{ stateDir: join(place, 'state'), version: '0', consoleDir: undefined, onShutdown: () => {} },
    log: (level, line, about) => said.push(JSON.stringify([level, line, about])),
    onFailure: why => assert.fail(why),
  });
  const hookSecret = readFileSync(hookSecretFile(join(place, 'state', 'hooks'), 'claude-code', 'tool'), 'utf8').trim();
  const databaseUrls: string[] = [];
  try {
    const operator = readFileSync(join(place, 'state', 'operator.key'), 'utf8').trim();
    const post = async (path: string, bearer: string, body: object | undefined, more = {}): Promise<string> => {
      const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', ...more };
      const init = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) };
      const text = await (await fetch(gateway.url + path, init)).text();
      said.push(text);
      return text;
    };
    const ask = (path: string, body?: object): Promise<string> => post(`/api/v1/${path}`, operator, body);
    const { token } = JSON.parse(await ask('agents/desk/token', {})) as { token: string };
    const call = (server: string, name: string): Promise<string> => {
      const _meta = { 'io.modelcontextprotocol/protocolVersion': version };
      const params = { name, arguments: {}, _meta: { ..._meta, 'io.modelcontextprotocol/clientCapabilities': {} } };
      const more = { accept: 'application/json, text/event-stream', 'mcp-protocol-version': version };
      const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
      return post(`/mcp/${server}`, token, body, { ...more, 'mcp-method': 'tools/call', 'mcp-name': name });
    };
    for (const server of ['web', 'shop', 'other'])
      await until(
        `${server} is known`,
        async () => !/server-unknown|tool-unknown|policy-error/.test(await call(server, 'echo')),
        60_000,
      );
    for (const server of ['web', 'shop', 'other', 'refused'])
      for (const tool of ['echo', 'error', server === 'web' ? 'leak-headers' : 'environment']) await call(server, tool);
    for (const pid of linesOf(starts))
      databaseUrls.push(...(/DATABASE_URL=([^\0]+)/.exec(environmentOf(pid)) ?? []).slice(1));
    const foreign = linesOf(join(place, 'other-starts')).map(environmentOf).join('\n');
    for (const one of [...github.tokens, ...databaseUrls, adminPassword, peerKey, hookSecret])
      assert.equal(foreign.includes(one), false, 'in the environment of another server');
    postgres.failing = true;
    await ask('kill', { scope: 'server:shop', why: 'test' });
    await ask('unkill', { scope: 'server:shop', why: 'test' });
    await call('shop', 'echo');
    const words = { message: { messageId: 'm1', role: 'ROLE_USER', parts: [{ text: 'answer me' }] } };
    const message = { jsonrpc: '2.0', id: 1, method: 'SendMessage', params: words };
    await post('/a2a/booking', token, message, { 'a2a-version': '1.0' });
    const hook = { session_id: 's', cwd: '/home/emma', transcript_path: '/t', permission_mode: 'default' };
    const input = { hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_input: { command: 'ls' }, tool_use_id: 'u' };
    await post('/hooks/claude-code', hookSecret, { ...hook, ...input });
    await post('/hooks/claude-code', `${hookSecret.slice(0, -2)}xx`, { ...hook, ...input });
    for (const path of ['status', 'credentials', 'tasks', 'agents', 'tools', 'entries?limit=1000', 'audit'])
      await ask(path);
    const { entries } = JSON.parse(await ask('entries?limit=1000')) as { entries: { kind: string; id: string }[] };
    for (const { id } of entries.filter(({ kind }) => kind === 'decided')) await ask(`decisions/${id}`);
    for (const path of ['/', '/metrics', '/healthz', '/readyz']) await post(path, operator, undefined);
  } finally {
    await gateway.close();
  }
  const sent = web.received.map(({ headers }) => JSON.stringify(headers)).join('\n');
  assert.ok(
    github.tokens.some(one => sent.includes(one)),
    'GitHub’s token reached the server that it is for',
  );
  assert.ok(databaseUrls.length > 0, 'the role reached the server that it is for');
  assert.ok(postgres.passwords.includes(adminPassword));
  assert.ok(peer.heard.some(({ headers }) => headers.authorization === `Bearer ${peerKey}`));
  assert.deepEqual([...github.ended].sort(), [...github.tokens].sort(), 'and every token was ended');
  const rolePasswords = databaseUrls.map(url => new URL(url).password);
  for (const password of rolePasswords) assert.equal(postgres.statements.join('\n').includes(password), false);
  // Where clients' hooks read it from.
  const hooks = join(place, 'state', 'hooks');
  for (const file of filesBelow(join(place, 'state')))
    if (!file.startsWith(hooks)) said.push(readFileSync(file, 'latin1'));
  const all = said.join('\n');
  const keyLine = github.key.split('\n')[4] ?? assert.fail();
  const canaries: readonly (readonly [string, readonly string[]])[] = [
    ['GitHub token', github.tokens],
    ['proof of the app', github.proofs],
    ['key of the app', [keyLine]],
    ['password of a role', rolePasswords],
    ['password of the administrator', [adminPassword]],
    ['key for another agent', [peerKey]],
    ['secret of a hook', [hookSecret]],
  ];
  for (const [name, secrets] of canaries) {
    assert.ok(secrets.length > 0, name);
    for (const one of secrets)
      for (const form of [one, Buffer.from(one).toString('base64').slice(0, -4), Buffer.from(one).toString('hex')])
        assert.equal(all.includes(form), false, `${name} stands where it must not: ${around(all, form)}`);
  }
});

const around = (all: string, form: string): string =>
  all.slice(Math.max(0, all.indexOf(form) - 200), all.indexOf(form));

const secret = (): string => `cn${randomBytes(18).toString('hex')}`;

/** The documented API of installation tokens; below `/refused` it repeats what it was shown. */
async function startGitHub() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [tokens, proofs, ended]: [string[], string[], string[]] = [[], [], []];
  const server = createServer((request, response) => {
    const shown = (request.headers.authorization ?? '').replace('Bearer ', '');
    if (request.method === 'DELETE') {
      ended.push(shown);
      response.writeHead(204).end();
      return;
    }
    proofs.push(shown);
    if (request.url?.startsWith('/refused') === true) {
      response.writeHead(401).end(JSON.stringify({ message: `Bad credentials: ${shown}` }));
      return;
    }
    const token = `ghs_${secret()}`;
    tokens.push(token);
    response.writeHead(201).end(JSON.stringify({ token, expires_at: new Date(Date.now() + 3_600_000).toISOString() }));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, key, tokens, proofs, ended, [Symbol.asyncDispose]: async () => void server.close() };
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return statSync(path).isFile() ? [path] : [];
  return readdirSync(path).flatMap(name => filesBelow(join(path, name)));
}
