import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { clientsPage } from './page.ts';

test('docs/how-to/clients.md is what the tables say; `npm run docs` writes it', () => {
  const file = join(import.meta.dirname, '..', '..', 'docs', 'how-to', 'clients.md');
  assert.equal(readFileSync(file, 'utf8'), clientsPage());
});
