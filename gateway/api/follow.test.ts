import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { smallInstallation } from '@sallyport/testkit/fakes/views.ts';
import { entryLines } from './follow.ts';

test('a quiet stream sends empty lines, and what comes then is not lost', async () => {
  const [entry] = JSON.parse(JSON.stringify(smallInstallation().entries)) as [Entry];
  let send = (): void => {};
  const sent = new Promise<void>(resolve => {
    send = resolve;
  });
  async function* source(): AsyncGenerator<Entry> {
    await sent;
    yield entry;
  }
  const lines = entryLines(source(), 1)[Symbol.asyncIterator]();
  assert.equal((await lines.next()).value, '\n');
  assert.equal((await lines.next()).value, '\n');
  send();
  let line = await lines.next();
  while (line.value === '\n') line = await lines.next();
  assert.deepEqual(JSON.parse(line.value), { v: 1, entry });
  assert.equal((await lines.next()).done, true);
});
