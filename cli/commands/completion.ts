import { arg, type Command, type Given, type Outcome } from '../command.ts';
import { usageError } from '../exit.ts';
import { safeLine } from '../format/safe.ts';

/** It knows every other command, so it is told of them. */
export function completionOf(all: () => Promise<readonly Command[]>): Command {
  return {
    name: 'completion',
    group: 'Run',
    args: '<shell>',
    summary: 'words for your shell to complete: bash, zsh or fish',
    about: 'Prints a script; nothing is written. It knows commands and their options, and asks no gateway.',
    examples: [
      [
        'sallyport completion bash > ~/.local/share/bash-completion/completions/sallyport',
        'for bash, from the next shell on',
      ],
      ['sallyport completion zsh > ~/.zfunc/_sallyport', 'for zsh, where ~/.zfunc stands in fpath'],
      ['sallyport completion fish > ~/.config/fish/completions/sallyport.fish', 'for fish'],
    ],
    choices: () => ['bash', 'zsh', 'fish'],
    run: given => run(given, all),
  };
}

async function run(given: Given, all: () => Promise<readonly Command[]>): Promise<Outcome> {
  const shell = arg(given, 0);
  const words = (await all()).map(wordsOf);
  const scripts = new Map(Object.entries({ bash, zsh, fish }));
  const script = scripts.get(shell);
  if (script === undefined)
    throw usageError(`${safeLine(shell)} is no shell that is known here`, 'There are bash, zsh and fish.');
  return { json: { shell, script: script(words) }, text: script(words).trimEnd() };
}

interface Words {
  /** `tools diff` */
  readonly name: string;
  readonly summary: string;
  readonly choices: readonly string[];
  readonly flags: readonly string[];
}

function wordsOf({ name, summary, options = [], choices = () => [] }: Command): Words {
  const flags = options.flatMap(option => option.flags.match(/--[a-z-]+/g) ?? []);
  return { name, summary, choices: choices(), flags: [...flags, '--json', '--state', '--help'] };
}

/** First words, with the words that may follow each. */
function byFirst(all: readonly Words[]): ReadonlyMap<string, readonly string[]> {
  const groups = Map.groupBy(all, ({ name }) => name.split(' ')[0] ?? '');
  return new Map(
    [...groups].map(([first, each]) => {
      const second = each.flatMap(({ name }) => name.split(' ').slice(1, 2));
      return [first, [...new Set([...second, ...each.flatMap(({ choices, flags }) => [...choices, ...flags])])]];
    }),
  );
}

function bash(all: readonly Words[]): string {
  const cases = [...byFirst(all)].map(([first, words]) => `    ${first}) words='${words.join(' ')}' ;;`);
  return `# Words of sallyport, for bash
_sallyport() {
  local words current="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${[...byFirst(all).keys()].join(' ')}'
  else
    case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    *) words='' ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _sallyport sallyport
`;
}

function zsh(all: readonly Words[]): string {
  const firsts = [...byFirst(all).keys()].map(first => {
    const own = all.find(({ name }) => name === first) ?? all.find(({ name }) => name.startsWith(`${first} `));
    return `    ${quoted(`${first}:${own?.summary ?? ''}`)}`;
  });
  const cases = [...byFirst(all)].map(([first, words]) => `    ${first}) compadd -- ${words.join(' ')} ;;`);
  return `#compdef sallyport
# Words of sallyport, for zsh
_sallyport() {
  local -a commands
  commands=(
${firsts.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
  else
    case $words[2] in
${cases.join('\n')}
    esac
    _files
  fi
}
# As a file of fpath it is run when it is needed; in a script that is sourced it only says what it is for.
if [[ $funcstack[1] == _sallyport ]]; then _sallyport "$@"; else compdef _sallyport sallyport; fi
`;
}

function fish(all: readonly Words[]): string {
  const firsts = [...byFirst(all).keys()];
  const lines = all.flatMap(({ name, summary, choices, flags }) => {
    const [first = '', second] = name.split(' ');
    const own = [
      second === undefined
        ? `complete -c sallyport -n __fish_use_subcommand -a ${first} -d ${quoted(summary)}`
        : `complete -c sallyport -n '__fish_seen_subcommand_from ${first}' -a ${second} -d ${quoted(summary)}`,
    ];
    return [
      ...own,
      ...choices.map(choice => `complete -c sallyport -n '__fish_seen_subcommand_from ${first}' -a ${choice}`),
      ...flags.map(flag => `complete -c sallyport -n '__fish_seen_subcommand_from ${first}' -l ${flag.slice(2)}`),
    ];
  });
  const bare = firsts.filter(first => !all.some(({ name }) => name === first));
  return [
    '# Words of sallyport, for fish',
    ...bare.map(first => `complete -c sallyport -n __fish_use_subcommand -a ${first}`),
    ...new Set(lines),
    '',
  ].join('\n');
}

/** A word of all three shells. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", '’')}'`;
}
