import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { coverage, placesOf } from './threat-coverage.ts';
import { threats } from './threats.ts';

const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'explanation', 'threat-coverage.md'), 'utf8');
const rows = [...page.matchAll(/^\| ([A-Z]-\d+) \| [^|]* \| ([^|]*) \|$/gm)].map(([, id = '', cell = '']) => ({
  id,
  cell,
}));

test('docs/explanation/threat-coverage.md has every row, and every place it names holds it; `npm run docs` writes it', () => {
  const held = coverage();
  assert.deepEqual(
    rows.map(({ id }) => id),
    threats.map(({ id }) => id),
  );
  for (const { id, cell } of rows) {
    const places = placesOf(held.get(id) ?? []);
    const named = [...cell.matchAll(/`([^`]+)`/g)].map(([, place = '']) => place);
    assert.equal(cell.startsWith('not yet'), places.length === 0, id);
    assert.deepEqual(
      named.filter(place => !places.includes(place)),
      [],
      `${id}: no test there holds it any more`,
    );
  }
});

test('every row has a test', () => {
  const held = coverage();
  assert.deepEqual(
    threats.filter(({ id }) => !held.has(id)).map(({ id }) => id),
    [],
  );
  assert.ok((held.get('A-16') ?? []).length > 20, 'scenarios are found');
});
