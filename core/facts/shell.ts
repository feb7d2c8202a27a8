/**
 * What a shell command would do, as far as its text shows (threat C-9).
 *
 * `readOnly` and `routine` are allow-lists and may carry a permit: every program is known, does what the list says, and
 * got only words that are known. The other flags are lists of what is known to do something and carry a `forbid` or a question: that a flag is
 * false proves nothing about a program that nobody knows.
 */
export interface ShellFacts {
  /** Some argument of this action is a shell command. */
  readonly present: boolean;
  /** The text does not show everything that will run: a parse error, a program named by an expansion, too deep. */
  readonly unclear: boolean;
  readonly readOnly: boolean;
  /**
   * Builds, tests, checks, formats or records the project in this folder, looks at what it runs on (a cluster, containers, a
   * plan, a review), or only reads. Another allow-list.
   */
  readonly routine: boolean;
  /** Base names of the programs, those behind `sudo`, `env`, `xargs`, `bash -c` and substitutions included. */
  readonly commands: readonly string[];
  /** How many commands in all, the same program twice counted twice. */
  readonly count: number;
  /** Talks to another machine: fetches, connects, clones, installs. */
  readonly network: boolean;
  /** Hosts that stand in the text, in lower case. */
  readonly hosts: readonly string[];
  /** Runs a program text: `python -c`, `node -e`, `eval`, `source`, a shell that reads its standard input. */
  readonly interprets: boolean;
  /** Installs software. */
  readonly installs: boolean;
  /** Acts as somebody else: `sudo`, `su`, `doas`, or changes who may do what on a file. */
  readonly escalates: boolean;
  readonly deletes: boolean;
  /** Stays after the command: a scheduled job, a service, a file that a shell or a login runs. */
  readonly persists: boolean;
  readonly background: boolean;
  /** Files that are written, as far as they are spelled out. */
  readonly writes: readonly string[];
  /** Words that look like paths, those in `writes` included. */
  readonly paths: readonly string[];
}

export const noShell: ShellFacts = {
  present: false,
  unclear: false,
  readOnly: false,
  routine: false,
  commands: [],
  count: 0,
  network: false,
  hosts: [],
  interprets: false,
  installs: false,
  escalates: false,
  deletes: false,
  persists: false,
  background: false,
  writes: [],
  paths: [],
};

/** A command of which nothing is known but that it is there. */
export const unclearShell: ShellFacts = { ...noShell, present: true, unclear: true };

/** Two commands of one action: what either does is done. */
export function bothShell(one: ShellFacts, other: ShellFacts): ShellFacts {
  if (!one.present) return other;
  if (!other.present) return one;
  return {
    present: true,
    unclear: one.unclear || other.unclear,
    readOnly: one.readOnly && other.readOnly,
    routine: one.routine && other.routine,
    commands: union(one.commands, other.commands),
    count: one.count + other.count,
    network: one.network || other.network,
    hosts: union(one.hosts, other.hosts),
    interprets: one.interprets || other.interprets,
    installs: one.installs || other.installs,
    escalates: one.escalates || other.escalates,
    deletes: one.deletes || other.deletes,
    persists: one.persists || other.persists,
    background: one.background || other.background,
    writes: union(one.writes, other.writes),
    paths: union(one.paths, other.paths),
  };
}

function union(one: readonly string[], other: readonly string[]): string[] {
  return [...new Set([...one, ...other])];
}
