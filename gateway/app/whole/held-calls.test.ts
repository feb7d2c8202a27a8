import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import type { ApprovalView } from '../../api/view/approval.ts';

/** What an official client, in both eras, does while a person is asked about a call of its agent. */

const text = { type: 'object', properties: { text: { type: 'string' } } };
const tools = [
  { name: 'pay', inputSchema: text },
  { name: 'note', inputSchema: text },
];
const policies = `
@id("everything") @reason("all is well")
permit (principal, action, resource);

@id("ask-first") @reason("this moves money") @approver("operator") @expires("5m")
forbid (principal, action == Action::"notes/pay", resource) unless { context.approved };

@id("ask-lightly") @reason("notes are shown to others") @answer("client") @expires("5m")
forbid (principal, action == Action::"notes/note", resource) unless { context.approved };
`;
const options = { policies, script: { tools } };

interface Elicited {
  readonly mode?: string;
  readonly url?: string;
  readonly message: string;
}

type Answers = (
  asked: Elicited,
) => Promise<{ action: 'accept' | 'decline' | 'cancel'; content?: { approve: boolean } }>;

/** Keeps what it is asked: what a client's handler throws is an answer like another. */
function noted(asked: Elicited[]): Answers {
  return async question => {
    asked.push(question);
    return { action: 'cancel' };
  };
}

const eras = ['modern', 'legacy'] as const;

async function connect(
  house: House,
  era: (typeof eras)[number],
  elicitation: Record<string, Record<string, never>>,
  answers: Answers,
): Promise<Client> {
  const versionNegotiation = era === 'legacy' ? { mode: 'legacy' as const } : { mode: { pin: '2026-07-28' } };
  const client = new Client({ name: 'peer', version: '0' }, { capabilities: { elicitation }, versionNegotiation });
  client.setRequestHandler('elicitation/create', async request => await answers(request.params as Elicited));
  const { token } = await house.ask<{ token: string }>('agents/writer/token', {});
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${house.gateway.url}/mcp/notes`), { requestInit }));
  return client;
}

async function called(client: Client, name: string): Promise<{ readonly text: string; readonly approval?: string }> {
  const result = await client.callTool({ name, arguments: { text: 'ten' } });
  const [content] = result.content as unknown as [{ text: string }];
  const refusal = result._meta?.['dev.sallyport/refusal'] as { approval?: string } | undefined;
  return { text: content.text, ...(refusal?.approval === undefined ? {} : { approval: refusal.approval }) };
}

async function questions(house: House, state = 'pending'): Promise<ApprovalView[]> {
  return (await house.ask<{ approvals: ApprovalView[] }>(`approvals?state=${state}`)).approvals;
}

for (const era of eras) {
  test(`${era}: a client that opens pages is given the question's page, and the call goes through once it is answered`, async () => {
    using folder = temporaryFolder();
    await using house = await openHouse(folder.path, options);
    const client = await connect(house, era, { url: {} }, async ({ mode, url = '', message }) => {
      assert.equal(mode, 'url');
      assert.match(message, /^notes\/pay: a person has to approve this: this moves money\./);
      const [question] = await questions(house);
      assert.equal(url, `${house.gateway.url}/approvals/${question?.id}`);
      await house.ask(`approvals/${question?.id}`, { answer: 'approved' });
      return { action: 'accept' };
    });
    assert.equal((await called(client, 'pay')).text, 'ten');
    await client.close();
  });

  test(`${era}: a page that nobody wants to open ends in the refusal that names the question`, async () => {
    using folder = temporaryFolder();
    await using house = await openHouse(folder.path, options);
    const client = await connect(house, era, { url: {} }, async () => ({ action: 'decline' }));
    const refused = await called(client, 'pay');
    const [question] = await questions(house);
    assert.equal(refused.approval, question?.id);
    assert.match(refused.text, new RegExp(`Once ${question?.id} is approved, send the very same call again`));
    await house.ask(`approvals/${question?.id}`, { answer: 'approved' });
    assert.equal((await called(client, 'pay')).text, 'ten', 'the same call picks it up');
    await client.close();
  });

  for (const tool of ['pay', 'note'])
    test(`E-3 ${era}: ${tool}: that the client opened the page, and whatever it says beside that, is no answer`, async () => {
      using folder = temporaryFolder();
      await using house = await openHouse(folder.path, { ...options, config: 'approvals: { waitSeconds: 60 }' });
      // A form would answer for `note`, but this client is given the page.
      const capabilities = era === 'legacy' || tool === 'note' ? { url: {} } : { url: {}, form: {} };
      const client = await connect(house, era, capabilities, async () => {
        // So that the call does not wait for the page's answer as long as it may.
        setTimeout(() => void house.ask('kill', { scope: 'agent:writer' }), 200);
        return { action: 'accept', content: { approve: true } };
      });
      assert.match((await called(client, tool)).text, /stopped this agent/);
      const [question] = await questions(house, 'all');
      assert.deepEqual([question?.state, question?.answered], ['void', undefined]);
      await client.close();
    });

  test(`${era}: where every rule that asks says so, whoever sits at the client may answer, and the record says who did`, async () => {
    using folder = temporaryFolder();
    await using house = await openHouse(folder.path, options);
    const shown: string[] = [];
    const client = await connect(house, era, { form: {} }, async ({ message }) => {
      shown.push(message);
      return { action: 'accept', content: { approve: shown.length === 1 } };
    });
    assert.equal((await called(client, 'note')).text, 'ten');
    assert.match(shown[0] ?? '', /^Allow this once\? notes\/note\n\{"text":"ten"\}\n/);
    const [question] = await questions(house, 'all');
    assert.deepEqual([question?.answered?.by, question?.answered?.proof], ['client:writer', 'client']);
    assert.match((await called(client, 'note')).text, /said no/, 'the second time it was refused there');
    await client.close();
  });

  test(`E-3 ${era}: a rule that does not say so is never put to the client`, async () => {
    using folder = temporaryFolder();
    await using house = await openHouse(folder.path, options);
    const asked: Elicited[] = [];
    const client = await connect(house, era, { form: {} }, noted(asked));
    assert.ok((await called(client, 'pay')).approval);
    assert.deepEqual(asked, []);
    await client.close();
  });
}

test('a call whose client follows progress is held also where nothing is configured', async () => {
  using folder = temporaryFolder();
  await using house = await openHouse(folder.path, options);
  const asked: Elicited[] = [];
  const client = await connect(house, 'legacy', {}, noted(asked));
  const heard: string[] = [];
  const onprogress = ({ message = '' }: { message?: string | undefined }): void => void heard.push(message);
  const calling = client.callTool({ name: 'pay', arguments: { text: 'ten' } }, { onprogress });
  await until('a question', async () => (await questions(house)).length > 0);
  const [question] = await questions(house);
  await house.ask(`approvals/${question?.id}`, { answer: 'approved' });
  const [content] = (await calling).content as unknown as [{ text: string }];
  assert.equal(content.text, 'ten');
  assert.deepEqual(heard.slice(0, 1), ['waiting for a person to approve this']);
  assert.deepEqual(asked, []);
  await client.close();
});
