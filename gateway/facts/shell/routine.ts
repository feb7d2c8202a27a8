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
  if (program === 'git') return records(rest);
  const judge = Object.hasOwn(byProgram, program) ? byProgram[program] : undefined;
  const listed = checkers.has(program) ? checks(program, words) : (judge?.(words) ?? false);
  return (
    listed && rest.every(word => isPlain(word) && staysInside(word.text) && isHarmlessOption(word.text, words, program))
  );
}

/** Compilers, test runners, linters, formatters, by names that are theirs alone. */
const ofNode = list(`
  tsc vue-tsc svelte-check eslint prettier biome stylelint oxlint vitest jest mocha ava knip depcheck publint
`);
const ofPython = list('ruff black flake8 pylint mypy pyright pytest isort unittest compileall');
const checkers: ReadonlySet<string> = new Set([
  ...ofNode,
  ...ofPython,
  ...list(`
    rubocop rspec standardrb phpunit phpstan psalm php-cs-fixer gofmt goimports golangci-lint staticcheck rustfmt
    clang-format shellcheck shfmt hadolint yamllint markdownlint ktlint checkstyle swiftlint swiftformat
  `),
]);

/** What they do besides (serve an editor, replace themselves, load what they are built from) has other names. */
const checkWords: Readonly<Record<string, ReadonlySet<string>>> = {
  ruff: list('check format rule clean version'),
  biome: list('check lint format ci explain version'),
  'golangci-lint': list('run fmt linters formatters version'),
  'php-cs-fixer': list('fix check list-files describe'),
  phpstan: list('analyse analyze clear-result-cache diagnose'),
  swiftlint: list('lint analyze rules version'),
};

/** The first word is the sub-command, where there are any: behind an option it would not be certain which is. */
function checks(program: string, words: readonly string[]): boolean {
  const known = Object.hasOwn(checkWords, program) ? checkWords[program] : undefined;
  const [first = ''] = words;
  if (known !== undefined) return known.has(first) || (words.length === 1 && /^--(?:version|help)$/.test(first));
  return !words.some(word => /^(?:init|install[A-Z]\w*)$/.test(word));
}

/** Names of scripts and targets that say they build, test, check or format; `test:unit` and `build-docs` too. */
const script =
  /^(?:tests?|build|lint|checks?|type-?check|types|tsc|format|fmt|prettier|eslint|compile|coverage|unit|integration|e2e|spec|verify|validate|bench|clean|all)(?:[:_.-][a-z0-9]+)*$/i;

type Judge = (words: readonly string[]) => boolean;

const byProgram: Readonly<Record<string, Judge>> = {
  mkdir: () => true,
  touch: () => true,
  cd: words => words.length <= 1 && !words[0]?.startsWith('-'),
  npm: runsScript,
  pnpm: words => runsScript(words) || runsOneScript(words),
  yarn: words => runsScript(words) || runsOneScript(words),
  bun: runsScript,
  // A checker of another language is a stranger's package there.
  npx: ([first = '', ...rest]) => ofNode.has(first) && checks(first, rest),
  python: runsModule,
  python3: runsModule,
  go: localPackages,
  cargo: ([first = '', second = '']) => cargoWords.has(first) || (first === 'nextest' && /^(?:run|list)$/.test(second)),
  make: targets(script),
  ninja: targets(script),
  just: words => words.length > 0 && targets(script)(words),
  dotnet: targets(/^(?:build|test|format)$/),
  // Its `-s` is a file of settings.
  mvn: words => !words.includes('-s') && targets(/^(?:clean|compile|test|package|verify|test-compile)$/)(words),
  gradle: targets(/^(?:clean|build|test|check|assemble|compile[A-Za-z]*)$/),
  swift: targets(/^(?:build|test)$/),
  mix: targets(/^(?:compile|test|format)$/),
};

function runsScript([first = '', second = '']: readonly string[]): boolean {
  return first === 'test' || first === 't' || (/^run(?:-script)?$/.test(first) && script.test(second));
}

function runsOneScript(words: readonly string[]): boolean {
  return words.length === 1 && script.test(words[0] ?? '');
}

/** `python -m pytest`: the module is one that checks. */
function runsModule([first, second = '', ...rest]: readonly string[]): boolean {
  return first === '-m' && ofPython.has(second) && checks(second, rest);
}

const cargoWords = list('build test check clippy fmt doc bench tree');
const goWords = list('build test vet fmt list version');

/** A package that is not named by its place in the folder is fetched from wherever its name says. */
function localPackages([first = '', ...rest]: readonly string[]): boolean {
  const values = valuesAt(rest, /^--?(?:run|skip|bench|count|timeout|tags|parallel|cpu)$/);
  return goWords.has(first) && rest.every((word, at) => /^[-.]|^[\w/-]+\.go$/.test(word) || values.has(at));
}

/** Which words are values of the options before them: an option's name that is a value (`-m -m`) has none itself. */
function valuesAt(words: readonly string[], valued: RegExp): ReadonlySet<number> {
  const found = new Set<number>();
  for (let at = 1; at < words.length; at++) if (!found.has(at - 1) && valued.test(words[at - 1] ?? '')) found.add(at);
  return found;
}

/** Builders whose options can hold a program's text (`-D`, `-p:`) get plain ones only. */
function targets(known: RegExp): Judge {
  return words => words.every(word => known.test(word) || plainOption.test(word));
}

const plainOption = /^(?:-j\d*|-[kqsvB]|--(?:quiet|verbose|offline|no-daemon|no-restore|no-build|parallel|release))$/;

/** Puts work into the project's own history, and takes nothing out of it. */
function records(words: readonly Spelled[]): boolean {
  const [sub = '', ...rest] = words.map(word => word.text);
  const known = Object.hasOwn(gitOptions, sub) ? gitOptions[sub] : undefined;
  if (known === undefined || !words.every(isPlain)) return false;
  // A message is a text, whatever stands in it.
  const values = valuesAt(rest, /^(?:-[aqsv]*m|--message|-F|--file)$/);
  const isText = (at: number) => sub === 'commit' && values.has(at) && !/^(?:-F|--file)$/.test(rest[at - 1] ?? '');
  const isMessage = (word: string) => sub === 'commit' && /^(?:-[aqsv]*m|--message=)/.test(word);
  if ((sub === 'switch' || sub === 'checkout') && rest.length !== 2) return false;
  if ((sub === 'switch' || sub === 'checkout') && rest[0] !== (sub === 'switch' ? '-c' : '-b')) return false;
  return rest.every(
    (word, at) => isText(at) || isMessage(word) || ((!word.startsWith('-') || known.test(word)) && staysInside(word)),
  );
}

const gitOptions: Readonly<Record<string, RegExp>> = {
  add: /^(?:-[AuvN]+|--|--all|--update|--verbose|--intent-to-add)$/,
  mv: /^(?:-[vk]+|--)$/,
  commit: /^(?:-[aqsv]+|-F|--|--all|--quiet|--verbose|--signoff|--allow-empty|--no-edit|--file(?:=.+)?)$/,
  switch: /^-c$/,
  checkout: /^-b$/,
  branch: /^--$/,
  tag: /^--$/,
};

/**
 * Options that choose what is looked at, how much is said, and whether findings are mended: in no listed program do they
 * name code to load, a place to fetch from, a file to write, or a text to run. Programs take shortened names and clusters,
 * so what may not be given is no list that could be complete; what may be given is.
 */
const harmlessOptions = list(`
  -- -h --help --version -q -qq -s -v -vv -vvv -k -n -t -u -i -l -b -w -x -m -B
  --noEmit --pretty --build --project --incremental --skipLibCheck --noErrorTruncation --strict --listFiles --showConfig
  --run --fix --write --check --list-different --diff --quiet --silent --verbose --color --no-color --colors --cache-clear
  --max-warnings --ext --line-length --select --ignore --ignore-missing-imports --show-error-codes --unsafe-fixes --apply
  --staged --changed --since --coverage --cov --bail --maxfail --lf --ff --last-failed --failed-first --sw --tb
  --durations --collect-only --disable-warnings --no-header --no-summary --showlocals --markers --exitfirst
  --testNamePattern --testPathPattern --runInBand --ci --passWithNoTests --maxWorkers --updateSnapshot
  --update-snapshots --forceExit --detectOpenHandles --watchAll --watch --grep --timeout --stat --list --nocapture
  --no-run --no-fail-fast --release --workspace --workspaces --all --all-targets --all-features --features
  --no-default-features --lib --bin --bins --tests --test --examples --example --package --exclude --locked --offline
  --frozen --no-deps --message-format --jobs --parallel --if-present --ignore-scripts --recursive --filter
  --no-daemon --no-restore --no-build --stacktrace --json --reporter=dot --reporter=json --reporter=verbose
  --reporter=default --reporter=basic --reporter=spec --reporter=tap --reporter=list
  -run -skip -bench -benchmem -count -race -short -cover -timeout -tags -parallel -json -failfast -shuffle -cpu
`);

function isHarmlessOption(word: string, words: readonly string[], program: string): boolean {
  // `SHELL=…` and its like set what would be run; `@file` holds more words.
  if (/^@|^[A-Za-z_]\w*\+?[:!?]*=/.test(word)) return false;
  const [name = ''] = word.split('=', 1);
  // A project for a compiler and a package for a builder; elsewhere a plug-in, or a text to run.
  if (word === '-p')
    return ['mkdir', 'tsc', 'vue-tsc', 'cargo'].includes(program === 'npx' ? (words[0] ?? '') : program);
  // Some write it to the file that is named behind it.
  if (word.startsWith('--json=')) return false;
  // Of these two they fetch, or load modules.
  if (/^-[inu]$/.test(word) && ['bun', 'mocha'].some(one => one === program || one === words[0])) return false;
  return !word.startsWith('-') || harmlessOptions.has(word) || harmlessOptions.has(name) || /^-[jn]\d+$/.test(word);
}

/** A pattern becomes words that nobody sees: one that may become an option, lead upwards or hide a name is not plain. */
function isPlain({ text, pattern }: Spelled): boolean {
  return !pattern || (/^(?:\.\/)?[\w@][\w@%+,./*-]*$/.test(text) && !/\/\.[^/]*\*|\*\.\*\//.test(text));
}

/** No word leads out of the folder, to what is run by itself, to what others wrote, or to keys. */
function staysInside(word: string): boolean {
  const value = /^--?[\w-]{1,64}=(.+)$/s.exec(word)?.[1] ?? word;
  if (/^[~/\\]|^[A-Za-z]:[\\/]|^\$(?:HOME|PWD|USER|\{)|:\/\//.test(value)) return false;
  if (/(?:^|[\\/])(?:\.\.|\.git|node_modules|site-packages)(?:[\\/]|$)/i.test(value)) return false;
  return ![value, `${value}/`].some(place => isCredentialPlace(place) || isStartupPlace(place));
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
