import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { decided, newId } from '@sallyport/testkit/journal/calls.ts';
import { recordedRun } from './recorded-run.ts';

test('a run says what proved its agent, and again where that changes', async () => {
  const proofs = ['local-entry', 'local-entry', 'bearer', undefined, 'bearer', 'local-entry'];
  const task = newId('t');
  const entries = proofs.map((_, seq) => ({ ...decided(task), v: 1, seq, at: seq }) as unknown as Entry);
  const proofOf = new Map(entries.map(({ id }, at) => [id as string, proofs[at]]));
  const { line = '' } = await recordedRun(entries, async ({ id }) => {
    const proof = proofOf.get(id);
    return { arguments: '{}', ...(proof === undefined ? {} : { request: `{"agent":{"id":"a","proof":"${proof}"}}` }) };
  });
  const run = JSON.parse(line) as { proof?: string; calls: { proof?: string }[] };
  assert.equal(run.proof, 'local-entry');
  assert.deepEqual(
    run.calls.map(({ proof }) => proof),
    [undefined, undefined, 'bearer', undefined, undefined, 'local-entry'],
  );
});
