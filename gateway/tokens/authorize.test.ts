import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAuthorization } from './authorize.ts';
import { parseParameters } from './form.ts';
import { createPeopleClients } from './people-clients.ts';
import { createResources } from './resources.ts';

test('D-3 what a person signs in to with the command line is the control API, whatever resource and scope are asked for', async () => {
  const clients = createPeopleClients({ agents: [], now: Date.now });
  const resources = createResources(
    () => 'https://us.example',
    () => ['https://us.example'],
  );
  for (const over of [{}, { resource: 'https://us.example/mcp', scope: 'tools:call' }]) {
    const asked = new URLSearchParams({
      client_id: 'sallyport-cli',
      redirect_uri: 'http://127.0.0.1/callback',
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: 'x'.repeat(43),
      ...over,
    });
    const { resource, scope } = await readAuthorization(parseParameters(asked.toString()), clients, resources);
    assert.deepEqual({ resource, scope }, { resource: 'api', scope: [] });
  }
});
