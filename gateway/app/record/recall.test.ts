import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callerOf, type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';

const text = { type: 'string' };
const tools = [
  { name: 'read_note', inputSchema: { type: 'object', properties: { text } } },
  { name: 'close_ticket', inputSchema: { type: 'object', properties: { ticket_id: text } } },
  { name: 'name_branch', inputSchema: { type: 'object', properties: { branch: text } } },
];
const policies = `
@id("everything") @reason("all is well")
permit (principal, action, resource);

@id("only-what-was-read") @reason("this ticket was found nowhere")
forbid (principal, action == Action::"notes/close_ticket", resource)
when { context.flow.arg has ticket_id && context.flow.arg.ticket_id == "unknown" };

@id("only-own-names") @reason("nobody stands behind this name")
forbid (principal, action == Action::"notes/name_branch", resource)
when { context.flow.objects >= 3 };
`;

function open(folder: string): Promise<House> {
  return openHouse(folder, { policies, script: { tools } });
}

test('what a task had read before a restart is found after it, from the record', async () => {
  using folder = temporaryFolder();
  {
    await using house = await open(folder.path);
    assert.match((await house.call('read_note', { text: 'ticket TK-4471 can be closed' })).text, /TK-4471/);
  }
  await using house = await open(folder.path);
  assert.match((await house.call('close_ticket', { ticket_id: 'TK-9999' })).text, /rule only-what-was-read/);
  assert.doesNotMatch((await house.call('close_ticket', { ticket_id: 'TK-4471' })).text, /Refused/);
});

test('what was erased is found nowhere', async () => {
  using folder = temporaryFolder();
  {
    await using house = await open(folder.path);
    await house.call('read_note', { text: 'ticket TK-4471 can be closed' });
    const { tasks } = await house.ask<{ tasks: readonly { readonly id: string }[] }>('tasks');
    const erased = await house.ask<{ error?: unknown }>(`tasks/${tasks[0]?.id}/erase`, { why: 'asked for' });
    assert.equal(erased.error, undefined, JSON.stringify(erased));
  }
  await using house = await open(folder.path);
  assert.match((await house.call('close_ticket', { ticket_id: 'TK-4471' })).text, /rule only-what-was-read/);
});

test('a name around one of the principal’s is nobody’s where something that was read cannot be read back', async () => {
  for (const isErased of [false, true]) {
    using folder = temporaryFolder();
    let token = '';
    {
      await using house = await open(folder.path);
      const order = { agent: 'writer', purpose: 'Fix issue 41.' };
      const opened = await house.ask<{ task: { id: string }; token: string }>('tasks', order);
      token = opened.token;
      const call = callerOf(`${house.gateway.url}/mcp/notes`, house.token, token);
      await call('read_note', { text: 'the pump is loud' });
      if (isErased) await house.ask(`tasks/${opened.task.id}/erase`, { why: 'asked for' });
    }
    await using house = await open(folder.path);
    const call = callerOf(`${house.gateway.url}/mcp/notes`, house.token, token);
    const { text } = await call('name_branch', { branch: 'mending-41' });
    assert.equal(/rule only-own-names/.test(text), isErased, text);
  }
});
