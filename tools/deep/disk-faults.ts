import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endOf, load, type Place, placeIn, startIn, stop, writeConfig } from './gateway-place.ts';
import { compared } from './record-of.ts';

/**
 * R3, G-3: a real gateway whose disk fails under load: one system call of the journal fails (strace), the file system is
 * full, or becomes read-only. Each has to end in refusals with nothing sent, a process that ends by itself with another
 * status than 0 and says why, and a start that has everything that was acknowledged.
 */
export interface DiskFault {
  readonly name: string;
  /** Arguments of strace; where absent the gateway runs by itself and `strike` does the harm. */
  readonly inject?: readonly string[];
  readonly strike?: (disk: Disk) => void;
  readonly heal?: (disk: Disk) => void;
  readonly says: RegExp;
  /** What a start says before it is healed. A full disk may have room for one. */
  readonly refusesStart?: RegExp;
  /**
   * Writes that it had confirmed may be gone once it is healed. ext4 gives up its own journal and then refuses: what is written in
   * between is confirmed (`jbd2_complete_transaction` does not ask whether the journal was given up), and e2fsck takes it back.
   */
  readonly takesBack?: true;
}

export interface DiskFaultReport {
  readonly name: string;
  readonly acknowledged: number;
  readonly lost: number;
  readonly refused: number;
  readonly sent: number;
  readonly undecided: number;
  /** Bytes of the batch file that were there before it was healed, and are not after. */
  readonly takenBack: number;
}

const batches = (place: Place): string => join(place.stateDir, 'journal', 'batches', '000000000000');
const writes = 'write,writev,pwrite64,pwritev';
const write = (place: Place, inject: string): string[] => ['-P', batches(place), '-e', `inject=${writes}:${inject}`];

export const diskFaults: readonly ((place: Place) => DiskFault)[] = [
  ...[1, 2, 5, 30].map(
    nth =>
      (place: Place): DiskFault => ({
        name: `EIO at write ${nth} of the batch file`,
        inject: write(place, `error=EIO:when=${nth}+`),
        says: /could not be written \(EIO/,
      }),
  ),
  place => ({
    name: 'one EIO and then a disk that works again',
    inject: write(place, 'error=EIO:when=20'),
    says: /could not be written \(EIO/,
  }),
  place => ({
    name: 'ENOSPC for the journal alone',
    inject: write(place, 'error=ENOSPC:when=10+'),
    says: /could not be written \(ENOSPC/,
  }),
  () => ({
    name: 'EIO at the sync before a checkpoint',
    inject: ['-e', 'inject=fdatasync:error=EIO:when=2+'],
    says: /could not be written \(EIO/,
  }),
  () => ({
    name: 'the file system is full',
    strike: ({ path }) => fill(join(path, 'ballast')),
    heal: ({ path }) => rmSync(join(path, 'ballast')),
    says: /could not be written \(ENOSPC/,
  }),
  () => ({
    name: 'the file system has become read-only',
    strike: ({ device }) => writeFileSync(`/sys/fs/ext4/${device}/trigger_fs_error`, 'struck'),
    heal: mended,
    says: /could not be written \(E(?:ROFS|IO)/,
    refusesStart: /EROFS|read-only|readonly/,
    takesBack: true,
  }),
];

/** Throws if anything is not as it must be. */
export async function runDiskFault(of: (place: Place) => DiskFault): Promise<DiskFaultReport> {
  const base = mkdtempSync(join(tmpdir(), 'sallyport-disk-'));
  const disk = mountedIn(base);
  const place: Place = { ...placeIn(base), stateDir: join(disk.path, 'state') };
  try {
    writeConfig(place);
    const fault = of(place);
    const acknowledged = new Set<string>();
    // Faults are counted for each thread: one does all the writing.
    await using first = await startIn(place, fault.inject && [...strace, ...fault.inject], { UV_THREADPOOL_SIZE: '1' });
    let refused = 0;
    if (first.running !== undefined) {
      const loops = load(first.running, acknowledged);
      if (fault.strike !== undefined) {
        while (acknowledged.size < 8) await new Promise(setImmediate);
        fault.strike(disk);
      }
      refused = await loops;
    }
    assert.notEqual(await endOf(first), 0, 'it ends by itself, and not with 0');
    assert.match(first.log(), fault.says);
    assert.doesNotMatch(first.log(), /^Node\.js v/m, 'it ends in order, not by what nobody caught');
    if (fault.refusesStart !== undefined) {
      await using still = await startIn(place);
      assert.equal(still.running, undefined, 'it does not start before the disk is well');
      assert.match(still.log(), fault.refusesStart);
    }
    const before = readFileSync(batches(place), 'latin1');
    fault.heal?.(disk);
    const takenBack = before.length - statSync(batches(place)).size;
    await using second = await startIn(place);
    assert.ok(second.running, second.log());
    await stop(second);
    const found = await compared(place, acknowledged);
    const unexplained = found.missing.filter(each => fault.takesBack !== true || !before.includes(each));
    assert.deepEqual(unexplained, [], 'nothing acknowledged is lost, nothing undecided was sent');
    const { lost, undecided, sent } = found;
    return { name: fault.name, acknowledged: found.acknowledged, lost, refused, sent, undecided, takenBack };
  } finally {
    execFileSync('umount', ['-l', disk.path]);
    rmSync(base, { recursive: true, force: true });
  }
}

const strace = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${writes},fdatasync`];

interface Disk {
  readonly path: string;
  readonly image: string;
  /** `loop3` */
  readonly device: string;
}

/** A small file system of its own, which no longer lets itself be written to once it finds an error. */
function mountedIn(base: string): Disk {
  const [path, image] = [join(base, 'disk'), join(base, 'disk.img')];
  mkdirSync(path);
  writeFileSync(image, '');
  truncateSync(image, 32 * 1024 * 1024);
  execFileSync('mkfs.ext4', ['-q', '-F', image]);
  return mounted(path, image);
}

function mounted(path: string, image: string): Disk {
  execFileSync('mount', ['-o', 'loop,errors=remount-ro', image, path]);
  const source = execFileSync('findmnt', ['-n', '-o', 'SOURCE', path], { encoding: 'utf8' });
  return { path, image, device: source.trim().replace('/dev/', '') };
}

function mended({ path, image }: Disk): void {
  execFileSync('umount', [path]);
  try {
    execFileSync('e2fsck', ['-f', '-y', image], { stdio: 'ignore' });
  } catch (thrown) {
    // 1: errors were found and corrected (e2fsck(8)).
    assert.equal((thrown as { status?: number }).status, 1);
  }
  mounted(path, image);
}

function fill(file: string): void {
  const fd = openSync(file, 'w');
  try {
    for (;;) writeFileSync(fd, Buffer.alloc(64 * 1024));
  } catch (thrown) {
    assert.equal((thrown as NodeJS.ErrnoException).code, 'ENOSPC');
  } finally {
    closeSync(fd);
  }
}
