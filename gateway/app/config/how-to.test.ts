import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { openHouse } from '@sallyport/testkit/identity/house.ts';
import { startIssuer } from '@sallyport/testkit/identity/issuer.ts';
import { temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { startFakeCluster } from '@sallyport/testkit/watch.ts';
import type { TaskView } from '../../api/view/task.ts';
import { parseConfig } from './config.ts';

/** The how-tos about proofs, word for word: their configuration is what runs here, but for the addresses of others. */
const us = 'https://gateway.example.com/oauth';
const sections = /^(url|trust|agents|people|hosts|tls|watch): ?/;

/** The blocks of a page that are configuration, in order. */
function configs(page: string): readonly string[] {
  const text = readFileSync(resolve(import.meta.dirname, '../../../docs/how-to', `${page}.md`), 'utf8');
  return blocks(text).filter(block => sections.test(block));
}

function blocks(text: string): readonly string[] {
  const indented = text.split('\n').map(line => (/^ {8}/.test(line) ? line.slice(8) : '\0'));
  return indented
    .join('\n')
    .split(/(?:\0\n?)+/)
    .filter(block => block.trim() !== '');
}

function formOf(page: string): URLSearchParams {
  const text = readFileSync(resolve(import.meta.dirname, '../../../docs/how-to', `${page}.md`), 'utf8');
  const curl = blocks(text).find(block => block.startsWith('curl')) ?? '';
  const form = new URLSearchParams();
  for (const [, name = '', value = ''] of curl.matchAll(/-d ([a-z_]+)=("[^"]*"|\S+)/g)) form.set(name, value);
  return form;
}

const seconds = (): number => Math.floor(Date.now() / 1000);
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function exchanged(url: string, form: URLSearchParams): Promise<{ access_token: string; error?: string }> {
  return (await (await fetch(`${url}/oauth/token`, { method: 'POST', body: form })).json()) as never;
}

test('every configuration in the how-tos about proofs is one that the gateway takes', () => {
  const pages = ['on-kubernetes', 'in-github-actions', 'with-spire'].map(name => `prove-an-agent-${name}`);
  for (const page of [...pages, 'let-a-person-s-client-act']) {
    const found = configs(page);
    assert.ok(found.length > 0, page);
    for (const block of found) parseConfig(page, block);
    parseConfig(
      page,
      found.join('\n').replaceAll(/^url: .*\n/gm, (line, at: number) => (at === 0 ? line : '')),
    );
  }
});

test('R8 a pod proves itself as the how-to says, exchanges its token, and its task ends with it', async () => {
  using folder = temporaryFolder();
  await using issuer = { ...(await startIssuer()), [Symbol.asyncDispose]: () => issuer.close() };
  const pod = (phase: string) => ({
    metadata: { name: 'invoice-7', namespace: 'billing', uid: 'p1', resourceVersion: '1' },
    status: { phase },
  });
  await using cluster = await startFakeCluster(pod('Running'));
  for (const name of ['ca.crt', 'token']) writeFileSync(join(folder.path, name), 'x');
  const mounted = /\/var\/run\/secrets\/kubernetes\.io\/serviceaccount\//g;
  const yaml = (configs('prove-an-agent-on-kubernetes')[0] ?? '')
    .replace('https://kubernetes.default.svc/openid/v1/jwks', `${issuer.url}/jwks`)
    .replaceAll(mounted, './')
    .replace('8f0c…', 'uid-1');
  await using house = await openHouse(
    folder.path,
    `${yaml}\nwatch: { kubernetes: { url: "${cluster.url}", tokenFile: ./token } }\n`,
  );
  const projected = (uid = 'uid-1', over: object = {}) =>
    issuer.token({
      ...{
        iss: 'https://kubernetes.default.svc.cluster.local',
        sub: 'system:serviceaccount:billing:invoice',
        aud: [us],
      },
      'kubernetes.io': {
        ...{ namespace: 'billing', serviceaccount: { name: 'invoice', uid }, pod: { name: 'invoice-7', uid: 'p1' } },
      },
      ...over,
    });
  assert.equal((await house.call(bearer(await projected()))).refused, false);
  const strangers = [projected('uid-2'), projected('uid-1', { aud: [us, 'https://kubernetes.default.svc'] })];
  for (const stranger of strangers) assert.equal((await house.call(bearer(await stranger))).status, 401);

  const form = formOf('prove-an-agent-on-kubernetes');
  assert.deepEqual([...form.keys()], ['grant_type', 'assertion', 'resource']);
  form.set('assertion', await projected());
  form.set('resource', (form.get('resource') ?? '').replace('/ledger', '/notes'));
  form.set('authorization_details', JSON.stringify([{ type: 'agent_task', purpose: 'invoices of the day' }]));
  const { access_token: token, error } = await exchanged(house.url, form);
  assert.equal(error, undefined);
  assert.equal((await house.call({ ...bearer(token), host: 'gateway.example.com' })).refused, false);
  const task = async (): Promise<TaskView | undefined> =>
    (await house.ask<{ tasks: TaskView[] }>('tasks?state=all')).tasks.find(({ kind }) => kind === 'opened');
  assert.equal((await task())?.endsWith, 'pod:billing/invoice-7', 'nobody said so: the token did');
  await until('the pod is watched', () => cluster.watchers() === 1);
  cluster.tell('MODIFIED', pod('Succeeded'));
  await until('its task ends', async () => (await task())?.state === 'ended');
  assert.equal((await task())?.ended?.why, 'the pod has ended: Succeeded');
  assert.notEqual((await house.call({ ...bearer(token), host: 'gateway.example.com' })).status, 200);
});

test('a workflow’s token is held against both numbers, its branch and its environment, and counts once if told so', async () => {
  using folder = temporaryFolder();
  await using issuer = { ...(await startIssuer()), [Symbol.asyncDispose]: () => issuer.close() };
  const yaml = (configs('prove-an-agent-in-github-actions')[0] ?? '').replace(
    'kind: github-actions,',
    `kind: github-actions, keys: { url: "${issuer.url}/jwks" }, exchangeOnly: true, singleUse: true,`,
  );
  await using house = await openHouse(folder.path, yaml);
  const claims = {
    ...{ iss: 'https://token.actions.githubusercontent.com', sub: 'repo:acme/shop:environment:production', aud: us },
    ...{
      repository_id: '123456789',
      repository_owner_id: '1234567',
      ref: 'refs/heads/main',
      environment: 'production',
    },
    ...{ repository: 'acme/shop', run_id: '42', exp: seconds() + 300 },
  };
  const form = async (over: object, jti: string): Promise<URLSearchParams> => {
    const grant = {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      resource: `${us.slice(0, -6)}/mcp/notes`,
    };
    return new URLSearchParams({ ...grant, assertion: await issuer.token({ ...claims, ...over, jti }) });
  };
  const good = await form({}, 'j1');
  assert.ok((await exchanged(house.url, good)).access_token);
  assert.equal((await exchanged(house.url, good)).error, 'invalid_grant', 'once');
  const wrong = [
    { repository_owner_id: '7' },
    { repository_id: '7' },
    { ref: 'refs/pull/1/merge' },
    { environment: undefined },
    { exp: seconds() + 3_600 },
  ];
  for (const [n, over] of wrong.entries())
    assert.equal((await exchanged(house.url, await form(over, `w${n}`))).error, 'invalid_grant', JSON.stringify(over));
  assert.equal((await house.call(bearer(await issuer.token({ ...claims, jti: 'j2' })))).status, 401, 'exchange only');
});

test('a JWT-SVID of the bundle at the address of the how-to proves its workload', async () => {
  using folder = temporaryFolder();
  await using spire = { ...(await startIssuer({ use: 'jwt-svid' })), [Symbol.asyncDispose]: () => spire.close() };
  const yaml = (configs('prove-an-agent-with-spire')[0] ?? '').replace(
    'https://spire.example.org:8443/bundle',
    `${spire.url}/jwks`,
  );
  await using house = await openHouse(folder.path, yaml);
  const svid = (sub: string) => spire.token({ iss: undefined, sub, aud: [us] }, { typ: 'JWT' });
  assert.equal((await house.call(bearer(await svid('spiffe://example.org/ns/billing/sa/invoice')))).refused, false);
  for (const sub of ['spiffe://example.org/ns/billing/sa/other', 'spiffe://evil.example/ns/billing/sa/invoice'])
    assert.equal((await house.call(bearer(await svid(sub)))).status, 401, sub);
});

test('the clients that the how-to names are asked to sign in, and others are nobody', async () => {
  using folder = temporaryFolder();
  await using house = await openHouse(folder.path, configs('let-a-person-s-client-act')[0] ?? '');
  const page = async (client: string): Promise<string> => {
    const asked = {
      response_type: 'code',
      redirect_uri: 'http://127.0.0.1:5000/callback',
      code_challenge_method: 'S256',
    };
    const whole = { ...asked, client_id: client, code_challenge: 'x'.repeat(43), resource: `${house.url}/mcp` };
    const answer = await fetch(`${house.issuer}/authorize?${new URLSearchParams(whole)}`, { redirect: 'manual' });
    return `${answer.status} ${await answer.text()}`;
  };
  assert.match(await page('desk-client'), /^200 .*sallyport login --code/s);
  assert.match(await page('another'), /^40[01] /);
});
