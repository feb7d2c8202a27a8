import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { Ahead, inOrder } from './in-order.ts';
import { replayOnCores } from './on-cores.ts';
import { type Batch, type Printed, printAll } from './printing.ts';
import { type ReplayLine, readToolsFile } from './replay.ts';
import { Thread } from './thread.ts';
import type { Toolsets } from './toolsets.ts';

const text = { type: 'string' };
const tools = {
  office: [
    { name: 'find_notes', inputSchema: { type: 'object', properties: { query: text }, required: ['query'] } },
    { name: 'send_mail', inputSchema: { type: 'object', properties: { to: text, body: text }, required: ['to'] } },
  ],
};
const policies = `@id("reads") permit (principal, action == Action::"office/find_notes", resource);
@id("sends") @reason("a mail to somebody nobody named") permit (principal, action == Action::"office/send_mail", resource)
when { context.input.to == "ann@example.com" };`;

/** Lines of all kinds: runs of different lengths, an unknown toolset, no JSON, blank ones. */
function lineOf(number: number): string {
  if (number % 97 === 5) return '{"id":';
  if (number % 41 === 7) return JSON.stringify({ id: `run-${number}`, toolset: 'offices', calls: [] });
  if (number % 31 === 3) return ' ';
  const calls = Array.from({ length: number % 5 }, (_, at) =>
    at % 2 === 0
      ? { name: 'find_notes', args: { query: `note ${number}` }, result: `mail to person${at}@example.com` }
      : { name: 'send_mail', args: { to: `person${at - 1}@example.com`, body: 'hello' }, result: 'sent' },
  );
  return JSON.stringify({ id: `run-${number}`, purpose: `find note ${number}`, toolset: 'office', calls });
}

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-cores-'));
  await writeFile(join(folder, 'tools.json'), JSON.stringify(tools));
  await writeFile(join(folder, 'rules.cedar'), policies);
  for (const [name, from] of [
    ['one.jsonl', 0],
    ['two.jsonl', 1_000],
  ] as const)
    await writeFile(join(folder, name), Array.from({ length: 400 }, (_, at) => lineOf(from + at)).join('\n'));
});
after(() => rm(folder, { recursive: true }));

const toolsets = (): Promise<Toolsets> => readToolsFile(join(folder, 'tools.json'));

async function printed(threadsMax: number, over: object = {}): Promise<readonly Printed[]> {
  const files = ['one.jsonl', 'none.jsonl', 'two.jsonl'].map(name => join(folder, name));
  const order = { policies: folder, toolsets: await toolsets(), files, onAsk: 'refuse', json: true } as const;
  const lines: Printed[] = [];
  for await (const line of replayOnCores({ ...order, aloneMillis: 0, threadsMax, ...over })) lines.push(line);
  return lines;
}

/** The threads that are started from here on. */
function threadsStarted(t: TestContext): readonly Worker[] {
  const started: Worker[] = [];
  const note = (worker: Worker): void => void started.push(worker);
  process.on('worker', note);
  t.after(() => process.off('worker', note));
  return started;
}

describe('replay on several cores', () => {
  test('what comes out, and its order, are those of one thread', { timeout: 120_000 }, async t => {
    const started = threadsStarted(t);
    const alone = await printed(0);
    assert.equal(alone.filter(({ summary }) => summary !== undefined).length > 700, true);
    assert.equal(alone.some(({ failed }) => failed) && alone.some(({ summary }) => (summary?.deny ?? 0) > 0), true);
    assert.equal(started.length, 0);
    assert.deepEqual(await printed(2), alone);
    assert.equal(started.length, 2);
  });

  test('who stops reading ends the threads', { timeout: 60_000 }, async t => {
    const started = threadsStarted(t);
    const files = [join(folder, 'one.jsonl')];
    const order = { policies: folder, toolsets: await toolsets(), files, onAsk: 'refuse', json: false } as const;
    for await (const { text: shown } of replayOnCores({ ...order, aloneMillis: 0, threadsMax: 1 })) {
      assert.match(shown, /^run-0: 0 permitted/);
      break;
    }
    // What has ended has no number any more.
    assert.deepEqual(
      started.map(({ threadId }) => threadId),
      [-1],
    );
  });

  test('policies that cannot be used end it before anything is printed', async () => {
    await assert.rejects(printed(2, { policies: join(folder, 'none') }), /none could not be read: it does not exist/);
  });
});

describe('what was begun in an order', () => {
  const line = (text: string): Printed => ({ text, failed: false, summary: undefined });

  test('is printed in it up to what goes wrong, which is then told', async () => {
    const slow = Promise.withResolvers<readonly Printed[]>();
    async function* begun(): AsyncGenerator<Ahead> {
      yield new Ahead(slow.promise);
      yield new Ahead(Promise.resolve([line('b'), line('c')]));
      yield new Ahead(Promise.reject(new Error('odd')));
      yield new Ahead(Promise.resolve([line('e')]));
      slow.resolve([line('a')]);
    }
    const texts: string[] = [];
    const printing = async (): Promise<void> => {
      for await (const { text: one } of inOrder(begun())) texts.push(one);
    };
    await assert.rejects(printing(), /odd/);
    assert.deepEqual(texts, ['a', 'b', 'c']);
  });

  test('a line that deciding comes to grief over is a fault of that line alone', async () => {
    const recorded = (number: number): Batch[number] => ({
      kind: 'recorded',
      file: 'runs.jsonl',
      line: number,
      bytes: Buffer.from(''),
    });
    const decide = async ({ line: number, file }: Batch[number]): Promise<ReplayLine> => {
      if (number === 2) throw new Error('odd');
      return { kind: 'fault', file, line: number, field: '', why: 'as ever' };
    };
    const lines = await printAll([recorded(1), recorded(2), recorded(3)], decide, false);
    assert.deepEqual(
      lines.map(({ text: one, failed }) => [one, failed]),
      [
        ['runs.jsonl:1: as ever', true],
        ['runs.jsonl:2: it could not be decided: odd', true],
        ['runs.jsonl:3: as ever', true],
      ],
    );
  });
});

describe('a thread', () => {
  const batch: Batch = [];
  const running = (source: string): Thread => new Thread(new URL(`data:text/javascript,${source}`));

  test('that ends early leaves nothing unanswered, then and later', { timeout: 60_000 }, async () => {
    const thread = running(`import{parentPort as p}from'node:worker_threads';p.once('message',()=>process.exit())`);
    const both = await Promise.allSettled([thread.print(batch), thread.print(batch)]);
    for (const one of both) assert.match(String(one.status === 'rejected' && one.reason), /ended early/);
    await assert.rejects(thread.print(batch), /ended early/);
    assert.equal(thread.given, 0);
  });

  test('that throws says what', { timeout: 60_000 }, async () => {
    const thread = running(
      `import{parentPort as p}from'node:worker_threads';p.once('message',()=>{throw new Error('odd')})`,
    );
    await assert.rejects(thread.print(batch), /odd/);
    await thread.end();
  });
});
