import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { modernRequest } from '@sallyport/testkit/modern-request.ts';
import { linesOf, stdioUpstream, temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { startHttpUpstream } from '@sallyport/testkit/upstream/http.ts';
import { parseConfig } from '../config/config.ts';
import { startGateway } from '../gateway.ts';

/**
 * G-4: two hundred secrets, over every kind of place and issuer that runs without another program's server, through a real
 * gateway: each reaches the server it is for, and none stands anywhere else.
 */
const canaries = new Map<string, string>();
const canary = (name: string): string => {
  const secret = `cn${randomBytes(18).toString('hex')}`;
  canaries.set(secret, name);
  return secret;
};
const [headerCount, childCount, perChild, issuerCount] = [30, 4, 40, 5];

test('G-4 200 secrets reach their own servers and stand in no log, error, metric, page, record, environment or result', {
  skip: process.platform !== 'linux',
}, async () => {
  using folder = temporaryFolder();
  const before = process.env.PATH;
  const variables: string[] = [];
  try {
    process.env.PATH = `${programs(folder.path)}${delimiter}${before}`;
    await run(folder.path, variables);
  } finally {
    process.env.PATH = before;
    for (const name of variables) delete process.env[name];
  }
});

async function run(folder: string, variables: string[]): Promise<void> {
  const issuer = await startIssuer();
  await using web = await startHttpUpstream({});
  const credentials: string[] = [];
  const headers: string[] = [];
  const children: string[][] = Array.from({ length: childCount }, () => []);
  for (let n = 0; n < headerCount; n++) {
    credentials.push(`  h${n}: ${placeOf(folder, n, canary(`header ${n}`), variables)}`);
    headers.push(`X-C-${n}: { credential: h${n} }`);
  }
  for (let n = 0; n < childCount * perChild; n++) {
    credentials.push(`  e${n}: ${placeOf(folder, n, canary(`variable ${n}`), variables)}`);
    children[n % childCount]?.push(`e${n}`);
  }
  for (let n = 0; n < issuerCount; n++) {
    const client = `tokenUrl: "${issuer.url}/token", revocationUrl: "${issuer.url}/revoke", clientId: c${n}`;
    const secret = (kind: string): string => placeOf(folder, n, canary(`${kind} ${n}`), variables);
    credentials.push(`  o${n}: { kind: oauth, ${client}, clientSecret: ${secret('client secret')} }`);
    credentials.push(`  x${n}: { kind: token-exchange, ${client}, subject: ${secret('subject token')} }`);
    headers.push(`X-O-${n}: { credential: o${n} }`, `X-X-${n}: { credential: x${n} }`);
  }
  credentials.push(
    `  broken: { kind: oauth, tokenUrl: "${issuer.url}/echo", clientId: c, clientSecret: ${placeOf(folder, 0, canary('refused client secret'), variables)} }`,
  );
  const yaml = `listen: 127.0.0.1:0
policies: .
agents: { desk: { principal: "user:emma" } }
credentials:
${credentials.join('\n')}
servers:
  web: { url: "${web.url}", headers: { ${headers.join(', ')} } }
  broken: { url: "${web.url}", headers: { Authorization: { credential: broken, scheme: Bearer } } }
`;
  writeFileSync(join(folder, 'p.cedar'), '@id("all") @reason("all")\npermit (principal, action, resource);\n');
  const config = parseConfig(join(folder, 'sallyport.yaml'), yaml);
  const starts = (index: number): string => join(folder, `starts-${index}`);
  const stdio = children.map((names, index) =>
    stdioUpstream(
      `s${index}`,
      { starts: starts(index) },
      Object.fromEntries(names.map(name => [name.toUpperCase(), { credential: name }])),
    ),
  );
  const said: string[] = [];
  const gateway = await startGateway({
    config: { ...config, servers: [...config.servers, ...stdio] },
    ...{ stateDir: join(folder, 'state'), version: '0', consoleDir: undefined },
    log: (level, line, about) => said.push(JSON.stringify([level, line, about])),
    ...{ onFailure: why => assert.fail(why), onShutdown: () => {} },
  });
  const hold = (text: string): void => void said.push(text);
  try {
    const operator = readFileSync(join(folder, 'state', 'operator.key'), 'utf8').trim();
    const ask = async (path: string, body?: object): Promise<string> => {
      const head = { authorization: `Bearer ${operator}`, 'content-type': 'application/json' };
      const init =
        body === undefined ? { headers: head } : { headers: head, method: 'POST', body: JSON.stringify(body) };
      const text = await (await fetch(`${gateway.url}/api/v1/${path}`, init)).text();
      hold(text);
      return text;
    };
    const { token } = JSON.parse(await ask('agents/desk/token', {})) as { token: string };
    const servers = ['web', 'broken', ...stdio.map(({ id }) => id)];
    const known = async (server: string): Promise<boolean> =>
      server === 'broken' ||
      !/server-unknown|policy-error/.test(await call(`${gateway.url}/mcp/${server}`, 'echo', token));
    for (const server of servers) await until(`${server} can be decided on`, () => known(server), 60_000);
    for (const server of servers)
      for (const tool of ['echo', 'error', 'tool-error', server === 'web' ? 'leak-headers' : 'environment'])
        hold(await call(`${gateway.url}/mcp/${server}`, tool, token));
    reached(web.received.map(({ headers: sent }) => JSON.stringify(sent)).join('\n'), starts, children.length);
    const { entries } = JSON.parse(await ask('entries?limit=1000')) as { entries: { kind: string; id: string }[] };
    for (const { id } of entries.filter(({ kind }) => kind === 'decided')) await ask(`decisions/${id}`);
    for (const path of [
      'status',
      'credentials',
      'tasks',
      'approvals?state=all',
      'agents',
      'tools',
      'policy',
      'modes',
      'audit',
    ])
      await ask(path);
    await ask('can?credential=h0');
    for (const path of [
      '/',
      '/metrics',
      '/healthz',
      '/readyz',
      '/oauth/connect?credential=o0',
      '/.well-known/oauth-protected-resource',
    ])
      hold(await (await fetch(gateway.url + path)).text());
    assert.match(said.join('\n'), /repeats a credential/, 'a server tried to tell, and was kept from it');
  } finally {
    await gateway.close();
    issuer.close();
  }
  for (const file of filesBelow(join(folder, 'state'))) hold(readFileSync(file, 'latin1'));
  assert.ok(canaries.size >= 200, `${canaries.size}`);
  const all = said.join('\n');
  for (const [secret, name] of canaries)
    for (const form of [
      secret,
      Buffer.from(secret).toString('base64').slice(0, -4),
      Buffer.from(secret).toString('hex'),
    ])
      assert.equal(all.includes(form), false, `${name} stands somewhere it must not`);
}

/** Each went where it belongs, and into no other server's environment. */
function reached(sent: string, starts: (index: number) => string, children: number): void {
  for (const [secret, name] of canaries) {
    // One that was issued for a session that failed was never sent.
    if (name === 'access token') continue;
    assert.equal(sent.includes(secret), name.startsWith('header '), `${name} over HTTP`);
  }
  const issued = [...canaries].filter(([secret, name]) => name === 'access token' && sent.includes(secret));
  assert.ok(issued.length >= 2 * issuerCount, 'tokens of issuers were used');
  const found = Array.from({ length: children }, (_, index) =>
    linesOf(starts(index))
      .map(pid => environmentOf(pid))
      .join('\n'),
  );
  for (const [secret, name] of canaries) {
    const number = /^variable (\d+)$/.exec(name)?.[1];
    const own = number === undefined ? -1 : Number(number) % children;
    for (const [index, environment] of found.entries())
      assert.equal(environment.includes(secret), index === own, `${name} in the environment of server ${index}`);
  }
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}

/** Six ways to keep a secret, in turn. */
function placeOf(folder: string, n: number, secret: string, variables: string[]): string {
  const file = join(folder, `secret-${canaries.size}`);
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  const variable = `SALLYPORT_CANARY_${canaries.size}`;
  switch (n % 6) {
    case 0:
      return `{ file: "${file}" }`;
    case 1:
      process.env[variable] = secret;
      variables.push(variable);
      return `{ env: ${variable} }`;
    case 2:
      return `{ command: [cat, "${file}"] }`;
    case 3:
      return `{ onePassword: "op://team/${canaries.size}/${file}" }`;
    case 4:
      return `{ vault: { path: "${file}", field: x } }`;
    default:
      return `{ keychain: { service: x, account: "${file}" } }`;
  }
}

/** Stand-ins that read the file that their last word names. */
function programs(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of ['op', 'vault', 'secret-tool']) {
    const script = '#!/bin/sh\nfor last; do :; done\necho "complaint of $0" >&2\nexec cat "/${last#*//*/*/}"\n';
    writeFileSync(join(bin, name), script);
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
}

/** Gives a token that is a canary itself; `/echo` refuses, and repeats what it was shown. */
async function startIssuer(): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer((request, response) => {
    const shown = request.headers.authorization ?? '';
    if (request.url === '/echo') {
      const plain = Buffer.from(shown.replace('Basic ', ''), 'base64').toString();
      response.writeHead(400).end(JSON.stringify({ error: 'invalid_client', error_description: plain, shown }));
    } else if (request.url === '/token')
      response.end(JSON.stringify({ access_token: canary('access token'), token_type: 'Bearer', expires_in: 600 }));
    else response.end('{}');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

async function call(url: string, name: string, token: string): Promise<string> {
  const request = modernRequest('tools/call', { name, arguments: {} }, { authorization: `Bearer ${token}` });
  return await (await fetch(url, request)).text();
}

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return statSync(path).isFile() ? [path] : [];
  return readdirSync(path).flatMap(name => filesBelow(join(path, name)));
}
