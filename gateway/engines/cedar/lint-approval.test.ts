import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policySchema } from '@sallyport/core/policy/schema.ts';
import { castTools } from '@sallyport/testkit/policy/cast.ts';
import { randomPolicy } from '@sallyport/testkit/policy/generate.ts';
import { randomRequest } from '@sallyport/testkit/policy/random-request.ts';
import { uncheckedSet } from '@sallyport/testkit/policy/real-set.ts';
import { render } from '@sallyport/testkit/policy/render.ts';
import { catalogueOf } from '@sallyport/testkit/policy/scene.ts';
import { seeded } from '@sallyport/testkit/random.ts';
import { CedarEngine } from './engine.ts';
import { parsePolicy } from './examine.ts';
import { freshCedar } from './instance.ts';
import { lintApproval } from './lint-approval.ts';
import { readPolicy } from './parsed.ts';
import { splitPolicies, withoutScope } from './policy-text.ts';

const catalogue = catalogueOf(castTools.map(({ tool }) => tool));
const schema = policySchema(catalogue);
const cedar = freshCedar();

function isAccepted(text: string): boolean {
  const [place] = splitPolicies({ file: 'p', text }).policies;
  assert.ok(place);
  const policy = readPolicy(place, parsePolicy({ text: place.text, unscoped: withoutScope(place) }, cedar), schema);
  return policy !== undefined && lintApproval(policy).length === 0;
}

test('I10 whatever the lint accepts, a yes never takes a permission away', context => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  context.diagnostic(`seed ${seed}`);
  // That a yes does help is counted where nothing is left to chance.
  assert.ok(helpedBy(1, 20) > 10);
  helpedBy(seed, 40);
});

/** Random sets that the lint accepts, and how many requests a yes helped; it throws where one took a permission away. */
function helpedBy(seed: number, rounds: number): number {
  const random = seeded(seed);
  let helped = 0;
  for (let round = 0; round < rounds; round++) {
    const policies = Array.from({ length: 12 }, (_, index) => render(randomPolicy(`p${index}`, random))).filter(
      isAccepted,
    );
    const engine = new CedarEngine({ ...uncheckedSet(policies.join('\n'), catalogue), makeCedar: () => cedar });
    for (let count = 0; count < 20; count++) {
      const { request } = randomRequest(random);
      const without = engine.evaluate(request, false);
      const withYes = engine.evaluate(request, true);
      if (without.errors.length > 0 || withYes.errors.length > 0) continue;
      assert.ok(!without.allowed || withYes.allowed, `seed ${seed}, round ${round}\n${policies.join('\n')}`);
      if (!without.allowed && withYes.allowed) helped++;
    }
  }
  return helped;
}
