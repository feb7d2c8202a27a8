import { type Command, type Example, groups } from './command.ts';
import { columns, widthOf, wrapped } from './format/columns.ts';
import type { Paint } from './format/paint.ts';

/** Help with examples first (https://clig.dev): what most people came for stands at the top. */
export function rootHelp(commands: readonly Command[], paint: Paint, width: number): string {
  const sections = groups.flatMap(group => {
    const rows = commands
      .filter(command => command.group === group)
      .map(command => [`  ${usage(command)}`, command.summary]);
    return rows.length === 0 ? [] : [{ group, rows }];
  });
  // One table, so that the summaries of every group stand in one column.
  const lines = columns(sections.flatMap(({ rows }) => rows)).split('\n');
  const listed = sections.map(({ group, rows }) => `${paint.bold(group)}\n${lines.splice(0, rows.length).join('\n')}`);
  return `${paint.bold('Sallyport')} decides every action of an AI agent at the moment it is made.

${paint.bold('Examples')}
${examples(
  [
    ['sallyport demo', 'watch a theft being denied: scripted agent, real servers, no model'],
    ['sallyport up --config sallyport.yaml', 'start the gateway'],
    ['sallyport tail --follow', 'every decision as it happens'],
    ['sallyport why ID', 'why one was decided as it was'],
  ],
  paint,
  width,
)}

${listed.join('\n\n')}

${globalOptions(paint)}
${paint.bold('Exit status')}
  0 ok or permitted · 1 error · 2 usage · 3 denied · 4 needs approval · 5 tests or replay regressed · 6 unhealthy

\`sallyport COMMAND --help\` has examples of each command. In a checkout: \`npm exec -- sallyport COMMAND\`.
`;
}

export function commandHelp(command: Command, commands: readonly Command[], paint: Paint, width: number): string {
  const own = (command.options ?? []).map(({ flags, text }) => [`  ${flags}`, text]);
  const options = own.length === 0 ? '' : `${paint.bold('Options')}\n${columns(own)}\n\n`;
  const below = commands.filter(other => other.name.startsWith(`${command.name} `)).map(usage);
  const also = below.length === 0 ? '' : `\n${below.map(line => `  sallyport ${line}`).join('\n')}`;
  const about = command.about === undefined ? '' : `\n${inParagraphs(command.about, Math.min(width, proseWidthMax))}\n`;
  return `${paint.bold('Examples')}
${examples(command.examples, paint, width)}

${command.summary[0]?.toUpperCase()}${command.summary.slice(1)}.
${about}
${paint.bold('Usage')}
  sallyport ${usage(command)}${own.length === 0 ? '' : ' [options]'}${also}

${options}${globalOptions(paint)}`;
}

const proseWidthMax = 100;

/** Sources break their lines where their width ends, readers where theirs does. */
function inParagraphs(about: string, width: number): string {
  return about
    .split('\n\n')
    .map(paragraph => wrapped(paragraph.replaceAll('\n', ' '), width))
    .join('\n\n');
}

/** Help of a word that is no command by itself, such as `tools`. */
export function groupHelp(name: string, commands: readonly Command[], paint: Paint, width: number): string {
  const own = commands.filter(command => command.name.startsWith(`${name} `));
  return `${paint.bold('Examples')}
${examples(
  own.flatMap(command => command.examples.slice(0, 1)),
  paint,
  width,
)}

${paint.bold('Usage')}
${columns(own.map(command => [`  sallyport ${usage(command)}`, command.summary]))}
`;
}

function usage({ name, args }: Command): string {
  return args === undefined ? name : `${name} ${args}`;
}

/** Where one of them is too wide for two columns, each purpose stands below its command. */
function examples(rows: readonly Example[], paint: Paint, width: number): string {
  const said = rows.map(([line, purpose]) => [`  ${line}`, paint.faint(`# ${purpose}`)]);
  const beside = columns(said);
  const isWide = beside.split('\n').some(line => widthOf(line) > width);
  return isWide ? said.map(([line, purpose]) => `${line}\n      ${purpose}`).join('\n') : beside;
}

function globalOptions(paint: Paint): string {
  return `${paint.bold('Everywhere')}
${columns([
  ['  --json', 'data as JSON on standard output, with a version member `v`'],
  ['  --state DIR', 'the state directory (also SALLYPORT_STATE; default: the XDG state directory)'],
  ['  -h, --help', 'examples and options'],
])}
`;
}
