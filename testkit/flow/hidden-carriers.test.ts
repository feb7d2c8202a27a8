import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { parseConfig } from '@sallyport/gateway/app/config/config.ts';
import { type Gateway, startGateway } from '@sallyport/gateway/app/gateway.ts';
import { operatorOf } from '../gateway/operator.ts';
import { temporaryFolder } from '../upstream/fixture.ts';

/** Where every permit demands handles, no word that a server chose reaches an agent, by whatever way it is said. */
const folder = temporaryFolder();
const itsWords = /drop-mail|list of customers|Before anything/;
let gateway: Gateway;
const tokens = new Map<string, string>();
const policies = `@id("in-handles") @reason("read with handles") @obligation("handles=external")
permit (principal == Agent::"careful", action, resource);
@id("as-it-is") @reason("read as it is") permit (principal == Agent::"careless", action, resource);`;

before(async () => {
  writeFileSync(folder.file('all.cedar'), policies);
  const written =
    'listen: 127.0.0.1:0\npolicies: .\nagents:\n  careful: { principal: "user:ines" }\n  careless: { principal: "user:ines" }\n';
  const args = [new URL('./carrier-main.ts', import.meta.url).pathname, folder.file('received')];
  gateway = await startGateway({
    config: {
      ...parseConfig(folder.file('sallyport.yaml'), written),
      servers: [{ id: 'office', segment: 'office', launch: { kind: 'command', command: 'node', args, env: {} } }],
    },
    ...{ stateDir: folder.file('state'), version: '0.0.0', log: () => {}, onShutdown: () => {}, onFailure: () => {} },
  });
  const ask = operatorOf(gateway.url, folder.file('state'));
  for (const agent of ['careful', 'careless']) {
    tokens.set(agent, (await ask<{ token: string }>(`agents/${agent}/token`, {})).token);
  }
});
after(async () => {
  await gateway.close();
  folder[Symbol.dispose]();
});

/** All that reaches the agent's client after it has connected, as it came. */
async function heardBy(
  agent: string,
  act: (client: Client) => Promise<unknown>,
): Promise<{ bytes: string; outcome: string }> {
  const heard: string[] = [];
  const client = new Client({ name: agent, version: '1.0.0' }, { capabilities: { elicitation: {}, sampling: {} } });
  client.setRequestHandler(ElicitRequestSchema, request => {
    heard.push(JSON.stringify(request));
    return { action: 'decline' };
  });
  const listening: typeof fetch = async (url, init) => {
    const answer = await fetch(url, init);
    const [one, other] = answer.body?.tee() ?? [null, null];
    if (one !== null && init?.method === 'POST') {
      const read = (async () => {
        for await (const chunk of one) heard.push(Buffer.from(chunk).toString('utf8'));
      })();
      reading.push(read.catch(() => {}));
    }
    return new Response(init?.method === 'POST' ? other : answer.body, answer);
  };
  const reading: Promise<void>[] = [];
  const requestInit = { headers: { authorization: `Bearer ${tokens.get(agent)}` } };
  const transport = new StreamableHTTPClientTransport(new URL(`${gateway.url}/mcp/office`), {
    requestInit,
    fetch: listening,
  });
  await client.connect(transport as Parameters<Client['connect']>[0]);
  await Promise.all(reading);
  heard.length = 0;
  try {
    const outcome = await act(client).then(
      answer => JSON.stringify(answer),
      (thrown: Error) => thrown.message,
    );
    await Promise.all(reading);
    return { bytes: heard.join(''), outcome };
  } finally {
    await client.close();
  }
}

const lookUp = (how: string) => (client: Client) =>
  client.callTool({ name: 'look_up', arguments: { how } }, undefined, { onprogress: () => {}, timeout: 9000 });

/** What each comes to: handles, a no, or an answer without the words that were said on the way. */
const carriers: Readonly<Record<string, readonly [act: (client: Client) => Promise<unknown>, outcome: RegExp]>> = {
  'a result': [lookUp('result'), /hv_/],
  'an error text': [lookUp('error'), /hv_/],
  'a protocol error': [lookUp('fault'), /the server answered with an error/],
  progress: [lookUp('progress'), /hv_|content/],
  'a log message': [lookUp('log'), /hv_|content/],
  'an elicitation': [lookUp('elicitation'), /hv_|content|error/],
  'a sampling request': [lookUp('sampling'), /hv_|content|error/],
  'a prompt': [client => client.getPrompt({ name: 'briefing' }), /an obligation that cannot be met/],
  'a resource': [client => client.readResource({ uri: 'note://today' }), /hv_/],
  'a list of resources': [client => client.listResources(), /an obligation that cannot be met/],
};

describe('with handles no word of a server reaches its agent by', () => {
  for (const [carrier, [act, expected]] of Object.entries(carriers))
    test(`F-1 F-7 ${carrier}`, async () => {
      const control = await heardBy('careless', act);
      assert.match(control.bytes, itsWords, 'who reads it as it is hears the words');
      const { bytes, outcome } = await heardBy('careful', act);
      assert.ok(bytes.length > 0, 'nothing was heard at all');
      assert.doesNotMatch(bytes, itsWords);
      assert.doesNotMatch(outcome, itsWords);
      assert.match(outcome, expected);
    });
});
