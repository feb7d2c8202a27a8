import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decided, Entry } from '@sallyport/core/model/entry.ts';
import { type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import type { ApprovalView } from '../api/view/approval.ts';
import { dependentsMax } from '../approvals/dependents.ts';

/** AARM R4: what builds on an action that a person is still asked about waits with it, and nothing else does. */

const tool = (name: string, ...properties: string[]) => ({
  name,
  inputSchema: { type: 'object', properties: Object.fromEntries(properties.map(key => [key, { type: 'string' }])) },
});
const tools = [tool('create_branch', 'branch', 'from'), tool('push', 'branch', 'path'), tool('open_request', 'branch')];
const policies = `
@id("everything") @reason("all is well")
permit (principal, action, resource);

@id("ask-first") @reason("branches are made by people") @approver("operator") @expires("5m")
forbid (principal, action == Action::"notes/create_branch", resource) unless { context.approved };
`;
const options = { policies, script: { tools }, config: 'approvals: { waitSeconds: 0 }' };

async function questions(house: House): Promise<ApprovalView[]> {
  return (await house.ask<{ approvals: ApprovalView[] }>('approvals')).approvals;
}

test('R4 a dependent is not performed, not asked about, and goes through after the answer', async () => {
  using folder = temporaryFolder();
  await using house = await openHouse(folder.path, options);
  await house.call('push', { branch: 'main', path: 'README.md' });
  await house.call('create_branch', { branch: 'feature-quokka', from: 'main' });
  const waiting = await house.call('push', { branch: 'feature-quokka', path: 'a.ts' });
  const [question, ...others] = await questions(house);
  assert.equal(others.length, 0, 'a person is asked once');
  assert.match(
    waiting.text,
    /builds-on-a-question\): It builds on notes\/create_branch, which a person has not answered/,
  );
  assert.match(waiting.text, new RegExp(`Once ${question?.id} is answered`));
  const { entries } = await house.ask<{ entries: Entry[] }>('entries?kind=decided');
  const decided = entries.filter((entry): entry is Entry & Decided => entry.kind === 'decided').at(-1);
  assert.deepEqual([decided?.answer, decided?.verdict, decided?.awaits], ['permit', 'defer', question?.id]);

  assert.equal(
    (await house.call('push', { branch: 'main', path: 'other.ts' })).isError,
    undefined,
    'independents proceed',
  );

  await house.ask(`approvals/${question?.id}`, { answer: 'approved' });
  assert.equal((await house.call('create_branch', { branch: 'feature-quokka', from: 'main' })).isError, undefined);
  assert.equal((await house.call('push', { branch: 'feature-quokka', path: 'a.ts' })).isError, undefined);
});

test('R4 what builds on a dependent waits as well, and there is an end to how many do', async () => {
  using folder = temporaryFolder();
  await using house = await openHouse(folder.path, options);
  await house.call('push', { branch: 'main', path: 'README.md' });
  await house.call('create_branch', { branch: 'feature-quokka', from: 'main' });
  await house.call('push', { branch: 'feature-quokka', path: 'lib/wallaby.ts' });
  const second = await house.call('push', { branch: 'main', path: 'lib/wallaby.ts' });
  assert.match(second.text, /builds-on-a-question/, 'it names what only a waiting action brings about');
  for (let index = 2; index < dependentsMax; index += 1)
    await house.call('push', { branch: 'feature-quokka', path: `lib/file-${index}.ts` });
  const last = await house.call('open_request', { branch: 'feature-quokka' });
  assert.match(last.text, /\(rule too-many-wait\)/);
  const again = await house.call('push', { branch: 'feature-quokka', path: 'lib/file-2.ts' });
  assert.match(again.text, /builds-on-a-question/, 'whoever waits already goes on waiting');
});

test('R4 no answer is a no to the question, and what waited is decided by itself', async () => {
  using folder = temporaryFolder();
  await using house = await openHouse(folder.path, options);
  await house.call('create_branch', { branch: 'feature-quokka', from: 'main' });
  const [question] = await questions(house);
  await house.ask(`approvals/${question?.id}`, { answer: 'refused', why: 'no more branches' });
  assert.match(
    (await house.call('create_branch', { branch: 'feature-quokka', from: 'main' })).text,
    /no more branches/,
  );
  assert.equal((await house.call('push', { branch: 'feature-quokka', path: 'a.ts' })).isError, undefined);
});
