import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { callerOf, type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import type { TaskView } from '../../api/view/task.ts';

/** Money is set aside with the call and counted exactly, through the whole gateway. */

const money = { type: 'object', properties: { amount: { type: 'number' }, text: { type: 'string' } } };
const tools = [
  { name: 'pay', inputSchema: money },
  { name: 'order', inputSchema: money },
];
const cost = {
  ...{ cents: undefined, argument: undefined, result: undefined, unit: 'whole' as const },
  ...{ currencyArgument: undefined, currency: undefined, centsMax: undefined },
};
const options = {
  policies: '@id("all") @reason("all is well")\npermit (principal, action, resource);\n',
  script: { tools },
  terms: {
    pay: { cost: { ...cost, argument: 'amount' } },
    order: { cost: { ...cost, centsMax: 400, result: 'total' } },
  },
  config: 'limits: { spendCentsMax: 100000 }\n',
};

async function openTask(house: House, spendCentsMax: number) {
  const order = { agent: 'writer', purpose: 'pay the bills', limits: { spendCentsMax } };
  const { task, token } = await house.ask<{ task: TaskView; token: string }>('tasks', order);
  const agent = await house.ask<{ token: string }>('agents/writer/token', {});
  return { task, call: callerOf(`${house.gateway.url}/mcp/notes`, agent.token, token) };
}

async function spent(house: House, id: string): Promise<number> {
  return (await house.ask<{ task: TaskView }>(`tasks/${id}`)).task.used.spendCents;
}

test('K-9 of fifty payments at once exactly those that the limit covers are made, and a restart knows it', async () => {
  using folder = temporaryFolder();
  const first = await openHouse(folder.path, options);
  const { task, call } = await openTask(first, 1_000);
  const all = await Promise.all(Array.from({ length: 50 }, () => call('pay', { amount: 1.5 })));
  const paid = all.filter(({ isError }) => isError !== true);
  assert.equal(paid.length, 6, 'six times 1.50 are 9.00, a seventh would be 10.50');
  const refused = all.find(({ isError }) => isError === true);
  assert.match(refused?.text ?? '', /This costs 1\.50, and 1\.00 of this task's money is left\. Ask for less/);
  assert.equal(await spent(first, task.id), 900);
  assert.equal((await call('pay', { amount: '1' })).isError, true, 'the schema says a number');
  assert.equal((await call('pay', { amount: -5 })).isError, true);
  assert.equal((await call('pay', { text: 'free?' })).isError, true);
  assert.equal((await call('pay', { amount: 1 })).isError, undefined, 'what is left can be spent');
  assert.equal(await spent(first, task.id), 1_000);
  assert.match((await call('pay', { amount: 1 })).text, /used up its money/);
  await first[Symbol.asyncDispose]();
  await using second = await openHouse(folder.path, options);
  assert.equal(await spent(second, task.id), 1_000);
  const received = readFileSync(join(folder.path, 'received'), 'utf8');
  assert.equal(received.match(/"tools\/call"/g)?.length, 7, 'nothing but what was paid ever left');
});

test('where only an operator says how much, so much is set aside', async () => {
  using folder = temporaryFolder();
  await using house = await openHouse(folder.path, options);
  const { task, call } = await openTask(house, 900);
  for (const refused of [undefined, undefined, true])
    assert.equal((await call('order', { text: 'x' })).isError, refused);
  assert.equal(await spent(house, task.id), 800);
});
