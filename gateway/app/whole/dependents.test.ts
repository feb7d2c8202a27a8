import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decided, Entry } from '@sallyport/core/model/entry.ts';
import { callerOf, type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import type { ApprovalView } from '../../api/view/approval.ts';
import { dependentsMax } from '../../approvals/dependents.ts';

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

test('AARM R4 a dependent is not performed, not asked about, and goes through after the answer', async () => {
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

test('AARM R4 what builds on a dependent waits as well, and there is an end to how many do', async () => {
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

test('AARM R4 a question of one task holds up no other, also where that names the same', async () => {
  using folder = temporaryFolder();
  await using house = await openHouse(folder.path, options);
  await house.call('create_branch', { branch: 'feature-quokka', from: 'main' });
  const { token } = await house.ask<{ token: string }>('tasks', { agent: 'writer', purpose: 'Push the quokka' });
  const inOther = callerOf(`${house.gateway.url}/mcp/notes`, house.token, token);
  const push = { branch: 'feature-quokka', path: 'a.ts' };
  assert.equal((await inOther('push', push)).isError, undefined);
  assert.match((await house.call('push', push)).text, /builds-on-a-question/);
});

test('AARM R4 what waits goes on waiting over a restart, and so does what builds on it', async () => {
  using folder = temporaryFolder();
  const pushed = (house: House, branch: string, path: string) => house.call('push', { branch, path });
  {
    await using house = await openHouse(folder.path, options);
    await pushed(house, 'main', 'README.md');
    await house.call('create_branch', { branch: 'feature-quokka', from: 'main' });
    await pushed(house, 'feature-quokka', 'lib/wallaby.ts');
    for (let index = 1; index < dependentsMax; index += 1)
      await pushed(house, 'feature-quokka', `lib/file-${index}.ts`);
  }
  await using house = await openHouse(folder.path, options);
  const named = await house.call('open_request', { branch: 'lib/wallaby.ts' });
  assert.match(named.text, /too-many-wait/, 'it names what only a waiting action brings about');
  const waits = await pushed(house, 'feature-quokka', 'lib/wallaby.ts');
  assert.match(waits.text, /builds-on-a-question/);
});

test('AARM R4 a dependent of what was refused is refused with it, by name, and nothing else is', async () => {
  using folder = temporaryFolder();
  await using house = await openHouse(folder.path, options);
  await house.call('create_branch', { branch: 'feature-quokka', from: 'main' });
  await house.call('push', { branch: 'feature-quokka', path: 'lib/wallaby.ts' });
  const [question] = await questions(house);
  await house.ask(`approvals/${question?.id}`, { answer: 'refused', why: 'no more branches' });
  assert.match(
    (await house.call('create_branch', { branch: 'feature-quokka', from: 'main' })).text,
    /no more branches/,
  );
  const built = await house.call('push', { branch: 'feature-quokka', path: 'a.ts' });
  assert.equal(built.isError, true);
  assert.match(
    built.text,
    new RegExp(
      `builds-on-a-refusal\\): It builds on notes/create_branch, to which a person said no \\(${question?.id}\\)`,
    ),
  );
  const further = await house.call('open_request', { branch: 'lib/wallaby.ts' });
  assert.match(
    further.text,
    /builds-on-a-refusal/,
    'what only a dependent would have brought about is missing as well',
  );
  assert.equal((await house.call('push', { branch: 'main', path: 'other.ts' })).isError, undefined, 'independents');
  assert.equal((await questions(house)).length, 0, 'nobody is asked about dependents');
});

test('AARM R4 no refusal outlives its reason: what is found elsewhere, read or approved after all is not held', async () => {
  using folder = temporaryFolder();
  const found = { ...tool('list_branches', 'text'), annotations: { readOnlyHint: true } };
  const look = { ...tool('get_branch', 'branch'), annotations: { readOnlyHint: true } };
  const script = { tools: [...tools, found, look] };
  await using house = await openHouse(folder.path, { ...options, script });
  const refuse = async (branch: string): Promise<void> => {
    await house.call('create_branch', { branch, from: 'main' });
    const [question] = await questions(house);
    await house.ask(`approvals/${question?.id}`, { answer: 'refused', why: '' });
    assert.match((await house.call('push', { branch, path: 'a.ts' })).text, /builds-on-a-refusal/);
  };
  const pushes = async (branch: string): Promise<boolean> =>
    (await house.call('push', { branch, path: 'a.ts' })).isError === undefined;

  await refuse('feature-bilby');
  assert.equal((await house.call('get_branch', { branch: 'feature-bilby' })).isError, undefined, 'reads are free');
  assert.ok(await pushes('feature-bilby'), 'a call that was performed named it');

  await refuse('feature-quokka');
  await house.call('list_branches', { text: 'main\nfeature-quokka' });
  assert.ok(await pushes('feature-quokka'), 'it was found in a result');

  await refuse('feature-numbat');
  await house.call('create_branch', { branch: 'feature-numbat', from: 'release' });
  assert.match((await house.call('push', { branch: 'feature-numbat', path: 'a.ts' })).text, /builds-on-a-question/);
  const [again] = await questions(house);
  await house.ask(`approvals/${again?.id}`, { answer: 'approved' });
  assert.equal((await house.call('create_branch', { branch: 'feature-numbat', from: 'release' })).isError, undefined);
  assert.ok(await pushes('feature-numbat'), 'a later yes counts');
});

test('AARM R4 no answer in time is a no to what waited as well, until it is asked again', async () => {
  using folder = temporaryFolder();
  const brief = options.policies.replace('"5m"', '"1s"');
  await using house = await openHouse(folder.path, { ...options, policies: brief });
  await house.call('create_branch', { branch: 'feature-quokka', from: 'main' });
  await until('the question is over', async () => (await questions(house)).length === 0);
  assert.match(
    (await house.call('push', { branch: 'feature-quokka', path: 'a.ts' })).text,
    /builds-on-a-refusal\): It builds on notes\/create_branch, to which nobody said yes in time \(ap_.*send the call to notes\/create_branch again first/i,
  );
  await house.call('create_branch', { branch: 'feature-quokka', from: 'main' });
  assert.match((await house.call('push', { branch: 'feature-quokka', path: 'b.ts' })).text, /builds-on-a-question/);
});
