import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { test } from 'node:test';
import type { EntriesQuery } from '@sallyport/core/model/entries-query.ts';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { newId } from '@sallyport/testkit/journal/calls.ts';
import { SegmentFiles } from '@sallyport/testkit/journal/segments.ts';
import { EntryIndex } from './entry-index.ts';

const size = 5_000;
const asked: EntriesQuery = {
  after: undefined,
  limit: size,
  kinds: undefined,
  agent: 'assistant',
  task: undefined,
  tool: undefined,
  answer: undefined,
};

function decided(seq: number): Entry {
  const action = { method: 'tools/call', server: 'files', tool: 'read' };
  return { seq, id: newId('d'), kind: 'decided', task: newId('t'), agent: 'assistant', action } as unknown as Entry;
}

/** A journal of 5,000 decisions, and its index as an orderly stop left it. */
function filed(): { readonly log: SegmentFiles; readonly entries: readonly Entry[]; readonly file: string } {
  const log = new SegmentFiles();
  const entries = Array.from({ length: size }, (_, seq) => decided(seq));
  const file = join(log.dir, 'index.sqlite');
  const index = new EntryIndex(file, log);
  index.add(log.write(entries));
  index.close();
  return { log, entries, file };
}

function altered(sql: string, ...values: SQLInputValue[]): (file: string) => void {
  return file => {
    const database = new DatabaseSync(file);
    database.prepare(sql).run(...values);
    database.close();
  };
}

/** Whatever was known of the first 256 entries: other places, other lengths, other words. */
function rowsOf(change: (rows: Uint32Array) => void): (file: string) => void {
  return file => {
    const database = new DatabaseSync(file);
    const { rows } = database.prepare('SELECT rows FROM blocks WHERE block = 0').get() as { rows: Uint8Array };
    const numbers = new Uint32Array(Uint8Array.from(rows).buffer);
    change(numbers);
    database.prepare('UPDATE blocks SET rows = ? WHERE block = 0').run(new Uint8Array(numbers.buffer));
    database.close();
  };
}

function overwritten(from: number, to: number): (file: string) => void {
  return file => {
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0x5a, Math.floor(from * bytes.length), Math.floor(to * bytes.length)));
  };
}

for (const [what, harm] of [
  ['overwritten in its middle', overwritten(0.4, 0.6)],
  ['overwritten at its end', overwritten(0.9, 1)],
  ['without the rows of one block', altered('DELETE FROM blocks WHERE block = 3')],
  ['without the names of one block', altered('DELETE FROM new_names WHERE block = 3')],
  ['without the names of the newest block', altered('DELETE FROM new_names WHERE block = 19')],
  ['with names that are no numbers', altered('UPDATE new_names SET pairs = ? WHERE block = 3', new Uint8Array(7))],
  ['with no row in the newest block', altered('UPDATE blocks SET rows = ? WHERE block = 19', new Uint8Array(0))],
  ['with too many rows in a block', altered('UPDATE blocks SET rows = ? WHERE block = 19', new Uint8Array(20_000))],
  ['with entries in other places', rowsOf(rows => rows.fill(rows[9] as number))],
  ['with entries of 4 GB', rowsOf(rows => rows.fill(0xfffffff0))],
  ['with other words', rowsOf(rows => rows.set([1], 5))],
] as const)
  test(`an index file ${what} is made anew by itself, and nobody is answered from it`, async () => {
    const { log, entries, file } = filed();
    harm(file);
    const notices: string[] = [];
    const index = new EntryIndex(file, log, line => notices.push(line));
    for await (const list of log.entryLists(index.appliedSeq + 1)) index.catchUp(list);
    const found = await index.asked(() => index.find(entries[0]?.id ?? ''));
    assert.deepEqual(found, { kind: 'found', entry: entries[0] });
    assert.deepEqual(await index.asked(() => index.page(asked)), entries);
    assert.deepEqual(notices, ['index.sqlite was not as it was written, and is made again from the journal']);
    const next = decided(size);
    index.add(log.write([next]));
    index.close();
    const again = new EntryIndex(file, log);
    assert.equal(again.appliedSeq, size);
    assert.deepEqual(again.page({ ...asked, after: -1, limit: size + 1 }), [...entries, next]);
    again.close();
    log[Symbol.dispose]();
  });

test('while the file is made anew nobody is answered from a part, what becomes durable is taken in, and who follows misses nothing', async () => {
  const { log, entries, file } = filed();
  altered('DELETE FROM blocks WHERE block = 3')(file);
  const index = new EntryIndex(file, log);
  const stop = new AbortController();
  const seen: Entry[] = [];
  const following = (async () => {
    for await (const entry of index.follow({ ...asked, after: 700 }, stop.signal)) {
      seen.push(entry);
      if (entry.seq === size + 2) stop.abort();
    }
  })();
  const more = [0, 1, 2].map(at => decided(size + at));
  await Promise.resolve();
  for (const entry of more) {
    assert.throws(() => index.find(entries[0]?.id ?? ''), { name: 'FiledAnew' });
    assert.throws(() => index.page(asked), { name: 'FiledAnew' });
    index.add(log.write([entry]));
  }
  await following;
  assert.deepEqual(seen, [...entries.slice(701), ...more]);
  assert.deepEqual(index.find(more[1]?.id ?? ''), { kind: 'found', entry: more[1] });
  index.close();
  log[Symbol.dispose]();
});

test('places that are wrong in an index that was made anew are the journal’s fault, and are told as such', async () => {
  const { log, entries, file } = filed();
  let isAltered = false;
  const entryAt: typeof log.entryAt = place => log.entryAt(isAltered && place.seq === 5 ? { ...place, seq: 6 } : place);
  altered('DELETE FROM blocks WHERE block = 3')(file);
  const index = new EntryIndex(file, { entryAt, entryLists: log.entryLists });
  assert.equal((await index.asked(() => index.page(asked))).length, size);
  isAltered = true;
  await assert.rejects(
    index.asked(() => index.find(entries[5]?.id ?? '')),
    { name: 'JournalFault', code: 'damaged' },
  );
  await assert.rejects(
    index.asked(() => index.page(asked)),
    { name: 'JournalFault', code: 'damaged' },
  );
  index.close();
  log[Symbol.dispose]();
});

test('the file and those beside it are for this user alone, also one that an earlier version made', () => {
  const { log, file } = filed();
  chmodSync(file, 0o644);
  const index = new EntryIndex(file, log);
  for (const suffix of ['', '-wal', '-shm', '-open'])
    assert.equal(statSync(`${file}${suffix}`).mode & 0o777, 0o600, suffix);
  index.close();
});

test('a file that shows only while the rest is filed that it is spoilt is made again, and nobody is answered from a part', async () => {
  const { log, entries, file } = filed();
  altered('DELETE FROM blocks WHERE block = 3')(file);
  const outcome = { ...decided(size), id: newId('o'), kind: 'performed', decision: entries[3 * 256 + 1]?.id } as never;
  log.write([outcome]);
  const notices: string[] = [];
  const index = new EntryIndex(file, log, line => notices.push(line));
  index.fileLater();
  assert.equal(index.filing(2 * size), 0.5);
  assert.throws(() => index.page(asked), { name: 'FiledAnew' });
  assert.deepEqual(await index.asked(() => index.page({ ...asked, limit: size + 1 })), [...entries, outcome]);
  assert.deepEqual(notices, ['index.sqlite was not as it was written, and is made again from the journal']);
  assert.equal(index.filing(size), undefined);
  index.close();
  log[Symbol.dispose]();
});
