import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { allCommands } from './commands.ts';
import { cliReference } from './reference.ts';

test('docs/reference/cli.md is what the commands say; `npm run docs` writes it', async () => {
  const file = join(import.meta.dirname, '..', 'docs', 'reference', 'cli.md');
  assert.equal(readFileSync(file, 'utf8'), cliReference(await allCommands()));
});
