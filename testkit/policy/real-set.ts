import type { Catalogue } from '@sallyport/core/model/tool.ts';
import { policySchema } from '@sallyport/core/policy/schema.ts';
import { parsePolicy } from '@sallyport/gateway/engines/cedar/examine.ts';
import { freshCedar } from '@sallyport/gateway/engines/cedar/instance.ts';
import type { PolicySet } from '@sallyport/gateway/engines/cedar/load.ts';
import { loadedPolicy, readPolicy } from '@sallyport/gateway/engines/cedar/parsed.ts';
import { splitPolicies, withoutScope } from '@sallyport/gateway/engines/cedar/policy-text.ts';

const cedar = freshCedar();

/** A set as the loader would make it, without validation and lint: random policies are wrong on purpose. */
export function uncheckedSet(text: string, catalogue: Catalogue): PolicySet {
  const schema = policySchema(catalogue);
  const { policies, problems } = splitPolicies({ file: 'random.cedar', text });
  const read = policies.map(place => {
    const finding = parsePolicy({ text: place.text, unscoped: withoutScope(place) }, cedar);
    const policy = readPolicy(place, finding, schema);
    if (policy === undefined) throw new Error(`not a policy: ${finding.errors[0]?.message}\n${place.text}`);
    return loadedPolicy(policy);
  });
  if (problems[0] !== undefined) throw new Error(`not a policy set: ${problems[0].message}`);
  return { policies: read, schema };
}
