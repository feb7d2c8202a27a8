import assert from 'node:assert/strict';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JournalFault } from '@sallyport/gateway/journal/fault.ts';
import { verifyJournal } from '@sallyport/gateway/journal/verify/verify.ts';
import { openTestJournal, recordCalls } from '../journal/calls.ts';
import { type Random, seeded } from '../random.ts';
import { mutated } from './mutate.ts';

export interface RecoveryReport {
  readonly seed: number;
  readonly runs: number;
  /** Starts that refused, and those that went on with what they were sure of. */
  readonly refused: number;
  readonly opened: number;
}

/** What may lie about on a disk: everything but the keys, which who alters them has anyhow. */
const places = ['log/checkpoint', 'log/entries', 'log/tile', 'batches', 'published'];

/**
 * Journals of which one file was changed, cut or removed, and then started: either the start refuses with a reason, or what
 * was signed for is there unaltered and the record verifies, but for a tile that was harmed. Nothing else, and no other error.
 */
export async function fuzzRecovery(runs: number, seed: number): Promise<RecoveryReport> {
  const random = seeded(seed);
  const base = mkdtempSync(join(tmpdir(), 'sallyport-recovery-'));
  const total = { seed, runs, refused: 0, opened: 0 };
  try {
    const original = join(base, 'original');
    const { entries, checkpoint, vkey } = await made(original);
    for (let run = 0; run < runs; run++) {
      const dir = join(base, String(run));
      cpSync(original, dir, { recursive: true });
      const harmed = harm(dir, random);
      const after = await started(dir, `seed ${seed}, run ${run}, ${harmed}`);
      if (after === undefined) total.refused++;
      else {
        total.opened++;
        assert.deepEqual(
          after.slice(0, entries.length),
          entries,
          `seed ${seed}, run ${run}, ${harmed}: something signed for is another`,
        );
        const { fault } = verifyJournal({ dir, vkey, checkpoint });
        // Tiles are for readers and decide nothing: a start does not read them, and whoever verifies is told.
        const isTile = fault?.file.startsWith('tile/') === true && harmed.startsWith('log/tile/');
        assert.ok(fault === undefined || isTile, `seed ${seed}, run ${run}, ${harmed}: ${JSON.stringify(fault)}`);
      }
      rmSync(dir, { recursive: true });
    }
  } finally {
    rmSync(base, { recursive: true });
  }
  return total;
}

async function made(dir: string): Promise<{ entries: string[]; checkpoint: string; vkey: string }> {
  const first = await openTestJournal(dir);
  await recordCalls(first, 140);
  await first.close();
  const entries: string[] = [];
  const opened = await openTestJournal(dir);
  for await (const entry of opened.entries()) entries.push(JSON.stringify(entry));
  await opened.close();
  // As a crash leaves a file that was laid out.
  const [batches = ''] = filesBelow(dir, 'batches');
  appendFileSync(join(dir, batches), Buffer.alloc(4_096));
  return { entries, checkpoint: opened.newest().checkpoint, vkey: opened.vkey };
}

/** All entries, or undefined if the start refused with a reason. */
async function started(dir: string, what: string): Promise<string[] | undefined> {
  try {
    const opened = await openTestJournal(dir);
    try {
      await recordCalls(opened, 1);
      const entries: string[] = [];
      for await (const entry of opened.entries()) entries.push(JSON.stringify(entry));
      return entries;
    } finally {
      await opened.close();
    }
  } catch (thrown) {
    assert.ok(thrown instanceof JournalFault, `${what}: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
    return undefined;
  }
}

/** Changes one file; says which and how. */
function harm(dir: string, random: Random): string {
  const files = places.flatMap(place => filesBelow(dir, place));
  const file = files[random.below(files.length)] ?? '';
  const path = join(dir, file);
  const bytes = readFileSync(path);
  const kind = random.below(4);
  if (kind === 0) rmSync(path);
  else if (kind === 1) writeFileSync(path, bytes.subarray(0, random.below(bytes.length + 1)));
  else if (kind === 2) writeFileSync(path, Buffer.concat([bytes, mutated([bytes.subarray(0, 200)], random)]));
  else {
    const at = random.below(Math.max(1, bytes.length));
    const part = mutated([bytes.subarray(at, at + 64)], random);
    writeFileSync(path, Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at + 64)]));
  }
  return `${file} ${['removed', 'cut', 'longer', 'changed'][kind]}`;
}

function filesBelow(dir: string, place: string): string[] {
  if (!statSync(join(dir, place)).isDirectory()) return [place];
  return readdirSync(join(dir, place), { withFileTypes: true }).flatMap(item =>
    item.isDirectory() ? filesBelow(dir, `${place}/${item.name}`) : [`${place}/${item.name}`],
  );
}
