import { hash } from 'node:crypto';
import { type FileHandle, mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bodies, Decided, Performed } from '@sallyport/core/model/entry.ts';
import type { NewId, TaskId } from '@sallyport/core/model/ids.ts';
import { createNewId } from '@sallyport/gateway/app/host/new-id.ts';
import { skipBatch } from '@sallyport/gateway/journal/batch.ts';
import { openJournal } from '@sallyport/gateway/journal/open-journal.ts';
import { type Bar, judge } from './bars.ts';
import { median } from './statistics.ts';

/**
 * The journal against three things on the same disk in the same run, in turns; medians of the rounds:
 *
 * - *limit*: a loop that appends a ready buffer, as large as all that is in flight, and calls fdatasync. What the disk can do.
 * - *batches*: the same with the journal's own batches, byte for byte as large, one after the other: it gives a quick disk half
 *   of what is in flight, to make the rest meanwhile.
 * - *lines*: a plain log. The same callers hand over the same entries and bodies; each becomes a JSON line with its
 *   SHA-256, and whatever is queued during a flush goes out with the next, with one write and one fdatasync. What is left
 *   of this ratio is the price of a record that is canonical, provable, redacted and encrypted.
 */
export interface JournalFigures {
  readonly inFlight: number;
  readonly entriesPerSecond: number;
  /** One figure a round. */
  readonly limitRatios: readonly number[];
  readonly batchesRatios: readonly number[];
  readonly linesRatios: readonly number[];
  /** The plain log's, where the journal's are `limitRatios`. */
  readonly linesLimitRatios: readonly number[];
  /** Processor time of the whole process, all threads, microseconds an entry: the journal's, and the plain log's. */
  readonly cpuMicros: number;
  readonly linesCpuMicros: number;
  readonly p50Micros: number;
}

const rounds = 5;

async function benchJournal(inFlight: number, roundMillis = 1_500): Promise<JournalFigures> {
  const dir = await mkdtemp(join(process.env.BENCH_DIR ?? tmpdir(), 'sallyport-bench-'));
  const journal = await openJournal({
    dir: join(dir, 'journal'),
    tenant: 'local',
    node: 'bench',
    now: Date.now,
    onFailure: fault => {
      throw fault;
    },
  });
  const file = await open(join(dir, 'plain'), 'a');
  try {
    await runCallers(({ draft, bodies }) => journal.journal.record(draft, bodies), inFlight, warmMillis);
    const ours: Round[] = [];
    const limits: Round[] = [];
    const batches: Round[] = [];
    const lines: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(await runCallers(({ draft, bodies }) => journal.journal.record(draft, bodies), inFlight, roundMillis));
      const own = await batchesIn(join(dir, 'journal', 'batches'));
      batches.push(await runBytes(file, own, roundMillis));
      limits.push(await runBytes(file, [allInFlight(own, inFlight)], roundMillis));
      const log = new PlainLog(file);
      lines.push(await runCallers(made => log.record(made), inFlight, roundMillis));
    }
    return {
      inFlight,
      entriesPerSecond: median(ours.map(round => round.perSecond)),
      limitRatios: ratios(ours, limits),
      batchesRatios: ratios(ours, batches),
      linesRatios: ratios(ours, lines),
      linesLimitRatios: ratios(lines, limits),
      cpuMicros: median(ours.map(round => round.cpuMicros)),
      linesCpuMicros: median(lines.map(round => round.cpuMicros)),
      p50Micros: median(ours.map(round => round.p50Micros)),
    };
  } finally {
    await journal.close();
    await file.close();
    await rm(dir, { recursive: true });
  }
}

const warmMillis = 1_500;

function ratios(ours: readonly Round[], theirs: readonly Round[]): number[] {
  return ours.map((round, index) => round.perSecond / (theirs[index]?.perSecond ?? Number.NaN));
}

interface Round {
  readonly perSecond: number;
  readonly cpuMicros: number;
  readonly p50Micros: number;
}

/** So many callers, each recording one entry after the other: every second one an outcome, as on the line. */
async function runCallers(record: (made: Made) => Promise<void>, inFlight: number, millis: number): Promise<Round> {
  let next = 0;
  const waited: number[] = [];
  const until = performance.now() + millis;
  const cpu = process.cpuUsage();
  const started = performance.now();
  const caller = async (): Promise<void> => {
    while (performance.now() < until) {
      const before = performance.now();
      await record(made[next++ % made.length] as Made);
      waited.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return figures(waited.length, started, cpu, waited);
}

interface WrittenBatch {
  readonly bytes: number;
  readonly entries: number;
}

/** What the journal wrote in one go each, of what still lies in the files that callers wait for. */
async function batchesIn(folder: string): Promise<WrittenBatch[]> {
  const found: WrittenBatch[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const file = await readFile(join(folder, name));
    let [end, seq] = [0, undefined as number | undefined];
    for (let batch = skipBatch(file, 0); batch !== undefined; batch = skipBatch(file, end)) {
      if (seq !== undefined) found.push({ bytes: batch.end - end, entries: batch.nextSeq - seq });
      [end, seq] = [batch.end, batch.nextSeq];
    }
  }
  return found;
}

/** A batch of so many entries. */
function allInFlight(batches: readonly WrittenBatch[], entries: number): WrittenBatch {
  const sum = (of: (batch: WrittenBatch) => number): number => batches.reduce((all, batch) => all + of(batch), 0);
  return { bytes: Math.round((entries * sum(({ bytes }) => bytes)) / sum(batch => batch.entries)), entries };
}

/** One batch after the other, from the first again after the last. */
async function runBytes(file: FileHandle, batches: readonly WrittenBatch[], millis: number): Promise<Round> {
  const ready = Buffer.alloc(Math.max(...batches.map(({ bytes }) => bytes)), 97);
  const until = performance.now() + millis;
  const cpu = process.cpuUsage();
  const started = performance.now();
  let written = 0;
  for (let next = 0; performance.now() < until; next = (next + 1) % batches.length) {
    const { bytes, entries } = batches[next] as WrittenBatch;
    await file.write(ready, 0, bytes);
    await file.datasync();
    written += entries;
  }
  return figures(written, started, cpu, []);
}

/** Group commit and nothing else. */
class PlainLog {
  readonly #file: FileHandle;
  #lines: Buffer[] = [];
  #queued = Promise.withResolvers<void>();
  #isWriting = false;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  record(entry: Made): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    this.#lines.push(line, Buffer.from(hash('sha256', line, 'binary'), 'binary'));
    if (!this.#isWriting) setImmediate(() => this.#write());
    this.#isWriting = true;
    return this.#queued.promise;
  }

  async #write(): Promise<void> {
    while (this.#lines.length > 0) {
      const [lines, done] = [this.#lines, this.#queued];
      [this.#lines, this.#queued] = [[], Promise.withResolvers<void>()];
      await this.#file.write(Buffer.concat(lines));
      await this.#file.datasync();
      done.resolve();
      await undefined;
    }
    this.#isWriting = false;
  }
}

/** `waited`: milliseconds of each; they are put in order once the time is taken. */
function figures(count: number, started: number, cpuBefore: NodeJS.CpuUsage, waited: readonly number[]): Round {
  const seconds = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { perSecond: count / seconds, cpuMicros: (user + system) / count, p50Micros: median(waited) * 1_000 };
}

interface Made {
  readonly draft: Decided | Performed;
  readonly bodies: Bodies;
}

/** What the line records for a call that is permitted and performed. Made beforehand: ids are not the journal's cost. */
function makeDrafts(newId: NewId): Made[] {
  const task = newId('t');
  return Array.from({ length: 1_000 }, () => {
    const draft = decided(newId, task);
    return [
      { draft, bodies: { arguments: argumentsText, request: requestText } },
      { draft: performed(newId, draft), bodies: { result: resultText } },
    ];
  }).flat();
}

function performed(newId: NewId, { id, task }: Decided): Performed {
  return {
    kind: 'performed',
    id: newId('o'),
    decision: id,
    task,
    outcome: 'ok',
    bytes: resultText.length,
    tookMicros: 1_830,
    labels: ['untrusted'],
  };
}

function decided(newId: NewId, task: TaskId): Decided {
  return {
    kind: 'decided',
    id: newId('d'),
    task,
    agent: 'assistant',
    principal: 'user:emma',
    world: 'W'.repeat(43),
    door: 'mcp-http',
    action: {
      method: 'tools/call',
      server: 'files',
      tool: 'read_text_file',
      pin: 'P'.repeat(43),
      classes: ['read'],
      digest: 'D'.repeat(43),
      bytes: 412,
    },
    mode: 'enforce',
    answer: 'permit',
    verdict: 'pass',
    reasons: [{ rule: 'reads-are-free', text: 'Reads within the ceiling are free.', fix: undefined }],
    labels: [{ label: 'untrusted', entry: newId('o'), server: 'files', tool: 'read_text_file', at: 1_800_000_000_000 }],
    tookMicros: 184,
  };
}

const argumentsText = JSON.stringify({ name: 'read_text_file', arguments: { path: '/home/emma/notes/2026/plan.md' } });
const requestText = JSON.stringify({
  agent: { id: 'assistant', classes: ['internal'], shared: false, vendor: false, proof: 'bearer', trust: 2 },
  task: {
    kind: 'opened',
    openerProof: 'operator',
    hasManifest: true,
    inManifest: true,
    principal: 'user:emma',
    calls: 12,
  },
  flow: { labels: ['untrusted'], untrusted: true },
  env: { now: 1_800_000_000_000 },
});
const resultText = JSON.stringify({
  content: [{ type: 'text', text: 'What was read, in a few plain words. '.repeat(10) }],
});

const made = makeDrafts(createNewId());

const limitRatioAtLeast = 0.6;
const batchesRatioAtLeast = 0.5;

if (import.meta.main) {
  const bars: Bar[] = [];
  for (const inFlight of [1, 16, 64]) {
    const found = await benchJournal(inFlight);
    console.log(
      `journal, ${String(inFlight).padStart(2)} in flight: ${found.entriesPerSecond.toFixed(0)} entries/s = ` +
        `${median(found.linesRatios).toFixed(2)} × a plain log of lines, ${median(found.batchesRatios).toFixed(2)} × ready bytes in the same batches, ` +
        `${median(found.limitRatios).toFixed(2)} × all in one (the plain log ${median(found.linesLimitRatios).toFixed(2)}); ` +
        `p50 ${found.p50Micros.toFixed(0)} µs, processor ${found.cpuMicros.toFixed(1)} µs an entry (plain log ${found.linesCpuMicros.toFixed(1)})`,
    );
    if (inFlight < 64) continue;
    const name = `journal at ${inFlight} in flight`;
    bars.push(
      {
        name,
        unit: '× ready bytes in the same batches',
        digits: 2,
        atLeast: batchesRatioAtLeast,
        figures: found.batchesRatios,
      },
      {
        name,
        unit: '× ready bytes, all in one batch',
        digits: 2,
        atLeast: limitRatioAtLeast,
        figures: found.limitRatios,
      },
    );
  }
  judge(bars);
}
