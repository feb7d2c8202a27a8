import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { normalText, parseJson, resultJsonLimits } from '@sallyport/core/model/json.ts';
import { ways } from './ways.ts';

/**
 * The example messages that the protocol publishes with its schema (`schema/2026-07-28/examples`, by type), each on its way
 * through the gateway. `published.json` holds their texts as they are, and says where they are from.
 */
const published = JSON.parse(readFileSync(join(import.meta.dirname, 'published.json'), 'utf8')) as {
  readonly examples: Readonly<Record<string, Readonly<Record<string, string>>>>;
};
const examples = Object.entries(published.examples).flatMap(([type, texts]) =>
  Object.entries(texts).map(([name, text]) => ({ type, name, text })),
);

test('there are 129, and each has a way through the gateway', () => {
  assert.equal(examples.length, 129);
  const lost = examples.filter(({ type }) => ways.filter(({ types }) => types.test(type)).length !== 1);
  assert.deepEqual(
    lost.map(({ type }) => type),
    [],
  );
});

test('each is read and written again without a change', () => {
  for (const { type, name, text } of examples) {
    const parsed = parseJson(text, resultJsonLimits);
    assert.ok(parsed.ok, `${type}/${name}`);
    assert.deepEqual(JSON.parse(normalText(parsed.node)), JSON.parse(text), `${type}/${name}`);
  }
});

for (const way of ways)
  test(`unchanged: ${way.title}`, async () => {
    for (const { type, name, text } of examples.filter(example => way.types.test(example.type))) {
      const { before, after } = await way.pass(JSON.parse(text) as Record<string, unknown>, type);
      assert.deepEqual(after, before, `${type}/${name}`);
    }
  });
