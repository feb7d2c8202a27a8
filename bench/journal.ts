import { hash } from 'node:crypto';
import { type FileHandle, mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bodies, Decided, Performed } from '@sallyport/core/model/entry.ts';
import type { NewId, TaskId } from '@sallyport/core/model/ids.ts';
import { createNewId } from '@sallyport/gateway/app/new-id.ts';
import { skipBatch } from '@sallyport/gateway/journal/batch.ts';
import { openJournal } from '@sallyport/gateway/journal/open-journal.ts';
import { type Bar, judge } from './bars.ts';
import { median } from './statistics.ts';

/**
 * The journal against two things on the same disk in the same run, in turns; medians of the rounds:
 *
 * - *bytes*: a loop that appends a ready buffer, as large as the journal's batches, and calls fdatasync. The disk alone.
 * - *lines*: a plain log. The same callers hand over the same entries and bodies; each becomes a JSON line with its
 *   SHA-256, and whatever is queued during a flush goes out with the next, with one write and one fdatasync. What is left
 *   of this ratio is the price of a record that is canonical, provable, redacted and encrypted.
 */
export interface JournalFigures {
  readonly inFlight: number;
  readonly entriesPerSecond: number;
  /** One figure a round. */
  readonly bytesRatios: readonly number[];
  readonly linesRatios: readonly number[];
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
    const entryBytes = await bytesOfEntry(join(dir, 'journal', 'batches'), journal.newest().size);
    const ours: Round[] = [];
    const bytes: Round[] = [];
    const lines: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(await runCallers(({ draft, bodies }) => journal.journal.record(draft, bodies), inFlight, roundMillis));
      bytes.push(await runBytes(file, inFlight * entryBytes, inFlight, roundMillis));
      const log = new PlainLog(file);
      lines.push(await runCallers(made => log.record(made), inFlight, roundMillis));
    }
    return {
      inFlight,
      entriesPerSecond: median(ours.map(round => round.perSecond)),
      bytesRatios: ratios(ours, bytes),
      linesRatios: ratios(ours, lines),
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

/** What an entry and its body take in the files that callers wait for, without what is only laid out there. */
async function bytesOfEntry(folder: string, entries: number): Promise<number> {
  let sum = 0;
  for (const name of await readdir(folder)) {
    const bytes = await readFile(join(folder, name));
    let end = 0;
    for (let batch = skipBatch(bytes, 0); batch !== undefined; batch = skipBatch(bytes, end)) end = batch.end;
    sum += end;
  }
  return Math.round(sum / entries);
}

async function runBytes(file: FileHandle, bytes: number, entries: number, millis: number): Promise<Round> {
  const batch = Buffer.alloc(bytes, 97);
  const until = performance.now() + millis;
  const cpu = process.cpuUsage();
  const started = performance.now();
  let written = 0;
  while (performance.now() < until) {
    await file.write(batch);
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

/** Of what the disk takes in the same batches. */
const bytesRatioAtLeast = 0.6;

if (import.meta.main) {
  const bars: Bar[] = [];
  for (const inFlight of [1, 16, 64]) {
    const found = await benchJournal(inFlight);
    console.log(
      `journal, ${String(inFlight).padStart(2)} in flight: ${found.entriesPerSecond.toFixed(0)} entries/s = ` +
        `${median(found.linesRatios).toFixed(2)} × a plain log of lines, ${median(found.bytesRatios).toFixed(2)} × ready bytes; ` +
        `p50 ${found.p50Micros.toFixed(0)} µs, processor ${found.cpuMicros.toFixed(1)} µs an entry (plain log ${found.linesCpuMicros.toFixed(1)})`,
    );
    if (inFlight < 64) continue;
    const name = `journal at ${inFlight} in flight`;
    bars.push({ name, unit: '× ready bytes', digits: 2, atLeast: bytesRatioAtLeast, figures: found.bytesRatios });
  }
  judge(bars);
}
