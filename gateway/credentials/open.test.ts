import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFakeJournal } from '@sallyport/testkit/fakes/journal.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { openCredentials } from './open.ts';

test('what a tenant keeps lies in a folder of its name; what it kept above it comes into it, and the files of others stay', async () => {
  using state = temporaryFolder();
  const above = state.file('credentials');
  mkdirSync(join(above, 'imported'), { recursive: true, mode: 0o700 });
  writeFileSync(join(above, 'imported', 'key'), 'k', { mode: 0o600 });
  writeFileSync(join(above, 'somebodys-key'), 'k', { mode: 0o600 });
  writeFileSync(join(above, 'mail.client.json'), '{"v":1}', { mode: 0o600 });
  const { broker } = await openCredentials({
    ...{ configs: [], stateDir: state.path, tenant: 'north', journal: createFakeJournal(Date.now) },
    ...{ newId: () => 'id' as never, now: Date.now, log: () => undefined },
    ...{ issuer: () => 'http://127.0.0.1:1/oauth', onSignedIn: () => undefined },
  });
  await broker.close();
  assert.deepEqual(readdirSync(above).sort(), ['imported', 'north', 'somebodys-key']);
  assert.deepEqual(readdirSync(join(above, 'north')).sort(), ['leases.jsonl', 'mail.client.json']);
  assert.equal(readFileSync(join(above, 'imported', 'key'), 'utf8'), 'k');
  assert.ok(!existsSync(join(above, 'leases.jsonl')));
});
