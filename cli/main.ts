import { resolve } from 'node:path';
import { defaultStateDir } from '@sallyport/gateway/app/host/state-dir.ts';
import { Command as Commander, CommanderError } from 'commander';
import { openApi } from './api.ts';
import type { Command, Given, Outcome } from './command.ts';
import { commandsFor } from './commands.ts';
import { asCliError } from './errors.ts';
import { CliError, exit, usageError } from './exit.ts';
import { paintFor } from './format/paint.ts';
import { asTyped } from './format/typed.ts';
import { commandHelp, groupHelp, rootHelp } from './help.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

const interrupted = 130;

/** Runs one command line (without the program's own name); resolves to the exit status. Never throws. */
export async function main(argv: readonly string[], terminal: Terminal, own?: readonly Command[]): Promise<number> {
  let chosen: Chosen | undefined;
  try {
    chosen = parse(argv, terminal, own ?? (await commandsFor(argv)));
    if (chosen === undefined) return exit.ok;
    const given = givenFor(chosen, terminal);
    const running = chosen.command.run(given);
    const outcome = chosen.command.endsItself ? await running : await orInterrupted(running, terminal.signal);
    return print(outcome, given);
  } catch (thrown) {
    return printError(withNextStep(thrown, chosen?.command), argv, terminal);
  }
}

/** What was typed wrong leads to the help of its command where it says nothing better. */
function withNextStep(thrown: unknown, command: Command | undefined): unknown {
  if (command === undefined || !(thrown instanceof CliError)) return thrown;
  const { code, message, fix, status, field } = thrown;
  if (status !== exit.usage || fix !== undefined) return thrown;
  return new CliError(code, message, `See \`sallyport ${command.name} --help\`.`, status, field);
}

interface Chosen {
  readonly command: Command;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** Undefined where the command line asked for help or the version, which is printed then. */
function parse(argv: readonly string[], terminal: Terminal, commands: readonly Command[]): Chosen | undefined {
  let chosen: Chosen | undefined;
  const program = new Commander('sallyport');
  const quiet = (node: Commander): Commander => node.exitOverride().configureOutput(outputOf(terminal));
  quiet(program)
    .version(version, '-V, --version', 'the version')
    .option('--json', 'data as JSON, with a version member `v`')
    .option('--state <dir>', 'the state directory (also SALLYPORT_STATE)')
    .helpOption('-h, --help', 'examples and options')
    .configureHelp({ formatHelp: () => rootHelp(commands, paintFor(terminal.hasColour), terminal.width) });
  const nodes = new Map<string, Commander>();
  for (const command of [...commands].sort((a, b) => a.name.length - b.name.length)) {
    const node = quiet(nodeFor(command.name, program, nodes, commands, terminal));
    if (command.args !== undefined) node.arguments(command.args);
    for (const { flags, text } of command.options ?? []) node.option(flags, text);
    node.description(command.summary).configureHelp({
      formatHelp: () => commandHelp(command, commands, paintFor(terminal.hasColour), terminal.width),
    });
    node.action(() => {
      const empty = node.registeredArguments.find((_, at) => [node.processedArgs[at]].flat().includes(''));
      if (empty !== undefined)
        throw usageError(`\`${empty.name()}\` is empty`, `See \`sallyport ${command.name} --help\`.`);
      chosen = { command, args: node.processedArgs.flat().filter(isText), options: node.optsWithGlobals() };
    });
  }
  try {
    program.parse(argv, { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode === 0) return undefined;
    if (thrown.code === 'commander.help' && argv.every(word => word.startsWith('-'))) {
      terminal.out(rootHelp(commands, paintFor(terminal.hasColour), terminal.width));
      return undefined;
    }
    throw usageError(...messageOf(thrown, argv, commands));
  }
  return chosen;
}

/** Commander's errors are caught and told in our words; colour is the terminal's to decide. */
function outputOf(terminal: Terminal) {
  return { writeOut: terminal.out, writeErr: () => {}, getOutHasColors: () => terminal.hasColour };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** The node of `tools diff` below the node of `tools`, which is made where no command has that name. */
function nodeFor(
  name: string,
  program: Commander,
  nodes: Map<string, Commander>,
  commands: readonly Command[],
  terminal: Terminal,
): Commander {
  const known = nodes.get(name);
  if (known !== undefined) return known;
  const words = name.split(' ');
  const above = words.slice(0, -1).join(' ');
  const parent = above === '' ? program : nodeFor(above, program, nodes, commands, terminal);
  const node = parent.command(words.at(-1) ?? name);
  node.helpOption('-h, --help', 'examples and options').exitOverride();
  node.configureOutput(outputOf(terminal));
  node.configureHelp({ formatHelp: () => groupHelp(name, commands, paintFor(terminal.hasColour), terminal.width) });
  nodes.set(name, node);
  return node;
}

/** Commander's words for what is wrong, as our two sentences. */
function messageOf(error: CommanderError, argv: readonly string[], commands: readonly Command[]): [string, string] {
  const words = argv.filter(word => !word.startsWith('-'));
  const named = commands
    .map(({ name }) => name)
    .filter(name => words.join(' ').startsWith(name))
    .sort((a, b) => b.length - a.length)[0];
  const group = commands.find(command => command.name.startsWith(`${words[0]} `))?.name.split(' ')[0];
  const about = named ?? group;
  const see = `See \`sallyport ${about === undefined ? '' : `${about} `}--help\`.`;
  if (error.code === 'commander.help') {
    const further = commands.flatMap(({ name }) =>
      name.startsWith(`${about} `) ? [name.slice(`${about} `.length)] : [],
    );
    return [`\`sallyport ${about ?? ''}\` needs a further word: ${further.join(', ')}`, see];
  }
  const text = error.message.replace(/^error: /, '').replaceAll("'", '`');
  const [first = '', second] = text.split('\n');
  return [first, second === undefined ? see : `${second.replace(/^\(|\)$/g, '').replace(/\?$/, '')}? ${see}`];
}

function givenFor({ args, options }: Chosen, terminal: Terminal): Given {
  const named = options.state ?? terminal.env.SALLYPORT_STATE;
  const stateDir = typeof named === 'string' && named !== '' ? named : defaultStateDir(terminal.env);
  return {
    args,
    options,
    json: options.json === true,
    terminal,
    paint: paintFor(terminal.hasColour && options.json !== true),
    stateDir,
    typed: text => asTyped(text, terminal, namedState(options.state, terminal)),
    api: async () => openApi(stateDir),
  };
}

function orInterrupted(running: Promise<Outcome>, signal: AbortSignal): Promise<Outcome> {
  const stop = new Promise<Outcome>((_, reject) => {
    const now = (): void => reject(new Interrupted());
    if (signal.aborted) now();
    else signal.addEventListener('abort', now, { once: true });
  });
  return Promise.race([running, stop]);
}

class Interrupted extends Error {}

function print(outcome: Outcome, { json, terminal, typed }: Given): number {
  if (json && outcome.json !== undefined) terminal.out(`${JSON.stringify({ v: 1, ...outcome.json })}\n`);
  if (!json && outcome.text !== undefined && outcome.text !== '') terminal.out(`${typed(outcome.text)}\n`);
  if (!json) for (const note of outcome.notes ?? []) terminal.err(`${typed(note)}\n`);
  return outcome.status ?? exit.ok;
}

/** What `--state` says, in full: the next command may be typed in another folder. What the environment says holds for that one as well. */
function namedState(given: unknown, { cwd }: Terminal): string | undefined {
  return typeof given === 'string' && given !== '' ? resolve(cwd, given) : undefined;
}

/** The command line may be one that cannot be parsed. */
function printError(thrown: unknown, argv: readonly string[], terminal: Terminal): number {
  const json = argv.includes('--json');
  const [given] = argv.flatMap(
    (word, at) => (word === '--state' ? argv[at + 1] : /^--state=(.*)$/s.exec(word)?.[1]) ?? [],
  );
  const state = namedState(given, terminal);
  if (thrown instanceof Interrupted || terminal.signal.aborted) return interrupted;
  const error = asCliError(thrown);
  const fix = error.fix === undefined ? {} : { fix: asTyped(error.fix, terminal, state) };
  if (json) terminal.out(`${JSON.stringify({ v: 1, error: { code: error.code, message: error.message, ...fix } })}\n`);
  const paint = paintFor(terminal.hasColour && terminal.isLive);
  terminal.err(`${paint.bad('sallyport:')} ${error.message}\n${fix.fix === undefined ? '' : `  ${fix.fix}\n`}`);
  return error.status;
}
