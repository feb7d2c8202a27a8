import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { coverage, coveragePage } from './threat-coverage.ts';
import { threats } from './threats.ts';

test('docs/explanation/threat-coverage.md is what the titles of tests say; `npm run docs` writes it', () => {
  const file = join(import.meta.dirname, '..', 'docs', 'explanation', 'threat-coverage.md');
  assert.equal(readFileSync(file, 'utf8'), coveragePage());
});

test('every row has a test, or says why it cannot have one yet', () => {
  const held = coverage();
  assert.deepEqual(
    threats.filter(({ id, notYet }) => (held.get(id) ?? []).length === 0 && notYet === undefined).map(({ id }) => id),
    [],
  );
  // Whoever builds what was missing takes the excuse away.
  assert.deepEqual(
    threats.filter(({ id, notYet }) => (held.get(id) ?? []).length > 0 && notYet !== undefined).map(({ id }) => id),
    [],
  );
  assert.ok((held.get('A-16') ?? []).length > 20, 'scenarios are found');
});
