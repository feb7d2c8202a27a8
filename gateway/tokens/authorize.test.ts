import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReturnedFault, readAuthorization } from './authorize.ts';
import { parseParameters } from './form.ts';
import { OAuthFault } from './oauth-fault.ts';
import { createPeopleClients } from './people-clients.ts';
import { createResources } from './resources.ts';

const good = {
  client_id: 'sallyport-cli',
  redirect_uri: 'http://127.0.0.1/callback',
  response_type: 'code',
  code_challenge_method: 'S256',
  code_challenge: 'x'.repeat(43),
};

async function read(over: Record<string, string>) {
  const clients = createPeopleClients({ agents: [], now: Date.now });
  const resources = createResources(
    () => 'https://us.example',
    () => ['https://us.example'],
  );
  const asked = new URLSearchParams({ ...good, ...over });
  return readAuthorization(parseParameters(asked.toString()), clients, resources);
}

test('D-3 what a person signs in to with the command line is the control API, whatever resource and scope are asked for', async () => {
  for (const over of [{}, { resource: 'https://us.example/mcp', scope: 'tools:call' }]) {
    const { resource, scope } = await read(over);
    assert.deepEqual({ resource, scope }, { resource: 'api', scope: [] });
  }
});

test('D-3 nothing is sent to an address that the client did not register, and to one that it did no code without PKCE', async () => {
  const faultOf = async (over: Record<string, string>): Promise<string> => {
    const thrown: unknown = await read(over).catch(fault => fault);
    assert.ok(thrown instanceof OAuthFault, JSON.stringify(over));
    return `${thrown.code} ${thrown instanceof ReturnedFault ? 'returned' : 'shown'}`;
  };
  for (const redirect_uri of [
    'http://127.0.0.1/other',
    'http://127.0.0.1/other/../callback',
    'http:127.0.0.1/callback',
    'https://evil.example/callback',
    'http://localhost.evil.example/callback',
  ])
    assert.equal(await faultOf({ redirect_uri }), 'invalid_request shown', redirect_uri);
  assert.equal(await faultOf({ client_id: 'https://evil.example/client.json' }), 'invalid_client shown');
  for (const over of [
    { request: 'e30.e30.' },
    { request_uri: 'https://evil.example/request' },
    { response_mode: 'fragment' },
    { code_challenge_method: 'plain' },
    { code_challenge: 'x'.repeat(42) },
    { code_challenge: `${'x'.repeat(42)}=` },
  ])
    assert.equal(await faultOf(over), 'invalid_request returned', JSON.stringify(over));
  assert.equal(await faultOf({ response_type: 'token' }), 'unsupported_response_type returned');
});
