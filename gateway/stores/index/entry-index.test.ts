import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { EntriesQuery } from '@sallyport/core/model/entries-query.ts';

import type { Entry } from '@sallyport/core/model/entry.ts';
import type { ApprovalId, DecisionId } from '@sallyport/core/model/ids.ts';
import { newId } from '@sallyport/testkit/journal/calls.ts';
import { SegmentFiles } from '@sallyport/testkit/journal/segments.ts';
import { segmentEntriesMax } from '../../journal/layout.ts';
import type { EntryList } from '../../journal/read.ts';
import { EntryIndex } from './entry-index.ts';
import { blockEntriesMax, hashOf } from './rows.ts';

const everything: EntriesQuery = {
  after: undefined,
  limit: 100,
  kinds: undefined,
  agent: undefined,
  task: undefined,
  tool: undefined,
  answer: undefined,
};

/** All ids of one letter begin alike. */
function id<P extends string>(prefix: P, number: number): `${P}_${string}` {
  return `${prefix}_${String(number).padStart(26, '0')}`;
}

type EntryMembers = { readonly [name: string]: unknown };

function entryOf(seq: number, members: EntryMembers): Entry {
  return { v: 1, tenant: 'local', node: 'local', at: 1_000 + seq, seq, ...members } as unknown as Entry;
}

interface Calls {
  readonly agent?: string;
  readonly first?: number;
  readonly task?: string;
  readonly idOf?: (prefix: 'd' | 'o', seq: number) => string;
}

/** Two entries a call: a decision and what became of it. */
function callEntries(
  calls: number,
  { agent = 'assistant', first = 0, task = id('t', 1), idOf = id }: Calls = {},
): Entry[] {
  return Array.from({ length: calls }, (_, call) => {
    const seq = first + call * 2;
    const action = { method: 'tools/call', server: 'files', tool: call % 2 === 0 ? 'read' : 'write' };
    const decision = idOf('d', seq);
    const answer = call % 2 === 0 ? 'permit' : 'ask';
    return [
      entryOf(seq, { kind: 'decided', id: decision, task, agent, action, answer }),
      entryOf(seq + 1, { kind: 'performed', id: idOf('o', seq), decision, task, outcome: 'ok' }),
    ];
  }).flat();
}

function seqsOf(entries: readonly Entry[]): number[] {
  return entries.map(({ seq }) => seq);
}

function open(log: SegmentFiles): EntryIndex {
  return new EntryIndex(join(log.dir, 'index.sqlite'), log);
}

test('what is durable is found by id, by unique prefix, by decision and by every filter', () => {
  using log = new SegmentFiles();
  const index = open(log);
  index.add(log.write(callEntries(10)));
  assert.equal(index.find(id('d', 4)).kind, 'found');
  assert.equal(index.find('d_0000').kind, 'many');
  assert.equal(index.find('x_0000').kind, 'none');
  assert.equal(index.find("' OR 1=1 --").kind, 'none');
  assert.deepEqual(
    index.following(id('d', 4)).map(entry => entry.id),
    [id('o', 4)],
  );
  assert.deepEqual(seqsOf(index.page({ ...everything, limit: 3 })), [17, 18, 19]);
  assert.deepEqual(seqsOf(index.page({ ...everything, after: 4, limit: 3 })), [5, 6, 7]);
  assert.equal(index.page({ ...everything, kinds: ['performed'] }).length, 10);
  assert.equal(index.page({ ...everything, answer: 'ask' }).length, 5);
  assert.equal(index.page({ ...everything, agent: 'nobody' }).length, 0);
  // The outcome says nothing of agent and tool: it is filed under its decision's.
  assert.equal(index.page({ ...everything, agent: 'assistant', kinds: ['performed'] }).length, 10);
  assert.equal(index.page({ ...everything, tool: 'files/write' }).length, 10);
  assert.equal(index.page({ ...everything, tool: 'files/*' }).length, 20);
  assert.equal(index.page({ ...everything, tool: 'other/*' }).length, 0);
  assert.equal(index.page({ ...everything, task: id('t', 1) }).length, 20);
  assert.equal(index.page({ ...everything, task: id('t', 2) }).length, 0, 'its name is that of another');
  index.close();
});

test('an id is found by each of its prefixes, from the first that no other has', () => {
  using log = new SegmentFiles();
  const index = open(log);
  const ids = ['d_4abc', 'd_4abz', 'ap_4abc', 'd_zz'].map(start => start.padEnd(start.indexOf('_') + 27, '7'));
  index.add(log.write(ids.map((own, seq) => entryOf(seq, { kind: 'decided', id: own, action: {} }))));
  for (const [own, unique] of [
    ['d_4abc', 6],
    ['d_4abz', 6],
    ['ap_4abc', 1],
    ['d_zz', 3],
  ] as const) {
    const whole = ids.find(other => other.startsWith(own)) ?? '';
    for (let length = 1; length <= whole.length; length++) {
      const found = index.find(whole.slice(0, length));
      assert.equal(found.kind, length < unique ? 'many' : 'found', whole.slice(0, length));
      if (found.kind === 'found') assert.equal(found.entry.id, whole);
    }
    for (const other of [
      `${whole}7`,
      whole.toUpperCase(),
      `${whole.slice(0, 12)}'`,
      whole.slice(0, 20).replace('_', ''),
    ])
      assert.equal(index.find(other).kind, 'none', other);
  }
  assert.equal(index.find('').kind, 'many');
  index.close();
});

test('what is no id of ours is found like any other', () => {
  using log = new SegmentFiles();
  const index = open(log);
  index.add(
    log.write([entryOf(0, { kind: 'decided', id: 'd_1', action: {} }), entryOf(1, { kind: 'pinned', id: 'odd one' })]),
  );
  assert.equal(index.find('d_1').kind, 'found');
  assert.equal(index.find('odd').kind, 'found');
  assert.equal(index.find('d').kind, 'found');
  assert.equal(index.find('odd one!').kind, 'none');
  index.close();
});

test('what follows from a decision long ago is filed under its agent and tool, and an answer is found by its question', () => {
  using log = new SegmentFiles();
  const index = open(log);
  const idOf = newId;
  const [decided] = callEntries(1, { agent: 'early', idOf });
  const between = callEntries(3 * blockEntriesMax, { first: 1, idOf });
  const seq = 1 + between.length;
  const asked = { kind: 'asked', id: newId('ap'), decision: decided?.id, agent: 'other', server: 'x', tool: 'y' };
  const answered = { kind: 'answered', id: newId('e'), approval: asked.id, answer: 'yes' };
  index.add(log.write([decided as Entry, ...between]));
  index.add(log.write([entryOf(seq, asked), entryOf(seq + 1, answered)]));
  assert.deepEqual(seqsOf(index.page({ ...everything, agent: 'early', tool: 'files/read' })), [0, seq]);
  assert.deepEqual(seqsOf(index.following(decided?.id as DecisionId)), [seq]);
  assert.equal(index.answerTo(asked.id as ApprovalId)?.id, answered.id);
  assert.equal(index.answerTo(newId('ap')), undefined);
  index.close();
});

test('an index that was closed goes on where it was, and files what it has missed', () => {
  using log = new SegmentFiles();
  const entries = callEntries(10);
  const before = open(log);
  before.add(log.write(entries.slice(0, 8)));
  before.close();
  const again = open(log);
  assert.equal(again.appliedSeq, 7);
  assert.ok(again.agreesWith(entries[7]));
  const missed = log.write(entries.slice(8));
  again.catchUp(missed);
  again.catchUp(missed);
  assert.equal(again.page(everything).length, 20);
  assert.equal(again.find(id('o', 18)).kind, 'found');
  again.close();
});

test('what is in full blocks and segments, filed or on the way, is found as what is in memory is; before and after a restart', () => {
  using log = new SegmentFiles();
  const [early, late] = [newId('t'), newId('t')];
  const border = segmentEntriesMax - 2_000;
  const all = [
    ...callEntries(border / 2, { agent: 'early', task: early, idOf: newId }),
    ...callEntries(20_000, { agent: 'late', task: late, first: border, idOf: newId }),
  ];
  let index = open(log);
  for (const size of [segmentEntriesMax, segmentEntriesMax + 3_000, all.length]) {
    // As many as are filed at once, so that a segment that is full goes into the file piece by piece.
    for (let from = index.appliedSeq + 1; from < size; ) {
      const end = Math.min(size, from + 1_024 - (from % 1_024));
      index.add(log.write(all.slice(from, end)));
      from = end;
    }
    for (const when of ['before', 'after']) {
      for (const seq of [0, 1, 255, 256, 1_023, 1_024, border - 1, border, segmentEntriesMax - 1, size - 2, size - 1]) {
        const entry = all[seq] as Entry;
        assert.deepEqual(index.find(entry.id.slice(0, 14)), { kind: 'found', entry }, `${seq} of ${size}, ${when}`);
        if (entry.kind === 'decided') assert.deepEqual(index.following(entry.id), [all[seq + 1]]);
      }
      assert.deepEqual(seqsOf(index.page({ ...everything, task: early, limit: 2 })), [border - 2, border - 1]);
      assert.deepEqual(seqsOf(index.page({ ...everything, task: late, after: 0, limit: 2 })), [border, border + 1]);
      assert.deepEqual(seqsOf(index.page({ ...everything, agent: 'early', limit: 1 })), [border - 1]);
      assert.equal(index.page({ ...everything, agent: 'late', limit: size }).length, size - border);
      assert.equal(index.find('d_').kind, 'many');
      index.close();
      index = open(log);
      assert.equal(index.appliedSeq, size - 1);
    }
  }
  index.close();
  const file = new DatabaseSync(join(log.dir, 'index.sqlite'));
  const { names, rest } = file
    .prepare('SELECT (SELECT count(*) FROM names) AS names, (SELECT min(block) FROM new_names) AS rest')
    .get() as { names: number; rest: number };
  file.close();
  assert.deepEqual(
    [names, rest],
    [1_024, segmentEntriesMax / blockEntriesMax],
    'the first segment is filed as a whole',
  );
});

test('however much is taken in at once, names of a segment that is full go into the file as fast as those of the next come', () => {
  using log = new SegmentFiles();
  const index = open(log);
  const all = callEntries((segmentEntriesMax + 2 * 16_384) / 2, { idOf: newId });
  for (let from = 0; from < all.length; from += 16_384) index.catchUp(log.write(all.slice(from, from + 16_384)));
  const file = new DatabaseSync(join(log.dir, 'index.sqlite'));
  assert.equal(
    file.prepare('SELECT min(block) AS rest FROM new_names').get()?.rest,
    segmentEntriesMax / blockEntriesMax,
  );
  file.close();
  assert.deepEqual(index.find(all[7]?.id ?? ''), { kind: 'found', entry: all[7] });
  index.close();
});

test('different words that rows hold as the same number are told apart', () => {
  using log = new SegmentFiles();
  const index = open(log);
  // FNV-1a of 32 bits is the same for both (http://www.isthe.com/chongo/tech/comp/fnv/#collisions).
  const [one, other] = ['costarring', 'liquid'];
  assert.equal(hashOf(one), hashOf(other));
  const decided = (seq: number, name: string): Entry =>
    entryOf(seq, { kind: 'decided', id: id('d', seq), agent: name, task: name, action: { server: name, tool: name } });
  index.add(log.write([decided(0, one), decided(1, other), decided(2, one)]));
  for (const filter of [{ agent: one }, { task: one }, { tool: `${one}/*` }, { tool: `${one}/${one}` }])
    assert.deepEqual(seqsOf(index.page({ ...everything, ...filter })), [0, 2]);
  index.close();
});

test('an index of another journal does not agree, and a gap is never papered over', () => {
  using log = new SegmentFiles();
  using other = new SegmentFiles();
  const index = open(log);
  const list = log.write(callEntries(4));
  index.catchUp(list);
  assert.equal(index.agreesWith(callEntries(4, { first: 100 })[7]), false);
  assert.equal(index.agreesWith(entryOf(7, { id: id('o', 5) })), false);
  assert.equal(index.agreesWith(undefined), false);
  assert.equal(index.agreesWith(list.entries[7]), true);
  assert.throws(() => index.catchUp({ ...list, firstSeq: 20 }), /gap/);
  index.close();
  const elsewhere = new EntryIndex(join(log.dir, 'index.sqlite'), other);
  assert.equal(elsewhere.agreesWith(list.entries[7]), false, 'it lies somewhere else');
  elsewhere.clear();
  assert.equal(elsewhere.appliedSeq, -1);
  elsewhere.catchUp(other.write(callEntries(2)));
  assert.equal(elsewhere.page(everything).length, 4);
  elsewhere.close();
});

test('once something durable was missed nobody is answered as if that were all, until the next start', () => {
  using log = new SegmentFiles();
  const index = open(log);
  index.add(log.write(callEntries(2)));
  const missed = log.write(callEntries(1, { first: 4 }));
  index.add(log.write(callEntries(1, { first: 6 })));
  for (const ask of [() => index.page(everything), () => index.find('d_0'), () => index.answerTo('ap_1')])
    assert.throws(ask, /gap/);
  index.add(missed);
  assert.throws(() => index.page(everything), /gap/);
  index.close();
  const again = open(log);
  assert.equal(again.appliedSeq, -1, 'what was not filed is taken from the journal');
  again.close();
});

test('while the file is locked everything is answered from memory, and filed once it is free', () => {
  using log = new SegmentFiles();
  const index = open(log);
  const other = new DatabaseSync(join(log.dir, 'index.sqlite'));
  other.exec('BEGIN IMMEDIATE');
  const entries = callEntries(segmentEntriesMax / 2, { idOf: newId });
  index.add(log.write(entries));
  assert.deepEqual(index.find(entries[3]?.id ?? ''), { kind: 'found', entry: entries[3] });
  assert.equal(index.page({ ...everything, after: -1, limit: 70_000 }).length, segmentEntriesMax);
  assert.equal(other.prepare('SELECT count(*) AS blocks FROM blocks').get()?.blocks, 0);
  other.exec('ROLLBACK');
  const more = callEntries(2 * blockEntriesMax, { first: segmentEntriesMax, idOf: newId });
  index.add(log.write(more));
  assert.equal(other.prepare('SELECT count(*) AS blocks FROM blocks').get()?.blocks, 260);
  other.close();
  for (const entry of [entries[3], entries.at(-1), more[0]])
    assert.deepEqual(index.find(entry?.id ?? ''), { kind: 'found', entry });
  index.close();
});

for (const [what, harm] of [
  ['damaged', (file: string) => writeFileSync(file, 'this is no database, and never was one'.repeat(100))],
  ['of an earlier version', earlierVersion],
] as const)
  test(`a file that is ${what} is begun anew`, () => {
    using log = new SegmentFiles();
    harm(join(log.dir, 'index.sqlite'));
    const index = open(log);
    assert.equal(index.appliedSeq, -1);
    index.add(log.write(callEntries(1)));
    assert.equal(index.page(everything).length, 2);
    index.close();
    const again = open(log);
    assert.equal(again.appliedSeq, 1);
    again.close();
  });

function earlierVersion(file: string): void {
  const database = new DatabaseSync(file);
  database.exec('CREATE TABLE entries (seq INTEGER PRIMARY KEY, entry TEXT); PRAGMA user_version = 1');
  database.close();
}

test('after a power cut the file is begun anew; after a process that died it goes on from the last whole block', () => {
  using log = new SegmentFiles();
  const list: EntryList = log.write(callEntries(4 * blockEntriesMax, { idOf: newId }));
  const part = { ...list, entries: list.entries.slice(0, -9), ends: list.ends.slice(0, -9) };
  const index = open(log);
  index.add(part);
  assert.equal(index.appliedSeq, part.entries.length - 1);
  const again = open(log);
  assert.equal(again.appliedSeq, 7 * blockEntriesMax - 1);
  again.catchUp(list);
  assert.equal(again.page({ ...everything, limit: 5_000 }).length, list.entries.length);
  again.close();
  writeFileSync(join(log.dir, 'index.sqlite-open'), 'another run of the machine');
  const anew = open(log);
  assert.equal(anew.appliedSeq, -1);
  anew.close();
});

test('whoever follows sees what was there, then what comes, each once and in order, until told to stop', async () => {
  using log = new SegmentFiles();
  const index = open(log);
  const entries = callEntries(6);
  const add = (from: number, to?: number): void => index.add(log.write(entries.slice(from, to)));
  add(0, 4);
  const stop = new AbortController();
  const seen: number[] = [];
  for await (const entry of index.follow({ ...everything, limit: 2 }, stop.signal)) {
    seen.push(entry.seq);
    if (entry.seq === 3) add(4, 7);
    if (entry.seq === 6) setImmediate(() => add(7));
    if (entry.seq === 11) stop.abort();
  }
  assert.deepEqual(seen, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  index.close();
});
