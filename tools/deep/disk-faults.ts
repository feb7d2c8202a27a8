import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { callerOf } from '@sallyport/testkit/gateway/house.ts';
import { gatewayNodeFlags } from '../../cli/bin/find-node.js';
import { clientOf, compared, type Place, placeIn, type Running, writeConfig } from './gateway-place.ts';

/**
 * R3, G-3: a real gateway whose disk fails under load: one system call of the journal fails (strace), the file system is
 * full, or becomes read-only. Each has to end in refusals with nothing sent, a process that ends by itself with another
 * status than 0 and says why, and a start that has everything that was acknowledged.
 */
export interface DiskFault {
  readonly name: string;
  /** Arguments of strace; where absent the gateway runs by itself and `strike` does the harm. */
  readonly inject?: readonly string[];
  readonly strike?: (disk: string) => void;
  readonly heal?: (disk: string) => void;
  readonly says: RegExp;
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
    strike: disk => fill(join(disk, 'ballast')),
    heal: disk => rmSync(join(disk, 'ballast')),
    says: /could not be written \(ENOSPC/,
  }),
];

const callers = 8;
const endsWithinMillis = 30_000;

/** Throws if anything is not as it must be. */
export async function runDiskFault(
  of: (place: Place) => DiskFault,
): Promise<{ name: string; acknowledged: number; refused: number; sent: number }> {
  const base = mkdtempSync(join(tmpdir(), 'sallyport-disk-'));
  const disk = join(base, 'disk');
  const place: Place = { ...placeIn(base), stateDir: join(disk, 'state') };
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk]);
  try {
    writeConfig(place);
    const fault = of(place);
    const acknowledged = new Set<string>();
    const first = await startAt(place, fault.inject);
    let refused = 0;
    if (first.running !== undefined) {
      const loops = load(first.running, acknowledged, () => refused++);
      if (fault.strike !== undefined) {
        while (acknowledged.size < callers) await new Promise(setImmediate);
        fault.strike(disk);
      }
      await Promise.all(loops);
    }
    assert.notEqual(await ended(first.child), 0, 'it ends by itself, and not with 0');
    assert.match(readFileSync(first.log, 'utf8'), fault.says);
    fault.heal?.(disk);
    const second = await startAt(place, undefined);
    assert.ok(second.running, readFileSync(second.log, 'utf8'));
    second.child.kill('SIGTERM');
    await ended(second.child);
    const found = await compared(place, acknowledged);
    assert.deepEqual([found.lost, found.undecided], [0, 0], 'nothing acknowledged is lost, nothing undecided was sent');
    return { name: fault.name, acknowledged: found.acknowledged, refused, sent: found.sent };
  } finally {
    execFileSync('umount', ['-l', disk]);
    rmSync(base, { recursive: true, force: true });
  }
}

/** Calls until the gateway answers no more. */
function load(running: Running, acknowledged: Set<string>, onRefusal: () => void): Promise<void>[] {
  return Array.from({ length: callers }, async (_, caller) => {
    const call = callerOf(`${running.url}/mcp/notes`, running.token);
    for (let number = 0; ; number++)
      try {
        const text = `c-${caller}-${number}-${'x'.repeat(2_000)}`;
        const answer = await call('echo', { text });
        if (answer.isError === true) onRefusal();
        else acknowledged.add(text);
      } catch {
        return;
      }
  });
}

interface Begun {
  readonly child: ChildProcess;
  readonly log: string;
  /** Undefined where it did not become ready. */
  readonly running: Running | undefined;
}

async function startAt(place: Place, inject: readonly string[] | undefined): Promise<Begun> {
  const script = resolve(import.meta.dirname, '../../cli/serve.ts');
  const gateway = [
    process.execPath,
    ...gatewayNodeFlags,
    script,
    '--config',
    place.config,
    '--state',
    place.stateDir,
    '--beside',
  ];
  const [command = '', ...args] =
    inject === undefined
      ? gateway
      : ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${writes},fdatasync`, ...inject, ...gateway];
  const log = join(dirname(place.config), `log-${Date.now()}`);
  writeFileSync(log, '');
  mkdirSync(place.stateDir, { recursive: true, mode: 0o700 });
  rmSync(join(place.stateDir, 'gateway.json'), { force: true });
  const fd = openSync(log, 'a');
  // Faults are counted for each thread: one does all the writing.
  const child = spawn(command, args, { stdio: ['ignore', fd, fd], env: { ...process.env, UV_THREADPOOL_SIZE: '1' } });
  closeSync(fd);
  const file = join(place.stateDir, 'gateway.json');
  // It is there before it is written.
  const isWritten = (): boolean => existsSync(file) && readFileSync(file, 'utf8').trimEnd().endsWith('}');
  while (!isWritten() && child.exitCode === null) await new Promise(next => setTimeout(next, 20));
  if (child.exitCode !== null) return { child, log, running: undefined };
  const { url } = JSON.parse(readFileSync(file, 'utf8')) as { url: string };
  return { child, log, running: await clientOf(place, url).catch(() => undefined) };
}

async function ended(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? 128;
  const late = setTimeout(() => child.kill('SIGKILL'), endsWithinMillis);
  return new Promise(done => {
    child.on('exit', (code, signal) => {
      clearTimeout(late);
      assert.notEqual(signal, 'SIGKILL', 'it did not end by itself');
      done(code ?? 128);
    });
  });
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
