import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policySchema } from '@sallyport/core/policy/schema.ts';
import { castTools } from '@sallyport/testkit/policy/cast.ts';
import { catalogueOf } from '@sallyport/testkit/policy/scene.ts';
import { Examiner } from './examine.ts';
import { examineApart } from './examine-apart.ts';
import { sample } from './sample-set.ts';

const { cedar } = policySchema(catalogueOf(castTools.map(({ tool }) => tool)));
const text = 'permit (principal, action, resource);';

test('many sets read at once all get their answer', async () => {
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => examineApart([{ text, unscoped: text }], cedar).findings),
  );
  for (const [finding] of answers) assert.deepEqual([finding?.json?.effect, finding?.errors], ['permit', []]);
});

test('DF2 what is not answered in time is given up', async () => {
  const { sent, findings } = examineApart([{ text, unscoped: text }], cedar, 1);
  await assert.rejects(findings, { name: 'AbortError' });
  await sent;
});

test('what a process reads before there is a set is read to its end', () => {
  assert.deepEqual(
    new Examiner()
      .examine(sample.policies, sample.schema)
      .map(({ json, errors, warnings }) => [json?.effect, errors, warnings]),
    [['forbid', [], []]],
  );
});
