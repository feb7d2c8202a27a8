import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bodies, Decided, Performed } from '@sallyport/core/model/entry.ts';
import type { NewId } from '@sallyport/core/model/ids.ts';
import { createNewId } from '@sallyport/gateway/app/new-id.ts';
import { type OpenJournal, openJournal } from '@sallyport/gateway/journal/open-journal.ts';

/**
 * The journal against the least that could be called one: a loop that appends the same number of bytes in batches of the
 * same size and calls fdatasync. Both write to the same disk in the same run, in turns; medians of the rounds.
 */
export interface JournalFigures {
  readonly inFlight: number;
  readonly entriesPerSecond: number;
  readonly plainPerSecond: number;
  readonly ratio: number;
  /** Processor time of the whole process, all threads, microseconds an entry. */
  readonly cpuMicros: number;
  readonly plainCpuMicros: number;
  readonly p50Micros: number;
}

const rounds = 3;

export async function benchJournal(inFlight: number, roundMillis = 1_500): Promise<JournalFigures> {
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
    await runJournal(journal, inFlight, 500);
    const ours: Round[] = [];
    const plain: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(await runJournal(journal, inFlight, roundMillis));
      plain.push(await runPlain(file, inFlight, roundMillis));
    }
    const entriesPerSecond = median(ours.map(round => round.perSecond));
    const plainPerSecond = median(plain.map(round => round.perSecond));
    return {
      inFlight,
      entriesPerSecond,
      plainPerSecond,
      ratio: entriesPerSecond / plainPerSecond,
      cpuMicros: median(ours.map(round => round.cpuMicros)),
      plainCpuMicros: median(plain.map(round => round.cpuMicros)),
      p50Micros: median(ours.map(round => round.p50Micros)),
    };
  } finally {
    await journal.close();
    await file.close();
    await rm(dir, { recursive: true });
  }
}

interface Round {
  readonly perSecond: number;
  readonly cpuMicros: number;
  readonly p50Micros: number;
}

/** So many callers, each recording one entry after the other: every second one an outcome, as on the line. */
async function runJournal(opened: OpenJournal, inFlight: number, millis: number): Promise<Round> {
  const drafts = new Drafts(createNewId());
  const waited: number[] = [];
  const until = performance.now() + millis;
  const cpu = process.cpuUsage();
  const started = performance.now();
  const caller = async (): Promise<void> => {
    while (performance.now() < until) {
      const before = performance.now();
      const { draft, bodies } = drafts.next();
      await opened.journal.record(draft, bodies);
      waited.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return figures(waited.length, started, cpu, median(waited) * 1_000);
}

/** Bytes that the journal makes of one entry and its body on average, measured with the drafts below. */
const plainBytes = 1_250;

async function runPlain(file: FileHandle, inFlight: number, millis: number): Promise<Round> {
  const batch = Buffer.alloc(plainBytes * inFlight, 97);
  const until = performance.now() + millis;
  const cpu = process.cpuUsage();
  const started = performance.now();
  let written = 0;
  while (performance.now() < until) {
    await file.write(batch);
    await file.datasync();
    written += inFlight;
  }
  return figures(written, started, cpu, 0);
}

function figures(count: number, started: number, cpuBefore: NodeJS.CpuUsage, p50Micros: number): Round {
  const seconds = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { perSecond: count / seconds, cpuMicros: (user + system) / count, p50Micros };
}

/** What the line records for a call that is permitted and performed. */
class Drafts {
  readonly #newId: NewId;
  readonly #task;
  #decision: Decided | undefined;

  constructor(newId: NewId) {
    this.#newId = newId;
    this.#task = newId('t');
  }

  next(): { readonly draft: Decided | Performed; readonly bodies: Bodies } {
    const decision = this.#decision;
    if (decision === undefined) {
      this.#decision = this.#decided();
      return { draft: this.#decision, bodies: { arguments: argumentsText, request: requestText } };
    }
    this.#decision = undefined;
    const draft: Performed = {
      kind: 'performed',
      id: this.#newId('o'),
      decision: decision.id,
      task: this.#task,
      outcome: 'ok',
      bytes: resultText.length,
      tookMicros: 1_830,
      labels: ['untrusted'],
    };
    return { draft, bodies: { result: resultText } };
  }

  #decided(): Decided {
    return {
      kind: 'decided',
      id: this.#newId('d'),
      task: this.#task,
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
      labels: [
        { label: 'untrusted', entry: this.#newId('o'), server: 'files', tool: 'read_text_file', at: 1_800_000_000_000 },
      ],
      tookMicros: 184,
    };
  }
}

const argumentsText = JSON.stringify({ name: 'read_text_file', arguments: { path: '/home/emma/notes/2026/plan.md' } });
const requestText = JSON.stringify({
  agent: { id: 'assistant', classes: ['internal'], shared: false, vendor: false, proof: 'bearer', trust: 2 },
  task: { kind: 'opened', opener: 'operator', hasManifest: true, inManifest: true, principal: 'user:emma', calls: 12 },
  flow: { labels: ['untrusted'], untrusted: true },
  env: { now: 1_800_000_000_000 },
});
const resultText = JSON.stringify({
  content: [{ type: 'text', text: 'What was read, in a few plain words. '.repeat(10) }],
});

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

if (import.meta.main) {
  for (const inFlight of [1, 16, 64]) {
    const found = await benchJournal(inFlight);
    console.log(
      `journal, ${String(inFlight).padStart(2)} in flight: ${found.entriesPerSecond.toFixed(0)} entries/s = ` +
        `${found.ratio.toFixed(2)} × append and fdatasync (${found.plainPerSecond.toFixed(0)}/s), ` +
        `p50 ${found.p50Micros.toFixed(0)} µs, processor ${found.cpuMicros.toFixed(1)} µs an entry (${found.plainCpuMicros.toFixed(1)})`,
    );
  }
}
