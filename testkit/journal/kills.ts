import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyJournal } from '@sallyport/gateway/journal/verify/verify.ts';
import { seeded } from '../random.ts';
import { openTestJournal } from './calls.ts';

export interface KillReport {
  readonly seed: number;
  readonly kills: number;
  /** Decisions that a writer was told are durable. */
  readonly acknowledged: number;
  readonly lost: number;
  readonly entries: number;
  /** Starts that found a batch cut off, and entries that were written into the log again. */
  readonly torn: number;
  readonly restored: number;
  /** Kills while batches were written over zeros that had been laid out. */
  readonly overZeros: number;
}

/** Rounds after which a new journal is begun: verifying all of it each time would take ever longer. */
const roundsPerJournal = 10;

/**
 * R5: writers that are killed (SIGKILL) at random instants, one after the other on the same journal. After each, every
 * acknowledged decision has to be there with its body, and the log has to verify before and after it is opened again.
 */
export async function killWriters(
  kills: number,
  seed: number,
  goesOn: (done: number) => boolean = () => true,
): Promise<KillReport> {
  const random = seeded(seed);
  const base = mkdtempSync(join(tmpdir(), 'sallyport-kill-'));
  let [round, acknowledged, lost, entries, torn, restored, overZeros] = [0, 0, 0, 0, 0, 0, 0];
  try {
    let [dir, size] = ['', 0];
    for (; round < kills && goesOn(round); round++) {
      if (round % roundsPerJournal === 0) [dir, size] = [join(base, String(round)), 0];
      const inFlight = 1 + random.below(32);
      const isLong = round % longEvery === longEvery - 1;
      const ids = await killedWriter(dir, inFlight, random.next() ** 2 * 400 + (isLong ? 1_000 : 0));
      overZeros += endsInZeros(dir) ? 1 : 0;
      const after = await recovered(dir, size);
      lost += ids.filter(id => !after.ids.has(id)).length;
      acknowledged += ids.length;
      entries += after.size - size;
      torn += after.torn ? 1 : 0;
      restored += after.restored;
      size = after.size;
    }
  } finally {
    rmSync(base, { recursive: true });
  }
  return { seed, kills: round, acknowledged, lost, entries, torn, restored, overZeros };
}

/** One kill in so many comes late: files are laid out only for a writer that has written for a while. */
const longEvery = 4;

function endsInZeros(dir: string): boolean {
  const newest = readdirSync(join(dir, 'batches')).sort().at(-1);
  if (newest === undefined) return false;
  return readFileSync(join(dir, 'batches', newest))
    .subarray(-512)
    .every(byte => byte === 0);
}

/** What a writer printed until it was killed, `millis` after its first acknowledgement. */
async function killedWriter(dir: string, inFlight: number, millis: number): Promise<string[]> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, 'kill-writer.ts'), dir, String(inFlight)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  writer.stdout.on('data', (piece: Buffer) => {
    if (printed === '') setTimeout(() => writer.kill('SIGKILL'), millis);
    printed += piece.toString('utf8');
  });
  await once(writer, 'close');
  assert.equal(writer.signalCode, 'SIGKILL', 'the writer stopped by itself');
  // What stands behind the last line feed may be half an id.
  return printed.split('\n').slice(0, -1);
}

async function recovered(dir: string, from: number) {
  const vkey = readFileSync(join(dir, 'vkey'), 'utf8');
  assert.deepEqual(verifyJournal({ dir, vkey }).fault, undefined, 'as it was found');
  const opened = await openTestJournal(dir, { now: Date.now });
  const ids = new Map<string, number>();
  for await (const entry of opened.entries(from)) if (entry.kind === 'decided') ids.set(entry.id, entry.seq);
  for (const seq of [...ids.values()].slice(-20)) await opened.bodies(seq);
  await opened.close();
  const report = verifyJournal({ dir, vkey, checkpoint: opened.newest().checkpoint });
  assert.deepEqual(report.fault, undefined, 'after recovery');
  const { cutBytes, restored } = opened.recovery;
  return { ids, size: opened.newest().size, torn: cutBytes > 0, restored };
}
