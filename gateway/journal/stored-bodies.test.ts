import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { decided, openTestJournal } from '@sallyport/testkit/journal/calls.ts';
import { skipBatch } from './batch.ts';
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

test('a file that ends too early is not read again for each body that it does not hold', async () => {
  const { opened, folder, count } = await twoFiles('short');
  const [first = '', second = ''] = readdirSync(folder).sort();
  const [path, end] = [join(folder, first), Number(second)];
  assert.ok(end < count);
  const whole = readFileSync(path);
  // Zeros, as of what was laid out, after the first batch.
  writeFileSync(path, Buffer.from(whole).fill(0, skipBatch(whole, 0)?.end));
  const inOrder = opened.bodiesInOrder();
  assert.equal((await inOrder(0)).fields.arguments?.text, '"0"');
  await assert.rejects(inOrder(1), { code: 'body-missing' });
  writeFileSync(path, whole);
  for (const seq of [end - 2, end - 1])
    await assert.rejects(inOrder(seq), { code: 'body-missing', message: /not kept/ });
  assert.equal((await opened.bodies(end - 1)).fields.arguments?.text, `"${end - 1}"`, 'the control');
  assert.equal((await inOrder(end)).fields.arguments?.text, `"${end}"`, 'those of the next file are found');
  await opened.close();
});
