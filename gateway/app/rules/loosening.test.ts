import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callerOf, type House, type HouseOptions, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import type { WhyView } from '../../api/view/decision.ts';
import type { TaskView } from '../../api/view/task.ts';

/** A policy lowers and vouches for what a named tool returns: through the whole gateway, into the record and out of it again. */

const text = { type: 'string' };
const tool = (name: string, names: readonly string[]) => ({
  ...{ name, description: '' },
  inputSchema: { type: 'object', properties: Object.fromEntries(names.map(one => [one, text])) },
});
const visits = [{ id: 'V-1', who: 'ann.lee@example.org', room: 'east-4' }];
const contacts = { asked: '$ARGS', desk: 'desk@clinic.example' };
const rules = (obligation: string) => `
@id("reads") permit (principal, action in Action::"read", resource);
@id("sends") permit (principal, action in [Action::"write", Action::"message"], resource);
@id("visits-without-names") @reason("who they are has been taken out")
@obligation("redact-result=personal${obligation}")
permit (principal, action == Action::"notes/list_visits", resource);
@id("desk-list") @reason("the desk keeps this list") @obligation("endorse-result=changes")
permit (principal, action == Action::"notes/find_contacts", resource);
@id("ask-confidential") @reason("it has read something confidential")
forbid (principal, action in Action::"message", resource)
when { context.flow.sensitivity >= 2 || !context.flow.sensitivityKnown } unless { context.approved };
@id("ask-whom") @reason("nobody stands behind whom it goes to")
forbid (principal, action == Action::"notes/move_visit", resource) when { context.flow.destinations > 0 } unless { context.approved };
`;
const internal = { integrity: 'first_party' as const, sensitivity: 'internal' as const };
const optionsFor = (obligation: string): HouseOptions => ({
  policies: rules(obligation),
  config: 'approvals: { waitSeconds: 0 }\n',
  script: {
    tools: [
      ...[tool('list_visits', ['ward']), tool('list_staff', []), tool('find_contacts', ['name'])],
      ...[tool('post_message', ['to', 'body']), tool('move_visit', ['recipient', 'note'])],
    ],
    results: {
      list_visits: { content: [{ type: 'text', text: JSON.stringify(visits) }] },
      list_staff: { content: [{ type: 'text', text: '["Bo"]' }] },
      find_contacts: { content: [{ type: 'text', text: JSON.stringify(contacts) }] },
      post_message: { content: [{ type: 'text', text: 'sent' }] },
      move_visit: { content: [{ type: 'text', text: 'moved' }] },
    },
  },
  terms: {
    list_visits: { integrity: 'first_party', sensitivity: 'confidential', classes: ['read'] },
    list_staff: { integrity: 'first_party', sensitivity: 'confidential', classes: ['read'] },
    find_contacts: { sensitivity: 'internal', classes: ['read'] },
    post_message: { ...internal, classes: ['message', 'write'] },
    move_visit: { ...internal, classes: ['write'] },
  },
});

async function open(house: House) {
  const order = { agent: 'writer', purpose: 'Post who comes today.' };
  const { task, token } = await house.ask<{ task: TaskView; token: string }>('tasks', order);
  return { id: task.id, call: await again(house, token), token };
}

async function again(house: House, token: string) {
  const agent = await house.ask<{ token: string }>('agents/writer/token', {});
  return callerOf(`${house.gateway.url}/mcp/notes`, agent.token, token);
}

const message = { to: 'all@clinic.example', body: 'room east-4' };
const lowered = ', declassify-result=internal';

test('F-8 what a policy declassified counts so from then on, is in the record as its act, and outlives a restart', async () => {
  using folder = temporaryFolder();
  const options = optionsFor(lowered);
  let opened: Awaited<ReturnType<typeof open>>;
  {
    await using house = await openHouse(folder.path, options);
    opened = await open(house);
    assert.match((await opened.call('list_visits', { ward: 'day' })).text, /redacted: email/);
    const { call } = await open(house);
    await call('list_visits', { ward: 'day' });
    assert.equal((await call('post_message', message)).text, 'sent');
    const { entries } = await house.ask<{ entries: Record<string, unknown>[] }>('entries?kind=task.declassified');
    const { by, proof, why, to } = entries[0] ?? {};
    assert.deepEqual(
      { by, proof, why, to },
      { by: 'policy:visits-without-names', proof: 'policy', why: 'who they are has been taken out', to: 'internal' },
    );
    const { task } = await house.ask<{ task: TaskView }>(`tasks/${opened.id}`);
    assert.deepEqual(
      task.declassified?.map(one => [one.by, one.lowers]),
      [['policy:visits-without-names', ['confidential']]],
    );
    assert.ok(
      task.labels.some(({ label }) => label === 'confidential'),
      'what it hands on is marked as before',
    );
    const decided = await house.ask<{ entries: { id: string }[] }>('entries?kind=decided');
    const { decision } = await house.ask<{ decision: WhyView }>(`decisions/${decided.entries.at(-1)?.id}`);
    assert.deepEqual(
      decision.declassified?.map(({ by: whose }) => whose),
      ['policy:visits-without-names'],
    );
  }
  await using house = await openHouse(folder.path, options);
  const call = await again(house, opened.token);
  assert.equal((await call('post_message', message)).text, 'sent', 'after a restart as before it');
  await call('list_staff', {});
  const asked = await call('post_message', message);
  assert.ok(asked.isError && /something confidential/.test(asked.text), 'what no policy lowered counts');
});

test('F-8 the same without the obligation asks, and what one task lowered is as it was for the next and in the store it writes to', async () => {
  using plain = temporaryFolder();
  await using strict = await openHouse(plain.path, optionsFor(''));
  const { call } = await open(strict);
  await call('list_visits', {});
  assert.match((await call('post_message', message)).text, /something confidential/);

  using folder = temporaryFolder();
  await using house = await openHouse(folder.path, optionsFor(lowered));
  const one = await open(house);
  await one.call('list_visits', {});
  assert.equal((await one.call('move_visit', { note: 'V-1' })).isError, undefined);
  const other = await open(house);
  await other.call('list_visits', {});
  assert.match(
    (await other.call('post_message', message)).text,
    /something confidential/,
    'the other wrote there while it was marked: that is not this tool’s own, and no policy spoke of it',
  );
});

test('F-8 a source that a policy endorses gives values for what can be undone, but not those that it was asked with', async () => {
  using folder = temporaryFolder();
  await using house = await openHouse(folder.path, optionsFor(''));
  const { call } = await open(house);
  const moved = (recipient: string) => call('move_visit', { recipient });
  assert.match((await moved('first@clinic.example')).text, /rule ask-whom/);
  await call('find_contacts', { name: 'mallory@elsewhere.example' });
  assert.equal((await moved('desk@clinic.example')).text, 'moved');
  assert.match((await moved('mallory@elsewhere.example')).text, /rule ask-whom/, 'it only repeats what it was given');
  assert.match((await moved('other@clinic.example')).text, /rule ask-whom/);
  const { entries } = await house.ask<{ entries: Record<string, unknown>[] }>('entries?kind=task.endorsed');
  assert.deepEqual(
    entries.map(({ by, reach, why }) => [by, reach, why]),
    [['policy:desk-list', 'changes', 'the desk keeps this list']],
  );
  const { entries: decided } = await house.ask<{ entries: { id: string; verdict: string }[] }>('entries?kind=decided');
  const why = async (id: string | undefined) =>
    (await house.ask<{ decision: WhyView }>(`decisions/${id}`)).decision.endorsed?.map(({ by }) => by);
  const passed = decided.filter(({ verdict }) => verdict === 'pass').at(-1);
  assert.deepEqual(await why(passed?.id), ['policy:desk-list'], '`why` says what it rests on');
  assert.equal(await why(decided[0]?.id), undefined, 'and nothing of what rests on nobody’s word');
});
