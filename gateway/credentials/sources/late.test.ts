import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { holderOf, openBroker } from '@sallyport/testkit/rooms/credentials.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { createOAuthClient } from '../oauth-client.ts';
import { openRegistrations } from '../registrations.ts';
import type { SecretPlace } from '../secret-source.ts';
import type { CredentialSource } from '../source.ts';
import { gitHubAppSource } from './github-app.ts';
import { staticSource } from './static.ts';
import { type TokenExchangeConfig, tokenExchangeSource } from './token-exchange.ts';

const now = (): number => 1_000_000;
/** Longer than a call waits. */
const slowSeconds = 3;

/** GitHub and a token endpoint. What is asked of GitHub takes long. */
async function startIssuer() {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const token = { token: 'ghs_late', expires_at: '2030-01-01T00:00:00Z' };
    const exchanged = { access_token: 'exchanged', token_type: 'N_A', expires_in: 600 };
    if (request.url === '/token') response.end(JSON.stringify(exchanged));
    else setTimeout(() => response.writeHead(201).end(JSON.stringify(token)), slowSeconds * 1_000);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, asked, [Symbol.asyncDispose]: async () => void server.close().closeAllConnections() };
}

/** Two calls of a task, one after the other. */
async function twice(source: CredentialSource): Promise<string[]> {
  const { broker } = openBroker([source], { now: now() });
  const said: string[] = [];
  for (let call = 0; call < 2; call++) {
    const issued = await broker.issue(source.name, holderOf());
    said.push(issued.ok ? issued.value.secret : issued.refusal.why);
  }
  await broker.close();
  return said;
}

test('a secret that takes longer than a call waits is lent to the next one, whoever makes it and from wherever it is read', {
  skip: process.platform === 'win32',
}, async () => {
  using folder = temporaryFolder();
  await using issuer = await startIssuer();
  const runs = folder.file('runs');
  const slow: SecretPlace = {
    kind: 'command',
    argv: ['sh', '-c', `echo run >> "$0"; sleep ${slowSeconds}; echo late`, runs],
  };
  const common = { secondsMax: undefined };
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(folder.file('key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const gitHub = gitHubAppSource(
    {
      ...{ ...common, name: 'github', apiUrl: issuer.url, appId: '1', installationId: '1', permissions: {} },
      ...{ privateKey: { kind: 'file', file: folder.file('key') }, repositories: [], repositoryArgument: undefined },
    },
    now,
  );
  const exchange: TokenExchangeConfig = {
    ...{ ...common, name: 'exchange', audience: undefined, resource: undefined, scope: undefined },
    ...{ subject: slow, subjectType: 'urn:ietf:params:oauth:token-type:jwt', clientMetadataUrl: undefined },
    ...{ clientId: 'c', clientSecret: undefined },
    issuer: {
      ...{ kind: 'written', tokenUrl: `${issuer.url}/token` },
      ...{ revocationUrl: undefined, authorizeUrl: undefined },
    },
  };
  const registrations = openRegistrations(folder.path);
  const client = createOAuthClient('exchange', exchange, { now, registrations, redirectUri: () => 'http://127.0.0.1' });
  const said = await Promise.all(
    [
      staticSource({ ...common, name: 'command', place: slow, rotateDays: undefined }, now),
      gitHub,
      tokenExchangeSource(exchange, { now, client }),
    ].map(twice),
  );
  const late = 'it did not come within 2000 ms; what comes later serves the next call';
  assert.deepEqual(said, [
    [late, 'late'],
    [late, 'ghs_late'],
    [late, 'exchanged'],
  ]);
  const posted = issuer.asked.filter(path => path.endsWith('/access_tokens'));
  assert.deepEqual([posted.length, readFileSync(runs, 'utf8')], [1, 'run\nrun\n'], 'each was asked once');
});
