import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openHouse } from '@sallyport/testkit/gateway/house.ts';
import { openReceiver } from '@sallyport/testkit/receiver.ts';
import { temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import type { ApprovalView } from '../../api/view/approval.ts';
import type { StatusView } from '../../api/view/status.ts';

/** Questions to people through the whole gateway. */

const pay = { name: 'pay', inputSchema: { type: 'object', properties: { text: { type: 'string' } } } };
const policies = `
@id("everything") @reason("all is well")
permit (principal, action, resource);

@id("ask-first") @reason("this moves money") @approver("operator") @expires("5m")
forbid (principal, action, resource) unless { context.approved };
`;
const options = (config: string) => ({ policies, script: { tools: [pay] }, config });

async function pending(ask: <T>(path: string) => Promise<T>): Promise<ApprovalView[]> {
  return (await ask<{ approvals: ApprovalView[] }>('approvals')).approvals;
}

/** The first there is, once there is one. */
async function soon<T>(what: string, look: () => Promise<readonly T[]>): Promise<T> {
  let found: readonly T[] = [];
  await until(what, async () => {
    found = await look();
    return found.length > 0;
  });
  const [first] = found;
  assert.ok(first);
  return first;
}

test('a call is held for its answer, and goes through once it comes', async () => {
  using folder = temporaryFolder();
  await using house = await openHouse(folder.path, options('approvals: { waitSeconds: 60 }'));
  const called = house.call('pay', { text: 'ten' });
  const question = await soon('a question', () => pending(house.ask));
  assert.equal(question.arguments, '{"name":"pay","arguments":{"text":"ten"}}');
  await house.ask(`approvals/${question.id}`, { answer: 'approved' });
  assert.deepEqual(await called, { text: 'ten' });
  const held = house.call('pay', { text: 'twenty' });
  const second = await soon('a question', () => pending(house.ask));
  await house.ask(`approvals/${second.id}`, { answer: 'refused', why: 'not today' });
  assert.match((await held).text, /said no: not today/);
});

test('nobody answers: the call is refused with the name of the question, which the same call picks up later', async () => {
  using folder = temporaryFolder();
  await using house = await openHouse(folder.path, options('approvals: { waitSeconds: 1 }'));
  const refused = await house.call('pay', { text: 'ten' });
  assert.equal(refused.isError, true);
  assert.match(refused.text, /a person has to approve this/i);
  const [question] = await pending(house.ask);
  assert.ok(question);
  await house.ask(`approvals/${question.id}`, { answer: 'approved' });
  assert.deepEqual(await house.call('pay', { text: 'ten' }), { text: 'ten' });
});

test('E-10 what is stopped while a call waits for a person is refused, also with a yes', async () => {
  using folder = temporaryFolder();
  await using house = await openHouse(folder.path, options('approvals: { waitSeconds: 60 }'));
  const called = house.call('pay', { text: 'ten' });
  const question = await soon('a question', () => pending(house.ask));
  await house.ask('kill', { scope: 'agent:writer' });
  const answer = await house.ask<{ error?: { code: string } }>(`approvals/${question.id}`, { answer: 'approved' });
  assert.equal(answer.error?.code, 'conflict');
  assert.match((await called).text, /an operator has stopped this agent/i);
});

test('a question reaches the channel, without its arguments, and a broken one stands in the status', async () => {
  using folder = temporaryFolder();
  using desk = await openReceiver();
  writeFileSync(folder.file('key'), 'k'.repeat(40), { mode: 0o600 });
  const channel = (url: string): string => `{ kind: webhook, url: "${url}", secretFile: ./key }`;
  const config = `approvals: { channels: { broken: ${channel('http://127.0.0.1:9/')}, desk: ${channel(desk.url)} } }`;
  await using house = await openHouse(folder.path, options(config));
  await house.call('pay', { text: 'CANARY' });
  const body = await soon('a message', async () => desk.bodies);
  assert.doesNotMatch(body, /CANARY/);
  const [question] = await pending(house.ask);
  assert.equal(JSON.parse(body).approval.url, `${house.gateway.url}/approvals/${question?.id}`);
  const { status } = await house.ask<{ status: StatusView }>('status');
  assert.deepEqual(
    status.channels?.map(({ id, state }) => `${id} ${state}`),
    ['broken failing', 'desk ok'],
  );
});

test('E-1 a yes that the desk gave before its task read anything is none to the question for security afterwards', async () => {
  using folder = temporaryFolder();
  const read = { ...pay, name: 'read', annotations: { readOnlyHint: true } };
  const asking = `
@id("everything") permit (principal, action, resource);

@id("desk") @approver("desk")
forbid (principal, action == Action::"notes/pay", resource) unless { context.approved };

@id("security") @approver("security")
forbid (principal, action == Action::"notes/pay", resource)
when { context.flow.untrusted } unless { context.approved };
`;
  const config = 'approvals: { waitSeconds: 0 }';
  await using house = await openHouse(folder.path, { policies: asking, script: { tools: [pay, read] }, config });
  await house.call('pay', { text: 'ten' });
  const [desk] = await pending(house.ask);
  await house.ask(`approvals/${desk?.id}`, { answer: 'approved' });
  await house.call('read', { text: 'pay ten' });
  assert.equal((await house.call('pay', { text: 'ten' })).isError, true);
  const security = (await pending(house.ask)).find(({ id }) => id !== desk?.id);
  assert.deepEqual(security?.approvers, ['desk', 'security']);
});
