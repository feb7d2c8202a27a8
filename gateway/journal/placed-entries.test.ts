import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openTestJournal, recordCalls, rejected } from '@sallyport/testkit/journal/calls.ts';
import type { DurableEntries } from './batch.ts';
import { JournalFault } from './fault.ts';
import type { Place } from './placed-entries.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-placed-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let dirs = 0;
const newDir = (): string => join(folder, String(++dirs));

/** Where the entries of one segment lie, as its batches come. */
function placing(places: Place[]): (batch: DurableEntries) => void {
  return ({ firstSeq, ends }) => {
    const last = places.at(-1);
    const from = last === undefined ? 0 : last.start + last.bytes;
    for (const [at, end] of ends.entries()) {
      const start = ends[at - 1] ?? 0;
      places.push({ seq: firstSeq + at, start: from + start, bytes: end - start });
    }
  };
}

test('each durable entry is read where its listener was told, whatever lies around it, and after its batch is gone', async () => {
  const places: Place[] = [];
  const dir = newDir();
  const opened = await openTestJournal(dir);
  opened.subscribe(placing(places));
  opened.subscribe(({ firstSeq, entries }) => {
    for (const [at, { id }] of entries.entries())
      assert.equal(opened.entryAt(places[firstSeq + at] as Place).id, id, 'it stands in the log when it is told');
  });
  await recordCalls(opened, 20);
  for (let large = 0; large < 5; large++) await opened.journal.record(rejected('é\u2028'.repeat(200), 'assistant'));
  // Until there is more than the one batch file that is being written.
  while (readdirSync(join(dir, 'batches')).length < 2) await recordCalls(opened, 20);
  for (const place of places.toReversed()) assert.equal(opened.entryAt(place).seq, place.seq);
  // As `prune` does: all but the one that is being written.
  const old = readdirSync(join(dir, 'batches')).sort().slice(0, -1);
  for (const name of old) rmSync(join(dir, 'batches', name));
  for (const place of places) assert.equal(opened.entryAt(place).seq, place.seq);
  await opened.close();
});

test('what does not lie where it should is no entry', async () => {
  const places: Place[] = [];
  const opened = await openTestJournal(newDir());
  opened.subscribe(placing(places));
  await recordCalls(opened, 2);
  const [, place] = places as [Place, Place];
  for (const wrong of [
    { ...place, seq: 2 },
    { ...place, start: place.start + 1 },
    { ...place, bytes: place.bytes - 1 },
    { ...place, bytes: 0 },
    { ...place, start: 1_000_000 },
  ])
    assert.throws(
      () => opened.entryAt(wrong),
      (thrown: unknown) => thrown instanceof JournalFault && thrown.code === 'damaged',
    );
  assert.throws(() => opened.entryAt({ ...place, seq: 70_000 }), { code: 'ENOENT' });
  assert.equal(opened.entryAt(place).seq, 1);
  await opened.close();
});
