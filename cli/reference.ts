import { type Command, groups } from './command.ts';

/** `docs/reference/cli.md`: every command as its help tells it, so that document and program cannot differ. */
export function cliReference(commands: readonly Command[]): string {
  const sections = groups.flatMap(group => {
    const own = commands.filter(command => command.group === group);
    return own.length === 0 ? [] : [`## ${group}\n\n${own.map(commandText).join('\n\n')}`];
  });
  return `# The command line

<!-- Written by \`npm run docs\` from the commands themselves; change those. -->

    sallyport COMMAND [arguments] [options]        in a checkout: npm exec -- sallyport COMMAND …

Standard output is data, standard error is for people. Every command takes \`--json\` (one object, or one a line where
there are many, each with a version member \`v\`), \`--state DIR\` (also \`SALLYPORT_STATE\`; default the XDG state directory) and
\`--help\`. Nothing needs a terminal: what would be asked there needs \`--yes\` elsewhere. There is no colour without a terminal,
or with \`NO_COLOR\`. No secret is ever taken from a flag. An error says what to do next; with \`--json\` it is
\`{"v":1,"error":{"code","message","fix"}}\` on standard output.

| exit status | |
|---|---|
| 0 | ok, or permitted |
| 1 | error, or a person said no |
| 2 | usage |
| 3 | denied (\`try\`) |
| 4 | needs approval (\`try\`) |
| 5 | policy tests failed |
| 6 | nothing runs, something is not well, or the record was altered |

${sections.join('\n\n')}
`;
}

function commandText({ name, args, summary, about, examples, options }: Command): string {
  const usage = `    sallyport ${name}${args === undefined ? '' : ` ${args}`}`;
  const table = (options ?? []).map(({ flags, text }) => `| \`${cell(flags)}\` | ${cell(text)} |`);
  return [
    `### ${name}`,
    `${summary[0]?.toUpperCase()}${summary.slice(1)}.`,
    usage,
    ...(about === undefined ? [] : [about]),
    ...(table.length === 0 ? [] : [['| option | |', '|---|---|', ...table].join('\n')]),
    examples.map(([line, purpose]) => `- \`${line}\` – ${purpose}`).join('\n'),
  ].join('\n\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
