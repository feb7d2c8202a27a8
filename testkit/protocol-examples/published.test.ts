import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { normalText, parseJson, resultJsonLimits } from '@sallyport/core/model/json.ts';
import { ways } from './ways.ts';

/**
 * The example messages that the protocol publishes with its schema (`schema/2026-07-28/examples`, a folder for each type),
 * each on its way through the gateway.
 */
const root = resolve(import.meta.dirname, '../..');
const corpora = resolve(process.env.SALLYPORT_CORPORA ?? join(root, '../shared/corpora'));
const folder = join(corpora, 'mcp-2026-07-28');
const skip = existsSync(folder) ? false : 'there is no mcp-2026-07-28 among the corpora';

function examples(): { readonly type: string; readonly name: string; readonly text: string }[] {
  return readdirSync(folder).flatMap(type =>
    readdirSync(join(folder, type)).map(name => ({ type, name, text: readFileSync(join(folder, type, name), 'utf8') })),
  );
}

test('there are 129, and each has a way through the gateway', { skip }, () => {
  assert.equal(examples().length, 129);
  const lost = examples().filter(({ type }) => ways.filter(({ types }) => types.test(type)).length !== 1);
  assert.deepEqual(
    lost.map(({ type }) => type),
    [],
  );
});

if (skip === false) withExamples();

function withExamples(): void {
  test('each is read and written again without a change', () => {
    for (const { type, name, text } of examples()) {
      const parsed = parseJson(text, resultJsonLimits);
      assert.ok(parsed.ok, `${type}/${name}`);
      assert.deepEqual(JSON.parse(normalText(parsed.node)), JSON.parse(text), `${type}/${name}`);
    }
  });

  for (const way of ways)
    test(`unchanged: ${way.title}`, async () => {
      for (const { type, name, text } of examples().filter(example => way.types.test(example.type))) {
        const { before, after } = await way.pass(JSON.parse(text) as Record<string, unknown>, type);
        assert.deepEqual(after, before, `${type}/${name}`);
      }
    });
}
