import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicyRequest } from '@sallyport/core/policy/engine.ts';
import { proven } from '@sallyport/testkit/policy/proven.ts';

const order = { requests: 600, policiesMax: 48, requestsPerSet: 50 };

test('D-7 a receipt’s checker comes to the answer, reasons, question and obligations of `decide`, through chains and with a yes at hand', context => {
  const met = new Set<string>();
  let all: readonly string[] = ['any'];
  // One run in ten or so has none of something rare.
  for (let run = 0; run < 9 && !all.every(what => met.has(what)); run++) {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const { seen, unasked, differences, requests } = proven({ ...order, seed });
    context.diagnostic(`seed ${seed}, ${requests} requests, ${unasked} not asked, ${JSON.stringify(seen)}`);
    assert.deepEqual(differences, []);
    all = Object.keys(seen);
    for (const [what, count] of Object.entries(seen)) if (count > 0) met.add(what);
  }
  assert.deepEqual([...met].sort(), [...all].sort());
});

/** What somebody could show in place of the chain. A comparison that does not see it proves nothing. */
const lies: Readonly<Record<string, (actors: NonNullable<PolicyRequest['actors']>) => PolicyRequest['actors']>> = {
  'nobody stands behind the agent': () => [],
  'the last of them is left out': actors => actors.slice(0, -1),
  'they stand in another order': actors => [...actors].reverse(),
  'none of them asked of its own accord': actors => actors.map(({ asks: _whether, ...actor }) => actor),
};

for (const [name, lie] of Object.entries(lies))
  test(`D-7 the comparison notices a chain that is shown otherwise: ${name}`, () => {
    const tamper = (request: PolicyRequest): PolicyRequest =>
      request.actors === undefined ? request : { ...request, actors: lie(request.actors) ?? [] };
    assert.equal(proven({ ...order, seed: 3, tamper }).differences.length, 1);
  });

test('D-7 the comparison notices another agent in the place of the one that acted', () => {
  const tamper = (request: PolicyRequest): PolicyRequest => ({
    ...request,
    agent: { ...request.agent, id: 'somebody-else' },
  });
  const [difference = ''] = proven({ ...order, seed: 3, tamper }).differences;
  assert.match(difference, /the agent shown is not the one of the entry/);
});
