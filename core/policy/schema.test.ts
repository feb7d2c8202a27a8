import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogueOf, toolOf } from '@sallyport/testkit/policy/scene.ts';
import { policySchema } from './schema.ts';

test('what every action is told stands once in the schema, however many tools there are', () => {
  const tools = Array.from({ length: 20 }, (_, at) =>
    toolOf({ server: 'files', name: `read_${at}`, classes: ['read'], schema: { type: 'object', properties: {} } }),
  );
  const { actions, cedar } = policySchema(catalogueOf(tools));
  const text = JSON.stringify(cedar);
  const [action] = actions.values();
  assert.equal(actions.size, 20);
  for (const fact of ['task', 'risk', 'env']) {
    const type = action?.context.attributes.get(fact)?.type;
    assert.ok(type?.kind === 'record' && type.attributes.size > 0, fact);
    for (const name of type.attributes.keys())
      assert.ok(text.split(`"${name}":{`).length - 1 <= 2, `${fact}.${name} is written for each of the tools`);
  }
});
