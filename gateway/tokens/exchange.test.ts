import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessToken } from '@sallyport/core/identity/access-token.ts';
import { proven } from '@sallyport/core/identity/fault.ts';
import { emptyObject } from '@sallyport/core/model/json.ts';
import type { Client } from './client-auth.ts';
import { actorsMax, exchange, exchangesMax, tokenTypes } from './exchange.ts';
import { Parameters } from './form.ts';
import type { GrantPorts } from './grant-type.ts';
import { type TokenOrder, tokenSecondsDefault } from './issuer.ts';
import { OAuthFault } from './oauth-fault.ts';
import { createResources } from './resources.ts';

const now = 1_800_000_000_000;
const subject: AccessToken = {
  ...{ jti: 'tok_1', issuedAt: now, expiresAt: now + 90_500, audience: 'http://us/mcp/notes', clientId: 'a' },
  ...{ subject: 'user:emma', agent: 'a', proof: 'kubernetes', trust: 'cluster', scope: ['tools:read'], task: 't_1' },
  ...{ jkt: undefined, family: 'fam_1', ancestors: ['tok_0'], actors: [], claims: emptyObject },
  origin: { issuer: 'https://cluster', subject: 'pod', id: '1' },
};
const clientOf = (id: string): Client => ({
  ...{ kind: 'agent', clientId: id, agent: { id, classes: [], principal: 'system:x' } as never, proof: 'bearer' },
  ...{ trust: 'sallyport', origin: undefined },
});

async function exchanged(
  over: Partial<AccessToken> = {},
  form: Record<string, string> = {},
  client: Client = clientOf('a'),
  jkt?: string,
): Promise<TokenOrder> {
  const ports = {
    ...{ now: () => now, access: { read: async () => proven({ ...subject, ...over }) } },
    ...{
      resources: createResources(
        () => 'http://us',
        () => ['http://us'],
      ),
      taskTokens: undefined,
    },
  } as unknown as GrantPorts;
  const asked = { subject_token: 'x', subject_token_type: tokenTypes.access, ...form };
  const parameters = new Parameters(new Map(Object.entries(asked).filter(([, value]) => value !== '')));
  const granted = await exchange({ form: parameters, client, jkt }, ports);
  return 'order' in granted ? granted.order : assert.fail('a session');
}

type Asked = readonly [Partial<AccessToken>?, Record<string, string>?, Client?, string?];

const refused = async (...asked: Asked): Promise<string> =>
  await exchanged(...asked).then(
    () => 'granted',
    (thrown: unknown) => (thrown instanceof OAuthFault ? thrown.code : String(thrown)),
  );

test('D-7 R14 what comes out is what went in, or less: its end, its task, its family, and who acted before', async () => {
  const task = 't_00000000000000000000000001';
  const order = await exchanged({ task });
  assert.deepEqual(order, {
    ...{ agent: 'a', principal: 'user:emma', clientId: 'a', proof: 'kubernetes', trust: 'cluster', task },
    ...{ origin: subject.origin, audience: subject.audience, scope: ['tools:read'], actors: [], family: 'fam_1' },
    ...{ ancestors: ['tok_0', 'tok_1'], seconds: 90 },
  });
  const long = await exchanged({ expiresAt: now + 1e9, family: undefined, actors: ['b'] }, {}, clientOf('a'), 'key');
  assert.deepEqual(
    [long.seconds, long.family, long.actors, long.cnf],
    [tokenSecondsDefault, undefined, ['b'], { jkt: 'key' }],
  );
  assert.deepEqual((await exchanged({ jkt: 'key' }, {}, clientOf('a'), 'key')).cnf, { jkt: 'key' });
  const whole = { audience: 'http://us/mcp', scope: ['tools:read', 'tools:call'] };
  const part = await exchanged(whole, { resource: 'http://us/mcp/bank', scope: 'tools:call' });
  assert.deepEqual([part.audience, part.scope], ['http://us/mcp/bank', ['tools:call']]);
});

test('D-7 what would be more than went in is refused, each for its own reason', async () => {
  const rows: readonly (readonly [string, ...Asked])[] = [
    ['granted', { ancestors: Array(exchangesMax - 1).fill('x'), actors: Array(actorsMax - 1).fill('b') }],
    ['granted', {}, { requested_token_type: tokenTypes.jwt, subject_token_type: tokenTypes.jwt }],
    ['invalid_grant', { ancestors: Array(exchangesMax).fill('x') }],
    ['invalid_grant', { actors: Array(actorsMax).fill('b') }],
    ['invalid_grant', { expiresAt: now }],
    ['invalid_grant', { agent: undefined }],
    ['invalid_grant', { jkt: 'key' }, {}, clientOf('a'), 'another'],
    ['invalid_grant', { jkt: 'key' }],
    ['invalid_target', {}, { resource: 'http://us/mcp' }],
    ['invalid_target', {}, { audience: 'http://us/mcp/bank' }],
    ['invalid_target', {}, { resource: 'http://other/mcp/notes' }],
    ['invalid_scope', {}, { scope: 'tools:call' }],
    ['access_denied', {}, {}, clientOf('b')],
    ['invalid_client', {}, {}, { kind: 'public', clientId: 'a' }],
    ['invalid_request', {}, { actor_token: 'y' }],
    ['invalid_request', {}, { subject_token_type: tokenTypes.idJag }],
    ['invalid_request', {}, { subject_token_type: '' }],
    ['invalid_request', {}, { requested_token_type: tokenTypes.idJag }],
    ['invalid_request', {}, { subject_token: '' }],
  ];
  for (const [expected, ...asked] of rows) assert.equal(await refused(...asked), expected, JSON.stringify(asked));
});
