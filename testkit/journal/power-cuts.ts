import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JournalFault } from '@sallyport/gateway/journal/fault.ts';
import { verifyJournal } from '@sallyport/gateway/journal/verify/verify.ts';
import { seeded } from '../random.ts';
import { openTestJournal } from './calls.ts';

export interface CutReport {
  readonly seed: number;
  readonly cuts: number;
  readonly acknowledged: number;
  readonly lost: number;
  /** Starts that refused: the journal saw by itself that something is missing. */
  readonly refused: number;
  readonly torn: number;
  readonly restored: number;
  /** Cuts while batches were written over zeros that had been laid out. */
  readonly overZeros: number;
}

/** Why power cuts cannot be played here; undefined if they can. */
export function cutsNotPossible(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux, for loop mounts';
  if (!existsSync('/dev/loop-control')) return 'this kernel has no loop devices';
  return undefined;
}

/**
 * R5, threats 6.1: what a program never flushed to its disk is absent from a copy of that disk. A writer on a file
 * system of its own is stopped at a random instant, the image is copied, and the copy is mounted as after a reboot. With
 * `lies` the writer's disk does not flush: then entries must be missing, or the method shows nothing.
 */
export async function cutPower(
  cuts: number,
  seed: number,
  lies: boolean,
  goesOn: (done: number) => boolean = () => true,
): Promise<CutReport> {
  const random = seeded(seed);
  const total = { seed, cuts: 0, acknowledged: 0, lost: 0, refused: 0, torn: 0, restored: 0, overZeros: 0 };
  for (; total.cuts < cuts && goesOn(total.cuts); total.cuts++) {
    const base = mkdtempSync(join(tmpdir(), 'sallyport-cut-'));
    try {
      const ids = await writeAndCut(base, 1 + random.below(32), 100 + random.next() * 1_900, lies);
      const found = await afterReboot(base);
      total.acknowledged += ids.length;
      total.lost += ids.filter(id => !found.ids.has(id)).length;
      total.refused += found.refused ? 1 : 0;
      total.torn += found.torn ? 1 : 0;
      total.restored += found.restored;
      total.overZeros += found.overZeros ? 1 : 0;
    } finally {
      rmSync(base, { recursive: true });
    }
  }
  return total;
}

/** Leaves `cut.img` in `base`, and returns what the writer had been told is durable at that instant. */
async function writeAndCut(base: string, inFlight: number, millis: number, lies: boolean): Promise<string[]> {
  const [image, live] = [join(base, 'disk.img'), join(base, 'live')];
  mkdirSync(live);
  writeFileSync(image, '');
  truncateSync(image, 512 * 1024 * 1024);
  run('mkfs.ext4', '-q', '-F', image);
  // No journal commit of the file system's own accord: only what is flushed reaches the image.
  run('mount', '-o', 'loop,commit=600', image, live);
  const program = [join(import.meta.dirname, 'kill-writer.ts'), join(live, 'journal'), String(inFlight)];
  const writer = spawn(process.execPath, [...program, ...(lies ? ['no-sync'] : [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    let printed = '';
    const begun = Promise.withResolvers<void>();
    writer.stdout.on('data', (piece: Buffer) => {
      printed += piece.toString('utf8');
      begun.resolve();
    });
    await begun.promise;
    await new Promise(resolve => setTimeout(resolve, millis));
    writer.kill('SIGSTOP');
    while (!/\) T /.test(readFileSync(`/proc/${writer.pid}/stat`, 'utf8'))) await new Promise(setImmediate);
    cpSync(image, join(base, 'cut.img'));
    writer.kill('SIGKILL');
    await once(writer, 'close');
    return printed.split('\n').slice(0, -1);
  } finally {
    writer.kill('SIGKILL');
    run('umount', live);
  }
}

async function afterReboot(base: string) {
  const [image, dead] = [join(base, 'cut.img'), join(base, 'dead')];
  mkdirSync(dead);
  run('mount', '-o', 'loop', image, dead);
  try {
    const files = readdirSync(join(dead, 'journal', 'batches'));
    return { ...(await reopened(join(dead, 'journal'))), overZeros: files.length > 1 };
  } catch (thrown) {
    if (!(thrown instanceof JournalFault)) throw thrown;
    return { ids: new Set<string>(), refused: true, torn: false, restored: 0, overZeros: false };
  } finally {
    run('umount', dead);
  }
}

async function reopened(dir: string) {
  const opened = await openTestJournal(dir, { now: Date.now });
  const ids = new Set<string>();
  let last = -1;
  for await (const entry of opened.entries()) {
    ids.add(entry.id);
    if (entry.commitments !== undefined) last = entry.seq;
  }
  if (last >= 0) await opened.bodies(last);
  await opened.close();
  const { fault } = verifyJournal({ dir, vkey: opened.vkey, checkpoint: opened.newest().checkpoint });
  if (fault !== undefined) throw new Error(`${fault.file}, byte ${fault.offset}: ${fault.what}`);
  return { ids, refused: false, torn: opened.recovery.cutBytes > 0, restored: opened.recovery.restored };
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
