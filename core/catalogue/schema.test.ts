import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson, resultJsonLimits } from '../model/json.ts';
import { schemaConcerns, schemaLimits } from './schema.ts';

const { valuesMax, depthMax, branchesMax, referencesMax } = schemaLimits;

function concerns(schema: object): string[] {
  const parsed = parseJson(JSON.stringify(schema), { ...resultJsonLimits, depthMax: 200 });
  assert.ok(parsed.ok && parsed.node.kind === 'object');
  return schemaConcerns('it', parsed.node).map(({ why, final }) => (final ? `never: ${why}` : why));
}

const deep = (levels: number): object => (levels === 0 ? {} : { not: deep(levels - 1) });
const many = (count: number, reference = '#'): object => ({
  properties: Object.fromEntries(Array.from({ length: count }, (_, n) => [`p${n}`, { $ref: reference }])),
});

test('B-4 a schema is held for good once it is one larger than whoever reads it should bear, in each measure', () => {
  for (const [most, over, why] of [
    [{ enum: Array(valuesMax - 2).fill(0) }, { enum: Array(valuesMax - 1).fill(0) }, `${valuesMax} values`],
    [deep(depthMax), deep(depthMax + 1), `nesting deeper than ${depthMax}`],
    [{ anyOf: Array(branchesMax).fill({}) }, { anyOf: Array(branchesMax + 1).fill({}) }, `${branchesMax} alternatives`],
    [many(referencesMax), many(referencesMax + 1), `${referencesMax} references`],
  ] as const) {
    assert.deepEqual(concerns(most), [], why);
    assert.deepEqual(concerns(over), [`never: it has ${why.startsWith('nesting') ? '' : 'more than '}${why}`]);
  }
  const spread = { oneOf: Array(100).fill({}), allOf: Array(100).fill({ anyOf: [{}] }) };
  assert.deepEqual(concerns(spread), [`never: it has more than ${branchesMax} alternatives`], 'over all of it');
  assert.deepEqual(concerns({ ...many(referencesMax + 1), anyOf: Array(branchesMax + 1).fill({}) }).length, 2);
});

test('B-4 a reference names something inside, by a way that ends; whatever else it names is held and never fetched', () => {
  const $defs = { a: { type: 'string' }, 'b/c~d': {}, list: [{}], text: 'x' };
  const asked = (reference: unknown, name = '$ref') => concerns({ $defs, items: { [name]: reference } });
  for (const good of ['#', '#/$defs/a', '#/$defs/b~1c~0d', '#/$defs/list/0']) assert.deepEqual(asked(good), [], good);
  assert.deepEqual(asked('#/items'), ['it refers to nothing inside it: "#/items"'], 'a chain without an end');
  for (const name of ['$ref', '$dynamicRef', '$recursiveRef']) {
    for (const none of ['#/$defs/none', '#/$defs/text', '#/$defs/list/1', '#anchor'])
      assert.deepEqual(asked(none, name), [`it refers to nothing inside it: "${none}"`], name);
    for (const outside of ['https://other.example/s.json', 'file:///etc/hosts', 's.json#/$defs/a', ''])
      assert.deepEqual(asked(outside, name), [
        `it refers to something outside it, which is never fetched: "${outside}"`,
      ]);
  }
  assert.deepEqual(asked({ type: 'string' }), [], 'an argument that is called like one is no reference');
});
