import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { callerOf, type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import type { KindView } from '../../api/view/kind.ts';
import type { TaskView } from '../../api/view/task.ts';

const text = { type: 'object', properties: { text: { type: 'string' } } };
const tools = ['list_post', 'add_note', 'pay_bill'].map(name => ({ name, inputSchema: text }));
const options = {
  policies: '@id("all") @reason("all is well")\npermit (principal, action, resource);\n',
  script: { tools },
  terms: Object.fromEntries(
    ['list_post', 'add_note', 'pay_bill'].map(name => [
      name,
      { integrity: 'first_party', sensitivity: 'internal' } as const,
    ]),
  ),
};

async function work(house: House, principal: string, names: readonly string[], more: object = {}): Promise<TaskView> {
  const order = { agent: 'writer', principal, kind: 'post', purpose: 'look after the post', ...more };
  const { task, token, error } = await house.ask<{ task: TaskView; token: string; error?: unknown }>('tasks', order);
  assert.equal(error, undefined, JSON.stringify(error));
  const agent = await house.ask<{ token: string }>('agents/writer/token', {});
  const call = callerOf(`${house.gateway.url}/mcp/notes`, agent.token, token);
  for (const name of names) assert.equal((await call(name, { text: 'x' })).isError, undefined);
  await house.ask(`tasks/${task.id}/end`, {});
  return task;
}

/** A changed kind is a candidate until somebody activates it. */
async function settle(house: House): Promise<void> {
  const { policy } = await house.ask<{ policy: { candidate?: { digest: string } } }>('policy');
  const { error } = await house.ask<{ error?: unknown }>('policy/activate', { digest: policy.candidate?.digest });
  assert.equal(error, undefined, JSON.stringify(error));
}

async function kindOf(house: House): Promise<KindView> {
  const { kinds } = await house.ask<{ kinds: KindView[] }>('kinds?name=post');
  assert.ok(kinds[0]);
  return kinds[0];
}

test('a kind that learns gives its next task the tools of earlier ones, after its opener and its own file', async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'post.kind.yaml'), 'about: Look after the post\nlearn: true\n');
  {
    await using house = await openHouse(folder.path, options);
    for (const name of ['emma', 'noor', 'paul', 'emma', 'noor'])
      assert.equal(
        (await work(house, `user:${name}`, ['list_post', 'add_note'])).tools,
        undefined,
        'too little is known',
      );
    const learned = await work(house, 'user:paul', ['list_post']);
    assert.deepEqual(learned.tools, ['notes/add_note', 'notes/list_post']);
    const stated = await work(house, 'user:emma', [], { tools: ['notes/pay_bill'] });
    assert.deepEqual(stated.tools, ['notes/pay_bill'], 'its opener goes first');
    const { learned: all, learns } = await kindOf(house);
    assert.ok(learns && all[0]?.ready);
    assert.deepEqual(
      all[0]?.tools.map(({ tool, expected }) => [tool, expected]),
      [
        ['notes/add_note', true],
        ['notes/list_post', true],
      ],
    );
  }
  {
    // From the record alone: a restart knows the same.
    await using house = await openHouse(folder.path, options);
    assert.deepEqual((await work(house, 'user:emma', [])).tools, ['notes/add_note', 'notes/list_post']);
  }
  writeFileSync(
    join(folder.path, 'post.kind.yaml'),
    'about: Look after the post\nmanifest: { tools: ["notes/list_post"] }\nlearn: true\n',
  );
  {
    await using house = await openHouse(folder.path, options);
    await settle(house);
    assert.deepEqual((await work(house, 'user:emma', [])).tools, ['notes/list_post'], 'what the kind says goes first');
  }
  writeFileSync(
    join(folder.path, 'post.kind.yaml'),
    'about: Look after the post\nlearn: true\nlearnSince: 2999-01-01\n',
  );
  await using house = await openHouse(folder.path, options);
  await settle(house);
  assert.equal((await work(house, 'user:emma', [])).tools, undefined, 'it begins anew');
  assert.deepEqual((await kindOf(house)).learned, []);
});

test('a kind that does not say so learns nothing, and what it would learn can be looked at', async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'post.kind.yaml'), 'about: Look after the post\n');
  await using house = await openHouse(folder.path, options);
  for (const name of ['a', 'b', 'c', 'a', 'b', 'c']) {
    const { tools: none } = await work(house, `user:${name}`, ['list_post']);
    assert.equal(none, undefined);
  }
  const kind = await kindOf(house);
  assert.equal(kind.learns, false);
  assert.ok(kind.learned[0]?.ready);
});
