import assert from 'node:assert/strict';
import { checkParsePolicySet, policySetTextToParts } from '@cedar-policy/cedar-wasm/nodejs';
import { splitPolicies, withoutScope } from '@sallyport/gateway/engines/cedar/policy-text.ts';
import type { FuzzTarget } from './fuzz.ts';

const seeds = [
  '@id("a") @reason("a \\"b\\" c")\npermit (principal, action == Action::"x/y", resource) when { context.input.p like "a*" };\n',
  'forbid (principal in AgentClass::"c", action in [Action::"read", Action::"write"], resource is Tool) // ; }\nunless { principal.trust > 2 };',
  'permit(principal,action,resource);forbid(principal,action,resource)when{if context.approved then 1 == 1 else [1,2].contains(3)};',
].map(text => Buffer.from(text));

/** Of every so many inputs that our own reading accepts, one is given to Cedar as well: it takes a hundred times as long. */
const askedEvery = 25;
let accepted = 0;

/** Hostile text is cut without a throw into parts of itself, and what Cedar takes for so many policies is cut into as many. */
export const policies: FuzzTarget = {
  name: 'policies',
  seeds,
  check: bytes => {
    const text = bytes.toString('utf8');
    const { policies: found, problems } = splitPolicies({ file: 'a.cedar', text });
    for (const place of found) {
      assert.ok(text.includes(place.text) && place.text.endsWith(';'));
      assert.ok(withoutScope(place).includes('principal, action, resource'));
    }
    if (problems.length > 0 || ++accepted % askedEvery !== 0) return;
    // What has passed our own limits cannot harm the engine: were it otherwise, this would throw.
    if (checkParsePolicySet({ staticPolicies: text }).type !== 'success') return;
    const parts = policySetTextToParts(text);
    assert.ok(parts.type === 'success');
    assert.equal(parts.policies.length, found.length, 'Cedar sees another number of policies');
  },
};
