import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeTerminal, type FakeTerminal } from '@sallyport/testkit/fakes/terminal.ts';
import type { Command } from './command.ts';
import { allCommands } from './commands.ts';
import { CliError } from './exit.ts';
import { main } from './main.ts';

const commands = await allCommands();

async function run(argv: readonly string[], own?: readonly Command[]): Promise<FakeTerminal & { status: number }> {
  const terminal = createFakeTerminal({ env: { XDG_STATE_HOME: '/nowhere' } });
  return { ...terminal, status: await main(argv, terminal, own) };
}

test('without a word, and with --help, help goes to standard output and the status is 0', async () => {
  for (const argv of [[], ['--help'], ['help']]) {
    const { status, stdout, stderr } = await run(argv);
    assert.equal(status, 0);
    assert.equal(stderr(), '');
    for (const { name } of commands) assert.match(stdout(), new RegExp(`^ {2}${name}\\b`, 'm'));
  }
});

test('help of every command begins with its examples, and every example names it', async () => {
  for (const { name, examples } of commands) {
    const { status, stdout } = await run([...name.split(' '), '--help']);
    assert.equal(status, 0, name);
    assert.match(stdout(), /^Examples\n {2}\S/, name);
    for (const [line] of examples) assert.ok(line.includes(`sallyport ${name}`), line);
  }
});

test('help has no colour where the terminal has none', async () => {
  const { stdout } = await run(['--help']);
  assert.equal(stdout().includes('\u001b'), false);
  const terminal = createFakeTerminal({ hasColour: true });
  await main(['--help'], terminal);
  assert.equal(terminal.stdout().includes('\u001b[1m'), true);
});

for (const [argv, message, fix] of [
  [['tial'], 'unknown command `tial`', 'Did you mean tail? See `sallyport --help`.'],
  [['tools', 'dif'], 'unknown command `dif`', 'Did you mean diff? See `sallyport tools --help`.'],
  [['tools'], '`sallyport tools` needs a further word: ls, diff, accept', 'See `sallyport tools --help`.'],
  [['why'], 'missing required argument `id`', 'See `sallyport why --help`.'],
  [['tail', '--folow'], 'unknown option `--folow`', 'Did you mean --follow? See `sallyport tail --help`.'],
  [
    ['tail', '--answer', 'maybe'],
    '--answer is permit, deny, ask or rejected, not maybe',
    'See `sallyport tail --help`.',
  ],
  [['tail', '--mode', 'odd'], '--mode is observe, shadow, enforce, not odd', 'See `sallyport tail --help`.'],
  [['why', ''], '`id` is empty', 'See `sallyport why --help`.'],
  [['task', 'end', 't_1', '--nope'], 'unknown option `--nope`', 'See `sallyport task end --help`.'],
  [['tail', '-n', '0'], '--lines must be a whole number of at least 1, not "0"', 'See `sallyport tail --help`.'],
  [
    ['task', 'declassify', 't_1'],
    'exactly one of --entry, --value and --all is required',
    'See `sallyport task declassify --help`.',
  ],
] as const) {
  test(`\`sallyport ${argv.join(' ')}\` is a usage error that says what is meant`, async () => {
    const { status, stdout, stderr } = await run(argv);
    assert.equal(status, 2);
    assert.equal(stdout(), '');
    assert.equal(stderr(), `sallyport: ${message}\n  ${fix}\n`);
  });
}

test('with --json an error is an object on standard output, and still a sentence for people', async () => {
  const { status, stdout, stderr } = await run(['tial', '--json']);
  assert.equal(status, 2);
  assert.deepEqual(JSON.parse(stdout()), {
    v: 1,
    error: { code: 'usage', message: 'unknown command `tial`', fix: 'Did you mean tail? See `sallyport --help`.' },
  });
  assert.match(stderr(), /unknown command/);
});

test('where no gateway runs every command that needs one ends with 6 and says how to start it', async () => {
  const needs = [['status'], ['tail'], ['why', 'd_1'], ['tasks'], ['approvals'], ['mode'], ['tools', 'ls']];
  for (const argv of needs) {
    const { status, stderr } = await run(argv);
    assert.equal(status, 6, argv.join(' '));
    assert.match(stderr(), /no gateway is running on \/nowhere\/sallyport\n {2}Start one with `sallyport up`/);
  }
});

test('where no gateway runs there is nothing to stop, and nobody is told to start one for that', async () => {
  const { status, stderr } = await run(['down']);
  assert.equal(status, 6);
  assert.match(stderr(), /so there is nothing to stop\n {2}One with another state directory is named with --state DIR/);
});

test('what an error says to do next is done on the same state directory', async () => {
  for (const named of [['--state', '/nowhere/else'], ['--state=/nowhere/else']]) {
    const { stderr } = await run(['status', ...named]);
    assert.match(stderr(), /Start one with `sallyport --state \/nowhere\/else up`/);
    assert.match(stderr(), /`sallyport --state \/nowhere\/else login --url URL` where it runs elsewhere/);
  }
});

function command(fail: () => never): Command {
  return {
    name: 'boom',
    group: 'Run',
    summary: 'fails',
    examples: [['sallyport boom', 'fails']],
    run: async () => fail(),
  };
}

test('an error that is a defect says so, with where it was', async () => {
  const { status, stderr } = await run(
    ['boom'],
    [
      command(() => {
        throw new TypeError('x is not a function');
      }),
    ],
  );
  assert.equal(status, 1);
  assert.match(stderr(), /TypeError: x is not a function\n[\s\S]*main\.test\.ts[\s\S]*defect of Sallyport/);
});

test('a command chooses its own status', async () => {
  const { status } = await run(
    ['boom'],
    [
      command(() => {
        throw new CliError('denied', 'no', undefined, 3);
      }),
    ],
  );
  assert.equal(status, 3);
});

test('Ctrl-C leaves a command that waits, at once and without a word', async () => {
  const interrupt = new AbortController();
  const terminal = createFakeTerminal({ signal: interrupt.signal });
  const forever: Command = { ...command(() => assert.fail()), run: () => new Promise(() => {}) };
  const ended = main(['boom'], terminal, [forever]);
  interrupt.abort();
  assert.equal(await ended, 130);
  assert.equal(terminal.stderr(), '');
});
