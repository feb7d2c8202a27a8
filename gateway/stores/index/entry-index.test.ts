import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { EntryIndex } from './entry-index.ts';
import type { EntryQuery } from './query.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-index-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const freshFile = (): string => join(folder, `${++files}.sqlite`);

const everything: EntryQuery = {
  after: undefined,
  limit: 100,
  kinds: undefined,
  agent: undefined,
  task: undefined,
  tool: undefined,
  answer: undefined,
};

function id(prefix: string, number: number): string {
  return `${prefix}_${String(number).padStart(26, '0')}`;
}

/** Two entries a call: a decision and what became of it. */
function callEntries(calls: number, agent = 'assistant', first = 0): Entry[] {
  return Array.from({ length: calls }, (_, call) => {
    const seq = first + call * 2;
    const written = { v: 1, tenant: 'local', node: 'local', at: 1_000 + seq } as const;
    const task = id('t', 1);
    const action = {
      method: 'tools/call',
      server: 'files',
      tool: call % 2 === 0 ? 'read' : 'write',
      pin: 'p',
      classes: [],
      digest: 'x',
      bytes: 1,
    };
    const decided = {
      kind: 'decided',
      id: id('d', seq),
      task,
      agent,
      principal: 'user:emma',
      world: 'w',
      door: 'mcp-http',
      action,
      mode: 'enforce',
      answer: call % 2 === 0 ? 'permit' : 'ask',
      verdict: 'pass',
      reasons: [],
      labels: [],
      tookMicros: 1,
      seq,
      ...written,
    };
    const performed = {
      kind: 'performed',
      id: id('o', seq),
      decision: id('d', seq),
      task,
      outcome: 'ok',
      bytes: 1,
      tookMicros: 1,
      labels: [],
      seq: seq + 1,
      ...written,
    };
    return [decided, performed] as unknown as Entry[];
  }).flat();
}

/** As they stand in a segment of the journal. */
function framed(entries: readonly Entry[]): Buffer {
  return Buffer.concat(
    entries.flatMap(entry => {
      const text = Buffer.from(JSON.stringify(entry));
      const length = Buffer.alloc(2);
      length.writeUInt16BE(text.length);
      return [length, text];
    }),
  );
}

test('what is durable is found by id, by unique prefix, by decision and by every filter', () => {
  const index = new EntryIndex(freshFile());
  const entries = callEntries(10);
  index.add(framed(entries));
  assert.equal(index.find(id('d', 4)).kind, 'found');
  assert.equal(index.find('d_0000').kind, 'many');
  assert.equal(index.find('x_0000').kind, 'none');
  assert.equal(index.find("' OR 1=1 --").kind, 'none');
  assert.deepEqual(
    index.following(id('d', 4) as `d_${string}`).map(entry => entry.id),
    [id('o', 4)],
  );
  assert.deepEqual(
    index.page({ ...everything, limit: 3 }).map(entry => entry.seq),
    [17, 18, 19],
  );
  assert.deepEqual(
    index.page({ ...everything, after: 4, limit: 3 }).map(entry => entry.seq),
    [5, 6, 7],
  );
  assert.equal(index.page({ ...everything, kinds: ['performed'] }).length, 10);
  assert.equal(index.page({ ...everything, answer: 'ask' }).length, 5);
  assert.equal(index.page({ ...everything, agent: 'nobody' }).length, 0);
  // The outcome says nothing of agent and tool: it is filed under its decision's.
  assert.equal(index.page({ ...everything, agent: 'assistant', kinds: ['performed'] }).length, 10);
  assert.equal(index.page({ ...everything, tool: 'files/write' }).length, 10);
  assert.equal(index.page({ ...everything, tool: 'files/*' }).length, 20);
  assert.equal(index.page({ ...everything, tool: 'other/*' }).length, 0);
  index.close();
});

test('an index that was closed goes on where it was, and files what it has missed', () => {
  const file = freshFile();
  const entries = callEntries(10);
  const before = new EntryIndex(file);
  before.add(framed(entries.slice(0, 8)));
  before.close();
  const again = new EntryIndex(file);
  assert.equal(again.appliedSeq, 7);
  assert.ok(again.agreesWith(entries[7]));
  again.catchUp(entries);
  assert.equal(again.page(everything).length, 20);
  assert.equal(again.find(id('o', 18)).kind, 'found');
  again.close();
});

test('an index of another journal does not agree, and a gap is never papered over', () => {
  const file = freshFile();
  const index = new EntryIndex(file);
  index.add(framed(callEntries(4)));
  index.flush();
  assert.equal(index.agreesWith(callEntries(4, 'assistant', 100)[7]), false);
  assert.equal(index.agreesWith(undefined), false);
  assert.throws(() => index.catchUp(callEntries(1, 'assistant', 20)), /gap/);
  index.clear();
  assert.equal(index.appliedSeq, -1);
  index.catchUp(callEntries(2));
  assert.equal(index.page(everything).length, 4);
  index.close();
});

test('a damaged file is begun anew', () => {
  const file = freshFile();
  writeFileSync(file, 'this is no database, and never was one'.repeat(100));
  const index = new EntryIndex(file);
  assert.equal(index.appliedSeq, -1);
  index.add(framed(callEntries(1)));
  assert.equal(index.page(everything).length, 2);
  index.close();
});

test('after a power cut the file is begun anew; after a process that died it goes on', () => {
  const file = freshFile();
  const index = new EntryIndex(file);
  index.add(framed(callEntries(3)));
  index.flush();
  const again = new EntryIndex(file);
  assert.equal(again.appliedSeq, 5);
  again.close();
  writeFileSync(`${file}-open`, 'another run of the machine');
  const anew = new EntryIndex(file);
  assert.equal(anew.appliedSeq, -1);
  anew.close();
});

test('whoever follows sees what was there, then what comes, each once and in order, until told to stop', async () => {
  const index = new EntryIndex(freshFile());
  const entries = callEntries(6);
  index.add(framed(entries.slice(0, 4)));
  const stop = new AbortController();
  const seen: number[] = [];
  const following = (async () => {
    for await (const entry of index.follow({ ...everything, limit: 2 }, stop.signal)) {
      seen.push(entry.seq);
      if (entry.seq === 3) index.add(framed(entries.slice(4, 7)));
      if (entry.seq === 6) setImmediate(() => index.add(framed(entries.slice(7))));
      if (entry.seq === 11) stop.abort();
    }
  })();
  await following;
  assert.deepEqual(seen, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  index.close();
});

test('what waits is filed once nothing new comes, and in slices while calls go on, whoever asks', async () => {
  const index = new EntryIndex(freshFile());
  index.add(framed(callEntries(2)));
  assert.equal(index.appliedSeq, -1, 'a gateway at work files nothing');
  await until(() => index.appliedSeq === 3);
  const many = framed(callEntries(2_000, 'assistant', 4));
  const pieces = Math.ceil((4 * 1024 * 1024) / many.length) + 1;
  for (let piece = 0; piece < pieces; piece++) index.add(framed(callEntries(2_000, 'assistant', 4 + piece * 4_000)));
  await until(() => {
    // Calls go on: there is no rest in which to file.
    index.add(Buffer.alloc(0));
    return index.appliedSeq > 3;
  });
  assert.ok(index.appliedSeq < 3 + pieces * 4_000, 'not all at once');
  assert.equal(index.page({ ...everything, limit: 1 })[0]?.seq, 3 + pieces * 4_000);
  index.close();
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 5));
}
