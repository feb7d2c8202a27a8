import { isCredentialPlace, isStartupPlace } from '@sallyport/core/facts/path.ts';
import type { Spelled } from './word.ts';

/**
 * What a developer does with a project all day, and nothing that reaches beyond its folder: building, testing, checking,
 * formatting, and recording with git. It runs the project's own code, so it is not reading; but nothing of it comes from
 * elsewhere, and nothing of it leaves. An allow-list like that of readers: a program, a sub-command, a script's name or an
 * option that nobody knows makes it none.
 */
export function isRoutine(program: string, rest: readonly Spelled[]): boolean {
  if (rest.some(word => !word.known)) return false;
  const words = rest.map(word => word.text);
  const judge = Object.hasOwn(byProgram, program) ? byProgram[program] : undefined;
  const listed = checkers.has(program) || (judge?.(words) ?? false);
  return listed && words.every((word, at) => isHarmlessOption(word, at, words) && staysInside(word));
}

/** Compilers, test runners, linters, formatters, by names that are theirs alone. Also behind `npx` and `python -m`. */
const checkers = list(`
  tsc vue-tsc svelte-check eslint prettier biome stylelint oxlint vitest jest mocha ava tap knip depcheck publint
  ruff black flake8 pylint mypy pyright pytest isort unittest compileall rubocop rspec standardrb phpunit phpstan psalm
  php-cs-fixer gofmt goimports golangci-lint staticcheck rustfmt clang-format shellcheck shfmt hadolint yamllint
  markdownlint ktlint checkstyle swiftlint swiftformat
`);

/** Names of scripts and targets that say they build, test, check or format; `test:unit` and `build-docs` too. */
const script =
  /^(?:tests?|build|lint|checks?|type-?check|types|tsc|format|fmt|prettier|eslint|compile|coverage|unit|integration|e2e|spec|verify|validate|bench|clean|all)(?:[:_.-][a-z0-9]+)*$/i;

type Judge = (words: readonly string[]) => boolean;

const byProgram: Readonly<Record<string, Judge>> = {
  mkdir: () => true,
  touch: () => true,
  cd: words => words.length <= 1,
  npm: runsScript,
  pnpm: words => runsScript(words) || runsOneScript(words),
  yarn: words => runsScript(words) || runsOneScript(words),
  bun: runsScript,
  npx: ([first = '']) => checkers.has(first),
  python: runsModule,
  python3: runsModule,
  go: subCommand('build test vet fmt list version'),
  cargo: subCommand('build test check clippy fmt doc bench tree nextest'),
  make: targets(script),
  ninja: targets(script),
  just: words => words.length > 0 && targets(script)(words),
  dotnet: targets(/^(?:build|test|format)$/),
  mvn: targets(/^(?:clean|compile|test|package|verify|test-compile)$/),
  gradle: targets(/^(?:clean|build|test|check|assemble|compile[A-Za-z]*)$/),
  swift: targets(/^(?:build|test)$/),
  mix: targets(/^(?:compile|test|format)$/),
  git: records,
};

function runsScript([first = '', second = '']: readonly string[]): boolean {
  return first === 'test' || first === 't' || (/^run(?:-script)?$/.test(first) && script.test(second));
}

function runsOneScript(words: readonly string[]): boolean {
  return words.length === 1 && script.test(words[0] ?? '');
}

/** `python -m pytest`: the module is one that checks. */
function runsModule([first, second = '']: readonly string[]): boolean {
  return first === '-m' && checkers.has(second);
}

function subCommand(text: string): Judge {
  const known = list(text);
  return ([first = '']) => known.has(first);
}

/** Builders whose options can hold a program's text (`-D`, `-p:`) get plain ones only. */
function targets(known: RegExp): Judge {
  return words => words.every(word => known.test(word) || plainOption.test(word));
}

const plainOption = /^(?:-j\d*|-[kqsvB]|--(?:quiet|verbose|offline|no-daemon|no-restore|no-build|parallel|release))$/;

/** Puts work into the project's own history, and takes nothing out of it. */
function records([sub, ...rest]: readonly string[]): boolean {
  if (sub === 'add' || sub === 'mv') return true;
  if (sub === 'commit') return !rest.some(word => /^--(?:amend|no-verify)$|^-[a-z]*n/.test(word));
  if (sub === 'switch') return rest[0] === '-c' && rest.length === 2;
  if (sub === 'checkout') return rest[0] === '-b' && rest.length === 2;
  return (sub === 'branch' || sub === 'tag') && rest.every(word => !word.startsWith('-'));
}

/** Options that name another program, another place to take code from, or a text to run. */
const reachingOption =
  /^(?:-[CI]|-[cfr]$|--?(?:exec|toolexec|overlay|modfile|ldflags|gcflags|vettool)|--(?:config|eval|plugin|require|import|loader|node-(?:option|arg)|script-shell|prefix|cwd|dir$|directory|userconfig|globalconfig|registry|manifest-path|init-hook|rulesdir|resolve-plugins))/;

function isHarmlessOption(word: string, at: number, words: readonly string[]): boolean {
  // A new branch is a name; a commit's message is a text.
  const isGits = word === '-c' && words[at - 1] === 'switch';
  // `SHELL=…` and its like set what would be run.
  return isGits || (!reachingOption.test(word) && !/^[A-Za-z_]\w*\+?:?=/.test(word));
}

/** No word leads out of the folder, to what is run by itself, or to keys. */
function staysInside(word: string): boolean {
  const value = /^--?[\w-]{1,64}=(.+)$/s.exec(word)?.[1] ?? word;
  if (/^[~/\\]|^[A-Za-z]:[\\/]/.test(value)) return false;
  if (/\s/.test(value)) return true;
  return !/(?:^|\/)\.\.(?:\/|$)|:\/\//.test(value) && !isCredentialPlace(value) && !isStartupPlace(value);
}

/** Variables that a program may be given without becoming another one: `NODE_ENV=test`. */
export function isHarmlessVariable(assignment: string): boolean {
  return /^(?:NODE_ENV|CI|FORCE_COLOR|NO_COLOR|RUST_BACKTRACE|RUST_LOG|TZ|LANG|LC_ALL|TERM|COLUMNS|LOG_LEVEL)=[\w.,:/-]*$/.test(
    assignment,
  );
}

function list(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
