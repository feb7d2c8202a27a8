import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';

const text = { type: 'string' };
const tools = [
  { name: 'read_note', inputSchema: { type: 'object', properties: { text } } },
  { name: 'close_ticket', inputSchema: { type: 'object', properties: { ticket_id: text } } },
];
const policies = `
@id("everything") @reason("all is well")
permit (principal, action, resource);

@id("only-what-was-read") @reason("this ticket was found nowhere")
forbid (principal, action == Action::"notes/close_ticket", resource)
when { context.flow.arg has ticket_id && context.flow.arg.ticket_id == "unknown" };
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
