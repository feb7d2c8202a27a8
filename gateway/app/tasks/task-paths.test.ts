import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { type House, openHouse } from '@sallyport/testkit/identity/house.ts';
import { startIssuer, type TestIssuer } from '@sallyport/testkit/identity/issuer.ts';
import { temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { decodeJwt, SignJWT } from 'jose';
import * as oauth from 'oauth4webapi';
import type { TaskView } from '../../api/view/task.ts';

/** Ways to a task, and ways in which one ends, each through the whole gateway from the first request to the last call. */

const insecure = { [oauth.allowInsecureRequests]: true };
const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessToken = 'urn:ietf:params:oauth:token-type:access_token';
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

const folder = temporaryFolder();
let house: House;
let pusher: TestIssuer;
let poller: TestIssuer;
let server: oauth.AuthorizationServer;
/** What the transmitter that is polled has to say, and what it was told about it. */
const waiting = new Map<string, string>();
const acknowledged: string[] = [];
const transmitter = createServer((request, response) => {
  let body = '';
  request.on('data', chunk => {
    body += chunk;
  });
  request.on('end', () => {
    for (const name of JSON.parse(body).ack as string[]) {
      acknowledged.push(name);
      waiting.delete(name);
    }
    response.end(JSON.stringify({ sets: Object.fromEntries(waiting) }));
  });
});

before(async () => {
  [pusher, poller] = await Promise.all([startIssuer({ alg: 'RS256' }), startIssuer({ alg: 'RS256' })]);
  await new Promise<void>(resolve => transmitter.listen(0, '127.0.0.1', resolve));
  const polled = `http://127.0.0.1:${(transmitter.address() as AddressInfo).port}/poll`;
  house = await openHouse(
    folder.path,
    `
agents:
  writer: { principal: "user:emma" }
  helper: { principal: "user:emma" }
  other: { principal: "user:paul" }
signals:
  pushed: { issuer: "${pusher.url}", keys: { url: "${pusher.url}/jwks" } }
  polled: { issuer: "${poller.url}", keys: { url: "${poller.url}/jwks" }, poll: { url: "${polled}", everySeconds: 1 } }
`,
  );
  const issuer = new URL(house.issuer);
  const found = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' });
  server = await oauth.processDiscoveryResponse(issuer, found);
});
after(async () => {
  await house[Symbol.asyncDispose]();
  transmitter.closeAllConnections();
  transmitter.close();
  await Promise.all([pusher.close(), poller.close()]);
  folder[Symbol.dispose]();
});

async function granted(agent: string, grant: string, parameters: Record<string, string>) {
  const who = { client_id: agent };
  const proof = oauth.ClientSecretBasic(await house.secretOf(agent));
  const response = await oauth.genericTokenEndpointRequest(
    ...([server, who, proof, grant, new URLSearchParams(parameters), insecure] as const),
  );
  return (await oauth.processGenericTokenEndpointResponse(server, who, response)).access_token;
}

async function exchanged(agent: string, subject: string, purpose: string): Promise<string> {
  return await granted(agent, exchangeGrant, {
    ...{ subject_token: subject, subject_token_type: accessToken, resource: `${house.url}/mcp/notes` },
    authorization_details: JSON.stringify([{ type: 'agent_task', purpose, limits: { callsMax: 3 } }]),
  });
}

async function open(agent: string, more: object = {}): Promise<{ task: TaskView; token: string }> {
  return await house.ask('tasks', { agent, purpose: 'p', segments: ['test'], limits: { depthMax: 1 }, ...more });
}

async function renewed(task: string, access: object): Promise<string> {
  const answer = await house.ask<{ access: { token: string } }>(`tasks/${task}/renew`, { access });
  return answer.access.token;
}

const taskOf = async (id: unknown): Promise<TaskView> => (await house.ask<{ task: TaskView }>(`tasks/${id}`)).task;

describe('from a token to a task to a call', () => {
  test('an agent exchanges its token for one of a task, acts in it, and cannot once it has ended', async () => {
    const own = await granted('writer', 'client_credentials', { resource: `${house.url}/mcp/notes` });
    const token = await exchanged('writer', own, 'read the notes');
    const { task_id: id } = decodeJwt(token);
    const opened = await taskOf(id);
    assert.deepEqual([opened.opener, opened.purpose, opened.limits.callsMax], ['claimed', 'read the notes', 3]);
    assert.equal((await house.call(bearer(token))).refused, false);
    assert.equal((await taskOf(id)).used.calls, 1);
    await house.ask(`tasks/${id}/end`, { why: 'done' });
    assert.equal((await house.call(bearer(token))).status, 401);
    assert.equal((await house.call(bearer(own))).refused, false, 'its own token is none of that task');
  });

  test('another agent gets a task below the one whose token it was shown, within its bounds, and loses it with it', async () => {
    const parent = await open('writer', { limits: { callsMax: 10, depthMax: 1 } });
    // Works somewhere first: what works nowhere yet cannot be handed on.
    const shown = await renewed(parent.task.id, { audience: '/mcp/notes' });
    assert.equal((await house.call(bearer(shown))).refused, false);
    const token = await exchanged('helper', shown, 'a part of it');
    const { task_id: id, act } = decodeJwt(token);
    assert.match(JSON.stringify(act), /writer/);
    const child = await taskOf(id);
    assert.deepEqual([child.parent, child.depth, child.agent], [parent.task.id, 1, 'helper']);
    assert.equal((await house.call(bearer(token))).refused, false);
    await house.ask(`tasks/${parent.task.id}/end`, { why: 'done' });
    assert.equal((await taskOf(id)).state, 'ended');
    assert.equal((await house.call(bearer(token))).status, 401);
  });

  test('more than the task has is not to be had by exchange', async () => {
    const parent = await open('writer', { limits: { callsMax: 2, depthMax: 1 } });
    const shown = await renewed(parent.task.id, { audience: '/mcp/notes' });
    await assert.rejects(exchanged('helper', shown, 'three calls'), (thrown: oauth.ResponseBodyError) => {
      assert.equal(thrown.error, 'invalid_authorization_details');
      assert.match(thrown.error_description ?? '', /limits\.callsMax/);
      return true;
    });
  });
});

test('renew --access: a token that names its task by itself, for one address, and for no stopped task', async () => {
  const { task } = await open('writer');
  const token = await renewed(task.id, { audience: '/mcp/notes', seconds: 60 });
  assert.equal((await house.call(bearer(token))).refused, false);
  assert.equal((await taskOf(task.id)).used.calls, 1);
  assert.equal((await house.call(bearer(token), '/mcp')).status, 401, 'another address');
  const claims = decodeJwt(token);
  assert.ok((claims.exp ?? 0) - (claims.iat ?? 0) <= 60);
  await house.ask('kill', { scope: `task:${task.id}`, why: 'looked odd' });
  assert.equal((await house.call(bearer(token))).status, 401);
  await house.ask('unkill', { scope: `task:${task.id}`, why: 'was fine' });
  assert.equal((await house.call(bearer(token))).status, 401, 'revoked for good');
});

describe('security events reach a running gateway', () => {
  async function event(issuer: TestIssuer, jti: string, sub: string): Promise<string> {
    return await new SignJWT({
      ...{ iss: issuer.url, aud: `${house.url}/ssf/events`, jti, iat: Math.floor(Date.now() / 1000) },
      sub_id: { format: 'iss_sub', iss: issuer.url, sub },
      events: { 'https://schemas.openid.net/secevent/caep/event-type/session-revoked': {} },
    })
      .setProtectedHeader({ typ: 'secevent+jwt', alg: 'RS256', kid: issuer.kid })
      .sign(issuer.key);
  }
  const push = (body: string): Promise<Response> =>
    fetch(`${house.url}/ssf/events`, { method: 'POST', headers: { 'content-type': 'application/secevent+jwt' }, body });

  test('R8 pushed: the principal’s tasks end before it is acknowledged, and nobody else’s', async () => {
    const [emma, paul] = [await open('writer'), await open('other')];
    const token = await renewed(emma.task.id, { audience: '/mcp/notes' });
    assert.equal((await house.call(bearer(token))).refused, false);
    const forged = await push((await event(pusher, 'e-0', 'emma')).replace(/.$/, last => (last === 'A' ? 'B' : 'A')));
    assert.equal(forged.status, 400);
    assert.equal((await taskOf(emma.task.id)).state, 'open');
    assert.equal((await push(await event(pusher, 'e-1', 'emma'))).status, 202);
    assert.equal((await taskOf(emma.task.id)).state, 'ended');
    assert.equal((await house.call(bearer(token))).status, 401);
    assert.equal((await taskOf(paul.task.id)).state, 'open');
  });

  test('R8 polled: it is fetched, acted on and acknowledged', async () => {
    const { task } = await open('other');
    waiting.set('p-1', await event(poller, 'p-1', 'paul'));
    await until('the task ends', async () => (await taskOf(task.id)).state === 'ended');
    assert.match((await taskOf(task.id)).ended?.why ?? '', /session-revoked/);
    await until('it is acknowledged', () => acknowledged.includes('p-1'));
  });
});
