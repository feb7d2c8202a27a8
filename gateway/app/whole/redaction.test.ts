import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openHouse } from '@sallyport/testkit/gateway/house.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { toolsFor } from '@sallyport/testkit/upstream/script.ts';
import type { WhyView } from '../../api/view/decision.ts';

const policies = `@id("all") @obligation("redact-arguments=personal+secrets, redact-result=phone")
permit (principal, action, resource);
@id("no-ids") @reason("it names somebody by a number of a register")
forbid (principal, action, resource) when { context.personal.kinds.contains("national-id") };`;

test('policy sees what is personal, has it taken out on both ways, and `why` says so', async () => {
  using folder = temporaryFolder();
  await using house = await openHouse(folder.path, { policies, script: { tools: toolsFor(['echo']) } });
  const said = 'mail ann.lee@example.org, key ghp_a1B2c3D4e5F6g7H8i9J0k1';
  const answer = await house.call('echo', { text: said });
  assert.match(answer.text, /mail \[redacted: email\], key \[redacted: secret\]/);
  const received = readFileSync(folder.file('received'), 'utf8');
  assert.doesNotMatch(received, /ann\.lee|ghp_/, 'no byte of it reached the server');
  const { entries } = await house.ask<{ entries: { id: string; kind: string }[] }>('entries?kind=decided');
  const { decision } = await house.ask<{ decision: WhyView }>(`decisions/${entries[0]?.id}`);
  assert.deepEqual(decision.redacted?.found, { secret: 1, email: 1 });

  assert.match((await house.call('echo', { text: 'her number is 536-90-4399' })).text, /number of a register/);
});
