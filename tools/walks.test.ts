import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makePrivateCopy } from 'sallyport/demo/private-copy.ts';

/**
 * Guides, walked: their very blocks run in a shell, in the order of the page, against one gateway with the example's three
 * servers. What differs from a reader's hands: ids are the ones of this run, and a yes is `--yes`.
 */

const root = resolve(import.meta.dirname, '..');
const launcher = join(root, 'cli', 'bin', 'sallyport.js');
let home: string;

interface Ran {
  readonly status: number;
  /** Both outputs, in the order in which they came. */
  readonly said: string;
}

/** Runs in a folder with `policies` in it; `set` stands before, as what was typed in this shell earlier. */
function typed(block: string, set = ''): Promise<Ran> {
  const words = `sallyport() { "${process.execPath}" "${launcher}" "$@"; }\nnpm() { shift 3; sallyport "$@"; }`;
  const env = { ...process.env, HOME: home, XDG_STATE_HOME: join(home, 'state'), XDG_CONFIG_HOME: home };
  return new Promise(done => {
    execFile('bash', ['-c', `exec 2>&1\n${words}\n${set}\n${block}`], { cwd: home, env }, (error, said) =>
      done({ status: typeof error?.code === 'number' ? error.code : error === null ? 0 : 128, said }),
    );
  });
}

/** The indented blocks of a page, without their indentation. */
function blocksOf(page: string): (holding: string, nth?: number) => string {
  const text = readFileSync(join(root, 'docs', page), 'utf8');
  const blocks = [...text.matchAll(/(?:^ {4}.*\n(?:\n(?= {4}))?)+/gm)].map(([block]) =>
    block.replaceAll(/^ {4}/gm, ''),
  );
  return (holding, nth = 0) => {
    const found = blocks.filter(block => block.includes(holding))[nth];
    assert.ok(found !== undefined, `${page} has no block ${nth} with ${holding}`);
    return found;
  };
}

const lines = (block: string): readonly string[] => block.trimEnd().split('\n');

before(async () => {
  home = mkdtempSync(join(tmpdir(), 'sallyport-walks-'));
  const { config } = makePrivateCopy(join(home, 'state', 'sallyport'), '127.0.0.1:0');
  cpSync(join(root, 'policies'), join(home, 'policies'), { recursive: true });
  const text = readFileSync(config, 'utf8').replace(/^policies: .*$/m, `policies: ${join(home, 'policies')}`);
  writeFileSync(config, text);
  writeFileSync(join(home, 'sallyport.yaml'), text);
  mkdirSync(join(home, 'ci'));
  const up = await typed(`sallyport up --config "${config}" && sallyport demo`);
  assert.equal(up.status, 0, up.said);
});
after(async () => {
  await typed('sallyport down');
  rmSync(home, { recursive: true, force: true });
});

describe('docs/tutorial/first-ten-minutes.md', () => {
  const block = blocksOf('tutorial/first-ten-minutes.md');
  const call = lines(block('FOLDER=')).slice(0, -1).join('\n');
  const id = async (command: string, mark: string): Promise<string> =>
    new RegExp(`${mark}_[0-9a-z]{8}`).exec((await typed(command)).said)?.[0] ?? 'none';

  test('2 the denied line of the tail leads to why it was denied', async () => {
    const { said } = await typed(block('sallyport tail'));
    const denied = /everything\/get-env +deny .* refused +\S+ +(d_[0-9a-z]{8})$/m.exec(said)?.[1] ?? said;
    const why = await typed(block('sallyport why').replace(/d_\w+/, denied));
    assert.match(why.said, /^everything\/get-env {2}DENIED → refused/);
    assert.match(why.said, /no-detour-after-untrusted {2}policies\/default\.cedar:\d+/);
    assert.match(why.said, /^would permit$/m);
  });

  test('3 permit, ask, deny: 0, 4, 3', async () => {
    const status: number[] = [];
    for (const line of lines(block('sallyport try assistant files'))) status.push((await typed(line)).status);
    assert.deepEqual(status, [0, 4, 3]);
  });

  test('4 and 5 a call is asked about, a yes moves the file once, and is used then', async () => {
    const refused = await typed(block('FOLDER='));
    assert.match(refused.said, /"isError":true.*"code":"needs-approval"/, refused.said);
    const [list = '', approve = ''] = lines(block('approvals --list'));
    const yes = await typed(`${approve.replace(/ap_\w+/, await id(list, 'ap'))} --yes`);
    assert.match(yes.said, /approved: files\/move_file/);
    const [first = '', second = ''] = lines(block('--entry assistant', 1));
    assert.match((await typed(first, call)).said, /Successfully moved/);
    assert.match((await typed(second, call)).said, /needs-approval/);
  });

  test('6 the mistake is told with its line, and the rule denies once it is in force', async () => {
    const file = join(home, 'policies', 'mine.cedar');
    const rule = block('no-deletes-in-memory');
    writeFileSync(file, rule);
    const [check = '', , problem = ''] = lines(block('sallyport policy check'));
    const told = await typed(check);
    assert.equal(told.status, 1);
    assert.equal(lines(told.said)[0], problem);
    writeFileSync(file, rule.replace('delete_observation"', 'delete_observations"'));
    assert.equal((await typed(check)).status, 0);
    const tryIt = block('memory/delete_entities', 1);
    assert.equal((await typed(tryIt)).status, 4);
    const [activate = '', then = ''] = lines(block('policy activate'));
    assert.match((await typed(`${activate} --yes`)).said, /^\+ forbid no-deletes-in-memory$/m);
    assert.equal((await typed(then)).status, 3);
    rmSync(file);
    await typed('sallyport policy activate --yes');
  });

  test('7 and 8 a kill refuses the next call, until it is taken back; and the record is proven', async () => {
    const [kill = '', be = '', unkill = ''] = lines(block('sallyport kill'));
    assert.equal((await typed(kill)).status, 0);
    assert.match((await typed(be, call)).said, /"code":"agent-killed"/);
    assert.equal((await typed(`${unkill} --yes`)).status, 0);
    assert.match((await typed(be, call)).said, /needs-approval/);
    assert.match((await typed(block('audit verify'))).said, /^VERIFIED {2}\d+ entries/);
  });
});

describe('docs/how-to/write-and-test-a-policy.md', () => {
  const block = blocksOf('how-to/write-and-test-a-policy.md');

  test('1 shows the tools of the server, and what would be decided', async () => {
    const [list = '', tryIt = ''] = lines(block('tools ls'));
    assert.match((await typed(list)).said, /^files\/write_file +pinned +write /m);
    const { status, said } = await typed(tryIt);
    assert.ok(status === 0 || status === 4, said);
    assert.match(said, /nothing was done, nothing was recorded/);
  });

  test('2 to 4 its rules pass its tests, with the very numbers of the page, and with a copy of the pins alone', async () => {
    writeFileSync(join(home, 'policies', 'notes.cedar'), block('memory-only-grows'));
    writeFileSync(join(home, 'policies', 'notes.test.yaml'), block('cases:'));
    const [check = '', format = ''] = lines(block('sallyport policy check'));
    const { status, said } = await typed(check);
    assert.equal(status, 0, said);
    assert.ok(block('tests passed').includes(said), said);
    assert.equal((await typed(format)).status, 0);
    cpSync(join(home, 'state', 'sallyport', 'pins.json'), join(home, 'ci', 'pins.json'));
    assert.equal((await typed(block('--state ci'))).said, said);
  });

  test('4 a test that fails is named as the page says', async () => {
    const file = join(home, 'policies', 'notes.test.yaml');
    const cases = readFileSync(file, 'utf8');
    writeFileSync(file, cases.replace('answer: permit', 'answer: deny'));
    const { status, said } = await typed('sallyport policy check');
    assert.equal(status, 5);
    assert.ok(said.includes(block('FAILED').trim()), said);
    writeFileSync(file, cases);
  });

  test('5 what is activated is exactly what is shown', async () => {
    const shown = block('sallyport policy activate');
    const { status, said } = await typed(`${lines(shown)[0]} --yes`);
    assert.equal(status, 0);
    const added = said.split('\n').filter(line => line.startsWith('+ '));
    assert.deepEqual(
      added,
      lines(shown).filter(line => line.startsWith('+ ')),
    );
  });
});
