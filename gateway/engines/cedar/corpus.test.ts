import assert from 'node:assert/strict';
import { test } from 'node:test';
import { corpusDir, runCorpus } from '@sallyport/testkit/policy/corpus.ts';

const dir = corpusDir();

test('R1 the public Cedar corpus is decided as it states, sliced by our reading of scopes', {
  skip: dir === undefined ? 'CEDAR_CORPUS_DIR does not name an unpacked cedar-integration-tests' : false,
}, context => {
  const report = runCorpus(dir ?? '', 100);
  context.diagnostic(
    `${report.files} files, ${report.compared} compared, ${report.refusedNumbers} refused for their numbers`,
  );
  assert.deepEqual(report.differences, []);
  assert.ok(report.compared > 0);
  assert.ok(report.refusedNumbers > 0, 'the corpus has requests beyond 2^53, and every one must be refused');
});
