import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signalGroup } from './group.ts';
import type { Place } from './place.ts';

/**
 * A gateway that is killed outright cannot end its children. Each child's process id and start time stand in its folder,
 * so that the next gateway can end what the last one left behind, and nobody else who was given the same number since.
 * Only where there is `/proc`; elsewhere children end when they find their standard input closed, or not at all.
 */
export function noteChild(place: Place, pid: number): void {
  const started = startOf(pid);
  if (started === undefined) return;
  forget(place.root);
  writeFileSync(noteIn(place.root), `${pid} ${started}\n`, { mode: 0o600, flag: 'wx' });
}

export function forgetChild(place: Place): void {
  forget(place.root);
}

/** Ends the groups of all children that an earlier gateway with this state directory noted. Returns how many lived. */
export function endOrphans(stateDir: string): number {
  let ended = 0;
  for (const root of foldersIn(join(stateDir, 'servers')).flatMap(foldersIn)) {
    const [pid, started] = noted(root);
    forget(root);
    if (started !== undefined && startOf(Number(pid)) === started && signalGroup(Number(pid), 'SIGKILL')) ended++;
  }
  return ended;
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => join(folder, name));
}

const noteBytesMax = 64;

/** Process id and start time. A server can put anything in the place of its note: what is no note says nothing. */
function noted(root: string): readonly string[] {
  const note = noteIn(root);
  const stats = lstatSync(note, { throwIfNoEntry: false });
  return stats?.isFile() && stats.size <= noteBytesMax ? readFileSync(note, 'utf8').trim().split(' ') : [];
}

function forget(root: string): void {
  try {
    rmSync(noteIn(root), { recursive: true, force: true });
  } catch {
    // Whoever keeps something there is not started again: no note can be written.
  }
}

function noteIn(root: string): string {
  return join(root, 'child');
}

/** Field 22 of `/proc/PID/stat`, counted from behind the command's name, which may hold anything (proc(5)). */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
