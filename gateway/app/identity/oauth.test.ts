import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type House, openHouse } from '@sallyport/testkit/identity/house.ts';
import { startIssuer, type TestIssuer } from '@sallyport/testkit/identity/issuer.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import * as oauth from 'oauth4webapi';
import type { WhyView } from '../../api/view/decision.ts';

/** The authorization server as independent clients use it: `oauth4webapi` speaks, nothing of ours does. */

const insecure = { [oauth.allowInsecureRequests]: true };
const seconds = () => Math.floor(Date.now() / 1000);
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

let folder: AsyncDisposable & { path?: string };
let house: House;
let cluster: TestIssuer;
let enterprise: TestIssuer;
let strict: TestIssuer;
let server: oauth.AuthorizationServer;
let key: Awaited<ReturnType<typeof generateKeyPair>>;

before(async () => {
  const dir = temporaryFolder();
  folder = { [Symbol.asyncDispose]: async () => dir[Symbol.dispose]() };
  [cluster, enterprise, strict] = await Promise.all([startIssuer(), startIssuer(), startIssuer()]);
  key = await generateKeyPair('ES256');
  writeFileSync(join(dir.path, 'signer.jwks'), JSON.stringify({ keys: [await exportJWK(key.publicKey)] }));
  house = await openHouse(
    dir.path,
    `
trust:
  cluster: { kind: kubernetes, issuer: "${cluster.url}" }
  strict: { kind: oidc, issuer: "${strict.url}", exchangeOnly: true, singleUse: true }
  enterprise: { kind: id-jag, issuer: "${enterprise.url}", principalClaim: email }
agents:
  writer: { principal: "user:emma" }
  other: { principal: "user:olaf" }
  signer: { principal: "system:nightly", proofs: { private-key: { file: ./signer.jwks } } }
  invoice: { principal: "system:billing", proofs: { cluster: { namespace: billing, serviceAccount: invoice } } }
  careful: { principal: "system:c", proofs: { strict: { sub: job } } }
  double-a: { principal: "system:a", proofs: { cluster: { namespace: twice, serviceAccount: x } } }
  double-b: { principal: "system:b", proofs: { cluster: { namespace: twice, serviceAccount: x } } }
`,
  );
  const issuer = new URL(house.issuer);
  const found = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' });
  server = await oauth.processDiscoveryResponse(issuer, found);
});
after(async () => {
  await house[Symbol.asyncDispose]();
  await Promise.all([cluster.close(), enterprise.close(), strict.close()]);
  await folder[Symbol.asyncDispose]();
});

async function granted(
  client: oauth.ClientAuth,
  clientId: string,
  grant: string,
  parameters: Record<string, string> = {},
  options: object = {},
): Promise<oauth.TokenEndpointResponse> {
  const who = { client_id: clientId };
  const body = new URLSearchParams(parameters);
  const response = await oauth.genericTokenEndpointRequest(server, who, client, grant, body, {
    ...insecure,
    ...options,
  });
  return oauth.processGenericTokenEndpointResponse(server, who, response);
}

/** ECDSA: (r, n − s) verifies wherever (r, s) does. */
function malleable(token: string): string {
  const at = token.lastIndexOf('.') + 1;
  const signature = Buffer.from(token.slice(at), 'base64url');
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const other = (order - BigInt(`0x${signature.subarray(32).toString('hex')}`)).toString(16).padStart(64, '0');
  const both = Buffer.concat([signature.subarray(0, 32), Buffer.from(other, 'hex')]);
  return token.slice(0, at) + both.toString('base64url');
}

async function rejectedBecause(trust: string): Promise<readonly string[]> {
  const { entries } = await house.ask<{ entries: { proof?: { reason: string; trust: string } }[] }>(
    'entries?kind=rejected&limit=100',
  );
  return entries.flatMap(({ proof }) => (proof?.trust === trust ? [proof.reason] : []));
}

const wrong = (code: string) => (thrown: unknown) => thrown instanceof oauth.ResponseBodyError && thrown.error === code;

const resource = (path = '/mcp/notes') => `${house.url}${path}`;
const clientCredentials = 'client_credentials';
const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

function pod(namespace = 'billing', name = 'invoice', more: object = {}): Promise<string> {
  return cluster.token({
    ...{ aud: house.issuer, sub: `system:serviceaccount:${namespace}:${name}` },
    'kubernetes.io': { namespace, serviceaccount: { name, uid: 'u-1' }, pod: { name: 'p', uid: 'u-2' } },
    ...more,
  });
}

test('a client that knows only the address finds everything else', async () => {
  const bare = await house.call({});
  assert.equal(bare.status, 401);
  const where = /resource_metadata="([^"]+)"/.exec(bare.challenge)?.[1] ?? '';
  assert.doesNotMatch(bare.challenge, /error=/);
  assert.equal(where, `${house.url}/.well-known/oauth-protected-resource/mcp/notes`);
  const metadata = (await (await fetch(where)).json()) as { resource: string; authorization_servers: string[] };
  assert.deepEqual([metadata.resource, metadata.authorization_servers], [resource(), [house.issuer]]);
  for (const path of [
    '/.well-known/oauth-authorization-server/oauth',
    '/.well-known/openid-configuration/oauth',
    '/oauth/.well-known/openid-configuration',
  ])
    assert.equal(((await (await fetch(house.url + path)).json()) as { issuer: string }).issuer, house.issuer, path);
  const keys = (await (await fetch(server.jwks_uri ?? '')).json()) as { keys: Record<string, string>[] };
  assert.equal(keys.keys.length, 2);
  for (const jwk of keys.keys) assert.deepEqual([jwk.alg, jwk.d, jwk.use], ['ES256', undefined, 'sig']);
});

test('what is published is read, and any other method is told so', async () => {
  for (const path of [
    '/.well-known/oauth-authorization-server/oauth',
    '/.well-known/oauth-protected-resource/mcp/notes',
    '/oauth/.well-known/openid-configuration',
    '/oauth/jwks',
    '/healthz',
    '/readyz',
    '/metrics',
  ])
    for (const [method, status] of [
      ['GET', 200],
      ['HEAD', 200],
      ['POST', 405],
      ['DELETE', 405],
      ['PROPFIND', 405],
    ] as const) {
      const answer = await fetch(house.url + path, { method });
      const allow = status === 405 ? 'GET, HEAD' : null;
      assert.deepEqual([answer.status, answer.headers.get('allow')], [status, allow], `${method} ${path}`);
      assert.equal((await answer.text()) === '', method === 'HEAD');
    }
});

describe('client credentials', () => {
  for (const [name, method] of [
    ['basic', oauth.ClientSecretBasic],
    ['post', oauth.ClientSecretPost],
  ] as const)
    test(`with the token that an operator issued, ${name}`, async () => {
      const secret = await house.secretOf('writer');
      const answer = await granted(method(secret), 'writer', clientCredentials, { resource: resource() });
      assert.equal((await house.call(bearer(answer.access_token))).status, 200);
      const claims = decodeJwt(answer.access_token);
      assert.deepEqual([claims.aud, claims.sub, claims.client_id], [resource(), 'writer', 'writer']);
    });

  test('with a signature, and an assertion counts once', async () => {
    const assertion = await new SignJWT({ jti: 'once' })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer('signer')
      .setSubject('signer')
      .setAudience(house.issuer)
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(key.privateKey);
    const parameters = {
      client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    };
    const answer = await granted(oauth.None(), 'signer', clientCredentials, parameters);
    assert.equal((await house.call(bearer(answer.access_token), '/mcp')).status, 200);
    await assert.rejects(granted(oauth.None(), 'signer', clientCredentials, parameters), wrong('invalid_client'));
    const more = await granted(oauth.PrivateKeyJwt(key.privateKey), 'signer', clientCredentials);
    assert.equal(decodeJwt(more.access_token).proof, 'private-key');
  });

  test('D-12 a wrong secret, another’s secret, a wrong name: one answer', async () => {
    const secret = await house.secretOf('writer');
    const tries: [string, oauth.ClientAuth][] = [
      ['writer', oauth.ClientSecretBasic('spa_wrong')],
      ['other', oauth.ClientSecretBasic(secret)],
      ['nobody', oauth.ClientSecretPost(secret)],
      ['signer', oauth.PrivateKeyJwt((await generateKeyPair('ES256')).privateKey)],
      ['writer', oauth.None()],
    ];
    const answers = new Set<string>();
    for (const [id, method] of tries) {
      const body = new URLSearchParams();
      const response = await oauth.genericTokenEndpointRequest(
        server,
        { client_id: id },
        method,
        clientCredentials,
        body,
        insecure,
      );
      answers.add(`${response.status} ${await response.text()}`);
    }
    assert.equal(answers.size, 1, [...answers].join('\n'));
  });
});

describe('what a platform says', () => {
  test('a projected service-account token is taken at the door itself', async () => {
    assert.equal((await house.call(bearer(await pod()))).status, 200);
  });
  test('and can be exchanged for a token of ours, which tells where it began', async () => {
    const answer = await granted(oauth.None(), 'invoice', jwtBearer, { assertion: await pod(), resource: resource() });
    assert.equal((await house.call(bearer(answer.access_token))).status, 200);
    const { origin, proof } = decodeJwt(answer.access_token) as { origin: { sub: string }; proof: string };
    assert.deepEqual([origin.sub, proof], ['system:serviceaccount:billing:invoice', 'kubernetes']);
  });
  test('D-3 no agent, two agents, a subject that does not fit: refused alike outside, apart inside', async () => {
    const bodies = new Set<string>();
    const bad = [
      pod('billing', 'else'),
      pod('twice', 'x'),
      pod('billing', 'invoice', { sub: 'system:serviceaccount:kube:admin' }),
      pod('billing', 'invoice', { aud: 'https://other' }),
    ];
    for (const token of await Promise.all(bad)) {
      const answer = await house.call(bearer(token));
      assert.equal(answer.status, 401);
      bodies.add(answer.text + answer.challenge);
    }
    assert.equal(bodies.size, 1);
    // Joined to the next durable batch, not waited for by the call.
    let reasons: readonly string[] = [];
    while (reasons.length < 4) reasons = await rejectedBecause('cluster');
    assert.deepEqual([...reasons].sort(), ['audience', 'many-agents', 'no-agent', 'subject']);
  });
  test('DF13 where a token counts once, no other spelling of it and no second signature counts again', async () => {
    const claims = { aud: house.issuer, sub: 'job' };
    const [once, named] = await Promise.all([strict.token(claims), strict.token({ ...claims, jti: 'j' })]);
    assert.equal((await house.call(bearer(once))).status, 401, 'it opened something by itself');
    for (const token of [once, named]) {
      const answer = await granted(oauth.None(), 'careful', jwtBearer, { assertion: token, resource: resource() });
      assert.equal((await house.call(bearer(answer.access_token))).status, 200);
      for (const assertion of [token, malleable(token), `${token}=`, ` ${token}`])
        await assert.rejects(granted(oauth.None(), 'careful', jwtBearer, { assertion }), wrong('invalid_grant'));
    }
  });
  test('DF13 the second signature is one: it counts where it comes first, and then the first does not', async () => {
    const token = await strict.token({ aud: house.issuer, sub: 'job', other: 1 });
    await granted(oauth.None(), 'careful', jwtBearer, { assertion: malleable(token) });
    await assert.rejects(granted(oauth.None(), 'careful', jwtBearer, { assertion: token }), wrong('invalid_grant'));
  });
  test('an ID-JAG: the agent acts for the person, once', async () => {
    const secret = await house.secretOf('writer');
    const claims = {
      aud: house.issuer,
      sub: 'u1',
      email: 'emma@example.com',
      client_id: 'writer',
      jti: 'jag-1',
      resource: resource(),
    };
    const assertion = await enterprise.token(claims, { typ: 'oauth-id-jag+jwt' });
    const answer = await granted(oauth.ClientSecretPost(secret), 'writer', jwtBearer, { assertion });
    assert.equal((await house.call(bearer(answer.access_token))).status, 200);
    assert.equal(decodeJwt(answer.access_token).sub, 'user:emma@example.com');
    await assert.rejects(
      granted(oauth.ClientSecretPost(secret), 'writer', jwtBearer, { assertion }),
      wrong('invalid_grant'),
    );
    for (const change of [
      { client_id: 'other' },
      { aud: 'https://other' },
      { iss: cluster.url },
      { jti: undefined },
      { exp: 1 },
    ]) {
      const odd = await enterprise.token({ ...claims, jti: 'jag-2', ...change }, { typ: 'oauth-id-jag+jwt' });
      await assert.rejects(
        granted(oauth.ClientSecretPost(secret), 'writer', jwtBearer, { assertion: odd }),
        wrong('invalid_grant'),
      );
    }
    const asToken = await enterprise.token(claims, { typ: 'oauth-id-jag+jwt' });
    assert.equal((await house.call(bearer(asToken))).status, 401);
  });
});

test('D-3 a token for one resource is no use at another, and a foreign resource is none', async () => {
  const secret = await house.secretOf('writer');
  const one = await granted(oauth.ClientSecretPost(secret), 'writer', clientCredentials, {
    resource: resource('/mcp/notes'),
  });
  assert.equal((await house.call(bearer(one.access_token), '/mcp')).status, 401);
  const all = await granted(oauth.ClientSecretPost(secret), 'writer', clientCredentials, {
    resource: resource('/mcp'),
  });
  assert.equal((await house.call(bearer(all.access_token), '/mcp/notes')).status, 401);
  for (const odd of [
    'https://evil.example/mcp',
    `${house.url}/mcp/`,
    `${house.url}/mcp#x`,
    `${house.url}/api`,
    house.url,
  ])
    await assert.rejects(
      granted(oauth.ClientSecretPost(secret), 'writer', clientCredentials, { resource: odd }),
      wrong('invalid_target'),
      odd,
    );
});

test('a token with too little is told what to ask for, and with that it is enough', async () => {
  const secret = await house.secretOf('writer');
  const little = { resource: resource(), scope: 'tools:read' };
  const token = await granted(oauth.ClientSecretPost(secret), 'writer', clientCredentials, little);
  const answer = await house.call(bearer(token.access_token));
  assert.equal(answer.status, 403);
  assert.match(answer.challenge, /error="insufficient_scope", scope="tools:read tools:call", resource_metadata="/);
  assert.match(answer.text, /insufficient-scope/);
  const more = { resource: resource(), scope: 'tools:read tools:call' };
  const better = await granted(oauth.ClientSecretPost(secret), 'writer', clientCredentials, more);
  assert.equal((await house.call(bearer(better.access_token))).status, 200);
});

test('why shows how an agent proved itself, and what was wrong with a proof', async () => {
  const exchanged = { assertion: await pod(), resource: resource() };
  const answer = await granted(oauth.None(), 'invoice', jwtBearer, exchanged);
  assert.equal((await house.call(bearer(answer.access_token))).status, 200);
  const { entries } = await house.ask<{ entries: { id: string }[] }>('entries?kind=decided&agent=invoice&limit=1');
  const { decision } = await house.ask<{ decision: WhyView }>(`decisions/${entries[0]?.id}`);
  const { proof, trust, chain } = decision.agent;
  assert.deepEqual([proof, trust], ['kubernetes', 3]);
  assert.deepEqual(
    chain?.map(link => [link.kind, link.trust, link.subject]),
    [
      ['kubernetes', 'cluster', 'system:serviceaccount:billing:invoice'],
      ['access-token', 'sallyport', 'invoice'],
    ],
  );
  assert.ok(
    !JSON.stringify(decision).includes(answer.access_token.split('.')[2] ?? ''),
    'the token stands in the record',
  );
});

test('D-8 revoking works for whoever the token belongs to, at once, in every spelling', async () => {
  const secret = await house.secretOf('writer');
  const mine = await granted(oauth.ClientSecretPost(secret), 'writer', clientCredentials, { resource: resource() });
  const token = mine.access_token;
  const others = await house.secretOf('other');
  const revoke = (id: string, method: oauth.ClientAuth, text: string) =>
    oauth.revocationRequest(server, { client_id: id }, method, text, insecure).then(oauth.processRevocationResponse);
  await revoke('other', oauth.ClientSecretPost(others), token);
  assert.equal((await house.call(bearer(token))).status, 200);
  const asked = await oauth.introspectionRequest(
    server,
    { client_id: 'other' },
    oauth.ClientSecretPost(others),
    token,
    insecure,
  );
  assert.deepEqual(await asked.json(), { active: false });
  await revoke('writer', oauth.ClientSecretPost(secret), token);
  assert.equal((await house.call(bearer(token))).status, 401);
  for (const text of [`${token}=`, `${token} `, ` ${token}`])
    assert.equal((await house.call(bearer(text))).status, 401);
  const after = await oauth.introspectionRequest(
    server,
    { client_id: 'writer' },
    oauth.ClientSecretPost(secret),
    token,
    insecure,
  );
  assert.deepEqual(await after.json(), { active: false });
  await revoke('writer', oauth.ClientSecretPost(secret), 'nothing-of-ours');
});

test('what an operator takes back takes with it what was got with it, and nothing else', async () => {
  const [first, second] = [await house.secretOf('other'), await house.secretOf('other')];
  const [one, two] = await Promise.all(
    [first, second].map(secret =>
      granted(oauth.ClientSecretPost(secret), 'other', clientCredentials, { resource: resource() }),
    ),
  );
  const { agents } = await house.ask<{ agents: { id: string; tokens: { id: string }[] }[] }>('agents');
  const names = agents.find(({ id }) => id === 'other')?.tokens.map(({ id }) => id) ?? [];
  await house.ask('agents/other/revoke', { token: names.at(-2) });
  assert.equal((await house.call(bearer(one?.access_token ?? ''))).status, 401);
  assert.equal((await house.call(bearer(two?.access_token ?? ''))).status, 200);
});

test('D-4 no server is ever sent what the agent proved itself with', async () => {
  const secret = await house.secretOf('writer');
  const token = await granted(oauth.ClientSecretPost(secret), 'writer', clientCredentials, { resource: resource() });
  for (const proof of [secret, token.access_token, await pod()])
    assert.equal((await house.call(bearer(proof))).status, 200);
  const received = house.received();
  assert.match(received, /tools\/call/);
  for (const part of ['spa_', 'eyJ', token.access_token.slice(-20), 'uthorization'])
    assert.ok(!received.includes(part), part);
});

describe('token exchange', () => {
  const exchange = async (secret: string, token: string, more: Record<string, string>) =>
    granted(oauth.ClientSecretPost(secret), 'writer', tokenExchange, {
      subject_token: token,
      subject_token_type: accessTokenType,
      ...more,
    });

  test('D-7 narrower in resource, scope and time; never wider; and what ends the first ends the second', async () => {
    const secret = await house.secretOf('writer');
    const whole = await granted(oauth.ClientSecretPost(secret), 'writer', clientCredentials, {
      resource: resource('/mcp'),
    });
    const part = await exchange(secret, whole.access_token, { resource: resource(), scope: 'tools:read' });
    const [outer, inner] = [decodeJwt(whole.access_token), decodeJwt(part.access_token)];
    assert.deepEqual([inner.aud, inner.scope], [resource(), 'tools:read']);
    assert.ok((inner.exp ?? 0) <= (outer.exp ?? 0));
    await assert.rejects(exchange(secret, part.access_token, { resource: resource('/mcp') }), wrong('invalid_target'));
    await assert.rejects(
      exchange(secret, part.access_token, { scope: 'tools:read tools:call' }),
      wrong('invalid_scope'),
    );
    const again = await exchange(secret, part.access_token, {});
    assert.equal(decodeJwt(again.access_token).scope, 'tools:read');
    await oauth.revocationRequest(
      server,
      { client_id: 'writer' },
      oauth.ClientSecretPost(secret),
      whole.access_token,
      insecure,
    );
    const status = await oauth.introspectionRequest(
      server,
      { client_id: 'writer' },
      oauth.ClientSecretPost(secret),
      again.access_token,
      insecure,
    );
    assert.deepEqual(await status.json(), { active: false });
    await assert.rejects(exchange(secret, again.access_token, {}), wrong('invalid_grant'));
  });

  test('D-7 another agent gets nothing out of it', async () => {
    const [mine, theirs] = [await house.secretOf('writer'), await house.secretOf('other')];
    const token = await granted(oauth.ClientSecretPost(theirs), 'other', clientCredentials, { resource: resource() });
    await assert.rejects(exchange(mine, token.access_token, {}), wrong('access_denied'));
    await assert.rejects(exchange(mine, await pod(), {}), wrong('invalid_grant'));
    await assert.rejects(
      exchange(mine, token.access_token, { actor_token: 'x', actor_token_type: accessTokenType }),
      wrong('invalid_request'),
    );
  });
});

describe('DPoP', () => {
  async function bound(): Promise<{
    token: string;
    proofFor: (token: string, nonce: string, more?: object) => Promise<string>;
  }> {
    const secret = await house.secretOf('writer');
    const pair = await oauth.generateKeyPair('ES256', { extractable: true });
    const DPoP = oauth.DPoP({}, pair);
    const ask = () =>
      granted(oauth.ClientSecretPost(secret), 'writer', clientCredentials, { resource: resource() }, { DPoP });
    // The first answer demands a nonce; the client takes it and tries again.
    const answer = await ask().catch(thrown => (oauth.isDPoPNonceError(thrown) ? ask() : Promise.reject(thrown)));
    assert.equal(answer.token_type, 'dpop');
    const jwk = await exportJWK(pair.publicKey);
    const digest = async (text: string) =>
      Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('base64url');
    return {
      token: answer.access_token,
      proofFor: async (token, nonce, more = {}) =>
        new SignJWT({
          htm: 'POST',
          htu: resource(),
          ath: await digest(token),
          nonce,
          jti: crypto.randomUUID(),
          iat: seconds(),
          ...more,
        })
          .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
          .sign(pair.privateKey),
    };
  }
  const shown = (token: string, dpop: string) => ({ authorization: `DPoP ${token}`, dpop });

  test('a bound token counts with a proof of its key, which counts once', async () => {
    const { token, proofFor } = await bound();
    const first = await house.call(shown(token, await proofFor(token, '')));
    assert.match(first.challenge, /use_dpop_nonce/);
    const nonce = first.nonce ?? '';
    const proof = await proofFor(token, nonce);
    assert.equal((await house.call(shown(token, proof))).status, 200);
    assert.equal((await house.call(shown(token, proof))).status, 401);
    assert.equal((await house.call(shown(token, await proofFor(token, nonce)))).status, 200);
  });

  test('D-6 every other proof, and none, is refused', async () => {
    const { token, proofFor } = await bound();
    const nonce = (await house.call(shown(token, await proofFor(token, '')))).nonce ?? '';
    assert.equal((await house.call(bearer(token))).status, 401);
    assert.equal((await house.call({ authorization: `DPoP ${token}` })).status, 401);
    for (const more of [
      { htm: 'GET' },
      { htu: `${house.url}/mcp` },
      { htu: `${resource()}?a` },
      { ath: 'x' },
      { ath: undefined },
      { jti: undefined },
      { nonce: 'x' },
      { iat: 1 },
      { exp: seconds() - 60 },
      { nbf: seconds() + 60 },
    ])
      assert.equal(
        (await house.call(shown(token, await proofFor(token, nonce, more)))).status,
        401,
        JSON.stringify(more),
      );
    const thief = await bound();
    assert.equal((await house.call(shown(token, await thief.proofFor(token, nonce)))).status, 401);
    const unbound = await granted(oauth.ClientSecretPost(await house.secretOf('writer')), 'writer', clientCredentials, {
      resource: resource(),
    });
    assert.equal(
      (await house.call(shown(unbound.access_token, await proofFor(unbound.access_token, nonce)))).status,
      401,
    );
  });
});

test('a signing key that was replaced still verifies, and a token outlives a restart of nobody', async () => {
  const secret = await house.secretOf('writer');
  const answer = await granted(oauth.ClientSecretPost(secret), 'writer', clientCredentials, { resource: resource() });
  const response = await fetch(server.jwks_uri ?? '');
  assert.equal(response.headers.get('content-type'), 'application/json');
  assert.equal((await house.call(bearer(answer.access_token))).status, 200);
});

test('A parameter that stands twice, a body of another kind, an unknown grant', async () => {
  const post = (body: string, type = 'application/x-www-form-urlencoded') =>
    fetch(`${house.issuer}/token`, { method: 'POST', headers: { 'content-type': type }, body }).then(async answer => [
      answer.status,
      ((await answer.json()) as { error: string }).error,
    ]);
  assert.deepEqual(await post('grant_type=a&grant_type=b'), [400, 'invalid_request']);
  assert.deepEqual(await post('grant_type=password'), [400, 'unsupported_grant_type']);
  assert.deepEqual(await post('{}', 'application/json'), [400, 'invalid_request']);
  assert.deepEqual(await post('grant_type=%ff'), [400, 'invalid_request']);
  assert.equal((await fetch(`${house.issuer}/token`)).status, 405);
});
