import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { decided, openTestJournal } from '@sallyport/testkit/journal/calls.ts';
import { JournalFault } from './fault.ts';

const base = mkdtempSync(join(tmpdir(), 'sallyport-bodies-'));
after(() => rmSync(base, { recursive: true }));

/** A journal whose bodies lie in two files, one body a batch; resolves to it, its folder of bodies, and how many there are. */
async function twoFiles(name: string) {
  const opened = await openTestJournal(join(base, name));
  const folder = join(base, name, 'batches');
  let count = 0;
  do {
    assert.ok(count < 5_000, 'a second file is begun');
    await opened.journal.record(decided('t_1'), { arguments: `"${count++}"` });
  } while (readdirSync(folder).length < 2);
  await opened.journal.record(decided('t_1'), { arguments: `"${count++}"` });
  return { opened, folder, count };
}

test('bodies that are read in order are those that are read one by one, in whichever order they are asked for', async () => {
  const { opened, count } = await twoFiles('order');
  const inOrder = opened.bodiesInOrder();
  const forwards = Array.from({ length: count }, (_, seq) => seq);
  for (const seq of [...forwards, 3, 3, 0, count - 1, 1]) {
    const body = await inOrder(seq);
    assert.equal(body.fields.arguments?.text, `"${seq}"`);
    assert.deepEqual(body, await opened.bodies(seq));
  }
  await assert.rejects(inOrder(count), { code: 'body-missing' });
  await opened.close();
});

test('a file of bodies is read once for all that are asked for in order, and what was written since is found', async () => {
  const { opened, folder, count } = await twoFiles('once');
  const inOrder = opened.bodiesInOrder();
  await inOrder(0);
  const [first = ''] = readdirSync(folder).sort();
  rmSync(join(folder, first));
  assert.equal((await inOrder(5)).fields.arguments?.text, '"5"');
  await assert.rejects(
    opened.bodies(5),
    (thrown: unknown) => thrown instanceof JournalFault && thrown.code === 'body-missing',
    'the control',
  );
  await inOrder(count - 1);
  await opened.journal.record(decided('t_1'), { arguments: '"since"' });
  assert.equal((await inOrder(count)).fields.arguments?.text, '"since"');
  await opened.close();
});
