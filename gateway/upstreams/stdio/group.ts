/**
 * Process groups of our own children. Every child leads a group, so that whatever it starts can be ended with it.
 *
 * Known gap: a grandchild that leaves its group (`setsid`) is out of reach without cgroups.
 */

const living = new Set<number>();
let watching = false;

/** Remembers a group until it is buried; if the gateway exits before, the group is killed on the way out. */
export function watchGroup(leader: number): void {
  living.add(leader);
  if (watching) return;
  watching = true;
  process.on('exit', () => {
    for (const each of living) signalGroup(each, 'SIGKILL');
  });
}

/** Ends what is left of a group whose leader has exited. */
export function buryGroup(leader: number): void {
  signalGroup(leader, 'SIGKILL');
  living.delete(leader);
}

/** False if nobody of the group is left. */
export function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  try {
    // Windows has no process groups; there only the child itself is reached.
    process.kill(process.platform === 'win32' ? leader : -leader, signal);
    return true;
  } catch {
    return false;
  }
}
