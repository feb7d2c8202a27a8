import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { signalGroup } from './group.ts';

/**
 * A gateway that is killed outright cannot end its children. Of each child a file by its process id holds its start time, so that the
 * next gateway can end what the last one left behind, and nobody else who was given the same number since. They lie apart from the
 * folders that servers run in, which are open to agents: whoever writes there names no process that is ended. The number of their own folder
 * stands in them as well: a copy of the state that is started beside its original ends none of the original's.
 * Only where there is `/proc`; elsewhere children end when they find their standard input closed, or not at all.
 */
export function noteChild(stateDir: string, pid: number): void {
  const stat = statOf(pid);
  if (stat === undefined) return;
  const folder = notesIn(stateDir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(noteOf(stateDir, pid), `${stat.started} ${statSync(folder).ino}\n`, { mode: 0o600 });
}

export function forgetChild(stateDir: string, pid: number): void {
  forget(noteOf(stateDir, pid));
}

/** Ends the groups of all children that an earlier gateway with this state directory noted. Returns how many lived. */
export function endOrphans(stateDir: string): number {
  let ended = 0;
  for (const name of namesIn(notesIn(stateDir))) {
    const pid = /^[1-9][0-9]{0,9}$/.test(name) ? Number(name) : undefined;
    const stat = pid === undefined ? undefined : statOf(pid);
    const note = join(notesIn(stateDir), name);
    const isOurs = stat?.leads === true && stat.started === startedIn(note);
    forget(note);
    if (pid !== undefined && isOurs && signalGroup(pid, 'SIGKILL')) ended++;
  }
  return ended;
}

function forget(note: string): void {
  try {
    rmSync(note, { recursive: true, force: true });
  } catch {
    // A disk that takes nothing any more: nobody else ever starts at the time that it names.
  }
}

function notesIn(stateDir: string): string {
  return join(stateDir, 'children');
}

function noteOf(stateDir: string, pid: number): string {
  return join(notesIn(stateDir), String(pid));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw thrown;
  }
}

const noteBytesMax = 64;

/** What is no note says nothing, nor one of another folder. Earlier versions named none. */
function startedIn(note: string): string | undefined {
  const stats = lstatSync(note);
  if (!stats.isFile() || stats.size > noteBytesMax) return undefined;
  const [started, folder] = readFileSync(note, 'utf8').trim().split(' ');
  return folder === undefined || folder === String(statSync(dirname(note)).ino) ? started : undefined;
}

interface Stat {
  /** Whether it leads its process group and its session, as every child does. */
  readonly leads: boolean;
  /** Clock ticks since the machine started. */
  readonly started: string;
}

/** Fields 5, 6 and 22 of `/proc/PID/stat`, counted from behind the command's name, which may hold anything (proc(5)). */
function statOf(pid: number): Stat | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [group, session, started = ''] = [fields[2], fields[3], fields[19]];
    return { leads: group === String(pid) && session === String(pid), started };
  } catch {
    return undefined;
  }
}
