import type { Spelled } from './word.ts';

const none = /^(?!)/;

/** Run another command that stands in their own words. */
export const wrappers: Readonly<Record<string, WrapperOptions>> = {
  sudo: { valued: ['-u', '-g', '-h', '-p', '-C', '-T', '-D', '-R', '-U', '-r', '-t'], assigns: true },
  doas: { valued: ['-u', '-C'] },
  env: { valued: ['-u', '-C', '--unset', '--chdir'], assigns: true },
  nohup: {},
  nice: { valued: ['-n', '--adjustment'], plain: /^-\d+$/ },
  ionice: { valued: ['-c', '-n', '-p', '-P', '-u'] },
  chrt: { positional: 1 },
  taskset: { positional: 1 },
  timeout: {
    valued: ['-s', '-k', '--signal', '--kill-after'],
    positional: 1,
    plain: /^(?:-v|--foreground|--preserve-status|--verbose)$/,
  },
  stdbuf: { valued: ['-i', '-o', '-e', '--input', '--output', '--error'], plain: none },
  setsid: {},
  command: { plain: /^-[pvV]$/ },
  builtin: { plain: none },
  exec: { valued: ['-a'] },
  time: { valued: ['-f', '-o', '--format', '--output'], plain: /^-[pv]$/ },
  xargs: {
    valued: ['-I', '-n', '-P', '-L', '-d', '-s', '-E', '-a', '--max-args', '--max-procs', '--delimiter'],
    feeds: true,
    plain: /^(?:-[0rtx]+|--null|--no-run-if-empty|--verbose)$/,
  },
  watch: { valued: ['-n', '--interval'] },
  strace: { valued: ['-e', '-o', '-p', '-s'] },
  ltrace: { valued: ['-e', '-o', '-p', '-s'] },
  unshare: {},
  chroot: { positional: 1 },
  flock: { positional: 1 },
  parallel: { feeds: true },
  busybox: {},
  entr: {},
  proxychains: {},
  torsocks: {},
};

export interface WrapperOptions {
  /** Options that take the next word as their value. */
  readonly valued?: readonly string[];
  /** Words before the command that are not options. */
  readonly positional?: number;
  /** `NAME=value` words may stand before the command. */
  readonly assigns?: boolean;
  /** The command, or more words of it, come from its standard input. */
  readonly feeds?: boolean;
  /** Of one that changes nothing of what its command does: its other options, all of which take no word behind them. */
  readonly plain?: RegExp;
}

/** The command that a wrapper's words hold, after its own options. */
export function behind(
  rest: readonly Spelled[],
  { valued = [], positional = 0, assigns }: WrapperOptions,
): readonly Spelled[] {
  let at = 0;
  let skip = positional;
  for (; at < rest.length; at++) {
    const text = rest[at]?.text ?? '';
    if (text === '--') {
      at += 1 + skip;
      break;
    }
    if (text.startsWith('-') && text.length > 1) at += valued.includes(text) ? 1 : 0;
    else if (assigns === true && /^\w+=/.test(text)) continue;
    else if (skip > 0) skip--;
    else break;
  }
  return rest.slice(at);
}

/**
 * Its command is for certain the one that `behind` finds, and all that happens. An option that nobody knows, a shortened one
 * and a cluster may take the word behind them, so that another word than it seems is the command.
 */
export function isPlainWrapper(program: string, rest: readonly Spelled[]): boolean {
  const options = Object.hasOwn(wrappers, program) ? wrappers[program] : undefined;
  if (options?.plain === undefined) return false;
  const { plain, valued = [] } = options;
  const own = rest.slice(0, rest.length - behind(rest, options).length);
  return own.every(({ text, pattern }, at) => {
    if (pattern) return false;
    if (!text.startsWith('-') || text === '--' || plain.test(text) || valued.includes(text)) return true;
    if (valued.includes(own[at - 1]?.text ?? '')) return true;
    return valued.some(option => text.startsWith(option.startsWith('--') ? `${option}=` : option));
  });
}
