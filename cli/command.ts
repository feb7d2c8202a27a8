import type { Api } from './api.ts';
import { CliError, type ExitStatus, usageError } from './exit.ts';
import type { Paint } from './format/paint.ts';
import type { Terminal } from './terminal.ts';

/** One command. `main.ts` parses, calls `run` and prints what it answers; a command file says only what is its own. */
export interface Command {
  /** `tools diff` */
  readonly name: string;
  readonly group: Group;
  /** As commander writes them: `<id>`, `[tool]`, `[words...]`. */
  readonly args?: string;
  readonly summary: string;
  /** More than the summary, where it is needed. */
  readonly about?: string;
  readonly examples: readonly Example[];
  readonly options?: readonly Option[];
  /** What its words may be, where that is a short list: shells offer them. */
  readonly choices?: () => readonly string[];
  /** It watches for Ctrl-C itself; every other command is left at once. */
  readonly endsItself?: boolean;
  readonly run: (given: Given) => Promise<Outcome>;
}

export const groups = ['Run', 'See', 'Decide', 'Policy', 'Catalogue', 'Evidence', 'Connect'] as const;
export type Group = (typeof groups)[number];

/** A command line, and what it is for. */
export type Example = readonly [line: string, purpose: string];

export interface Option {
  /** `-f, --follow`, `--agent <id>`, `--tool <tool...>` */
  readonly flags: string;
  readonly text: string;
}

/** What a command came to. With `--json` only `json` is printed; otherwise `text` to standard output, the rest to people. */
export interface Outcome {
  readonly status?: ExitStatus;
  /** Printed as `{"v":1,…}` on one line. Undefined where the command wrote its data itself (`tail`, `mcp`). */
  readonly json?: object;
  readonly text?: string;
  /** Said on standard error, after the data. */
  readonly notes?: readonly string[];
}

/** What the user gave, and what every command may use. */
export interface Given {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly json: boolean;
  readonly terminal: Terminal;
  readonly paint: Paint;
  readonly stateDir: string;
  /** A text with the commands in it as they have to be typed here. What is printed is so anyway; what stands in `json` is not. */
  readonly typed: (text: string) => string;
  /** The control API of the gateway that runs on this state; throws `not-running` where none does. */
  readonly api: () => Promise<Api>;
}

export function arg(given: Given, index: number): string {
  return given.args[index] ?? '';
}

export function text(given: Given, name: string): string | undefined {
  const value = given.options[name];
  return typeof value === 'string' ? value : undefined;
}

export function flag(given: Given, name: string): boolean {
  return given.options[name] === true;
}

export function list(given: Given, name: string): readonly string[] | undefined {
  const value = given.options[name];
  return Array.isArray(value) ? value.map(String) : undefined;
}

/** A whole number of at least 1, such as a count, seconds or bytes. */
export function count(given: Given, name: string, least: 0 | 1 = 1): number | undefined {
  const value = text(given, name);
  if (value === undefined) return undefined;
  if (/^(0|[1-9][0-9]{0,14})$/.test(value) && Number(value) >= least) return Number(value);
  throw usageError(`--${name} must be a whole number of at least ${least}, not ${JSON.stringify(value.slice(0, 40))}`);
}

/**
 * Asks before something that cannot be taken back or that loosens. Without a terminal nothing is asked and nothing is
 * done unless `--yes` was given.
 */
export async function confirmed(given: Given, question: string): Promise<void> {
  if (flag(given, 'yes')) return;
  if (!given.terminal.isInteractive)
    throw usageError(`${question} This needs a yes, and nobody can be asked here.`, 'Add --yes if you are sure.');
  const answer = await given.terminal.ask(`${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('declined', 'nothing was changed');
}

export const dryRunOption: Option = { flags: '--dry-run', text: 'show what would be done, and do nothing' };
export const yesOption: Option = { flags: '-y, --yes', text: 'do not ask' };
