import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Waits for the end of whoever started it, however it came, and then ends what was noted below the folder, and removes that. */
const script = `cat > /dev/null
for group in $(cat "$1/groups" 2> /dev/null); do kill -s KILL -- "-$group" 2> /dev/null; done
gateway=$(sed -n 's/.*"pid": *\\([0-9]*\\).*/\\1/p' "$1/home/.local/state/sallyport/gateway.json" 2> /dev/null)
[ -n "$gateway" ] && kill -s KILL "$gateway" 2> /dev/null
sleep 1
rm -rf "$1"`;

export interface Afterwards {
  /** A process group runs that is to be ended as well. */
  readonly begun: (group: number) => void;
  readonly ended: (group: number) => void;
  /** Everything has been ended in order: the folder alone is left. */
  readonly done: () => void;
}

/** Nothing is left running and nothing left lying below `folder`, not even where this process is killed. */
export function tidyAfterwards(folder: string): Afterwards {
  const child = spawn('/bin/sh', ['-c', script, 'sh', folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.on('error', () => {});
  child.unref();
  const groups = new Set<number>();
  // Only what runs is named: the number of what ended may be somebody else's by then.
  const name = (): void => writeFileSync(join(folder, 'groups'), [...groups, ''].join('\n'));
  return {
    begun: group => {
      groups.add(group);
      name();
    },
    ended: group => {
      groups.delete(group);
      name();
    },
    done: () => void child.stdin.end(),
  };
}
