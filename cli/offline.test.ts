import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { createFakeTerminal } from '@sallyport/testkit/fakes/terminal.ts';
import { main } from './main.ts';
import { readRunning } from './running.ts';

/** What works without a gateway: policy check and fmt, secrets import, replay, audit verify. */

let home: string;
let policies: string;

before(() => {
  home = mkdtempSync(join(tmpdir(), 'sallyport-offline-'));
  policies = join(home, 'policies');
  mkdirSync(policies);
  const inputSchema = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] };
  const tools = {
    disk: [
      { name: 'read_file', inputSchema },
      { name: 'delete_file', inputSchema },
    ],
  };
  writeFileSync(join(home, 'tools.json'), JSON.stringify(tools));
});
beforeEach(() => {
  rmSync(policies, { recursive: true });
  mkdirSync(policies);
  policy(
    'reads.cedar',
    '@id("reads")\n@reason("reading is allowed")\npermit (principal, action in Action::"read", resource);\n',
  );
});
after(() => rmSync(home, { recursive: true, force: true }));

function policy(name: string, text: string): void {
  writeFileSync(join(policies, name), text);
}

async function sallyport(...argv: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const terminal = createFakeTerminal({ cwd: home, env: { XDG_STATE_HOME: home } });
  const status = await main(argv, terminal);
  return { status, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

test('policy check: a sound set with passing tests ends with 0', async () => {
  policy('reads.test.yaml', 'cases:\n  - { name: reading, classes: [read], answer: permit, rule: reads }\n');
  const { status, stdout } = await sallyport('policy', 'check', '--tools', 'tools.json');
  assert.equal(status, 0);
  assert.match(stdout, /^policies: 1 policy against \d+ tools: 1 test passed, 0 failed\n$/);
});

test('policy check: what no server pins, other agents and coding clients, is known from the configuration', async () => {
  const file = join(home, 'sallyport.yaml');
  writeFileSync(
    file,
    `policies: ./policies
agents: { desk: { principal: "user:emma" } }
a2a: { booking: { url: "https://booking.example.com" } }
hooks: { claude-code: { agent: desk } }
`,
  );
  const actions = 'action in [Action::"booking/a2a:SendMessage", Action::"workspace/shell"]';
  policy('own.cedar', `@id("own")\n@reason("not here")\nforbid (principal, ${actions}, resource);\n`);
  assert.equal((await sallyport('policy', 'check')).status, 1, 'without it nobody knows of them');
  const { status, stdout } = await sallyport('policy', 'check', '--config', file);
  assert.match(stdout, /^policies: 2 policies against [1-9]\d* tools: /);
  assert.equal(status, 0);
});

test('policy check: what the configuration says of tools holds for those of a file as well', async () => {
  const file = join(home, 'sallyport.yaml');
  const disk = '{ command: "true", tools: { read_file: { classes: [message] } } }';
  writeFileSync(
    file,
    `policies: ./policies
agents: { desk: { principal: "user:emma" } }
servers: { disk: ${disk} }
a2a: { booking: { url: "https://booking.example.com" } }
`,
  );
  policy(
    'own.cedar',
    '@id("own")\n@reason("no")\nforbid (principal, action == Action::"booking/a2a:SendMessage", resource);\n',
  );
  policy(
    'reads.test.yaml',
    'cases:\n  - { name: reading, tool: disk/read_file, input: { path: "/x" }, answer: deny }\n',
  );
  const { status, stdout } = await sallyport('policy', 'check', '--tools', 'tools.json', '--config', file);
  assert.match(stdout, /: 2 policies against [1-9]\d* tools: 1 test passed, 0 failed$/m);
  assert.equal(status, 0);
});

test('policy check: a segment that is none and an agent that nobody is are found where the configuration is known', async () => {
  const file = join(home, 'sallyport.yaml');
  const agents = 'agents: { desk: { principal: "user:emma" } }';
  writeFileSync(file, `policies: ./policies\n${agents}\na2a: { booking: { url: "https://booking.example.com" } }\n`);
  policy('own.cedar', '@id("own")\n@reason("no")\nforbid (principal == Agent::"desc", action, resource);\n');
  policy('trips.kind.yaml', 'segments: [boking]\n');
  const { status, stdout } = await sallyport('policy', 'check', '--config', file);
  assert.equal(status, 1);
  assert.match(stdout, /^problem +policies\/trips.kind.yaml:1: .* no segment; did you mean booking\?$/m);
  assert.match(
    stdout,
    /^warning +policies\/own.cedar:1: it applies to no agent that is configured; did you mean `desk`\?$/m,
  );
  const anywhere = await sallyport('policy', 'check', '--tools', 'tools.json');
  assert.equal(anywhere.status, 0, 'elsewhere nobody knows which there are');
  assert.doesNotMatch(anywhere.stdout, /^problem|^warning/m);
});

test('policy check: a file of tools that is none is told by its name, and is no defect of ours', async () => {
  const { status, stderr } = await sallyport('policy', 'check', '--tools', 'policies/reads.cedar');
  assert.equal(status, 1);
  assert.match(stderr, /^sallyport: .*reads\.cedar: the file: expected a JSON value/);
  assert.doesNotMatch(stderr, /defect|ReplayFault/);
});

test('policy check: a test that fails ends with 5, and stands there with file, line and what was got', async () => {
  policy('reads.test.yaml', 'cases:\n  - { name: writing, classes: [write], answer: permit }\n');
  const { status, stdout } = await sallyport('policy', 'check', '--tools', 'tools.json');
  assert.equal(status, 5);
  assert.match(
    stdout,
    /^FAILED {3}policies\/reads\.test\.yaml:2: writing: expected permit; got deny by default-deny$/m,
  );
});

test('policy check: a tool that does not exist ends with 1 and a suggestion', async () => {
  policy('mine.cedar', '@id("mine")\nforbid (principal, action == Action::"disk/delete_fil", resource);\n');
  const { status, stdout } = await sallyport('policy', 'check', '--tools', 'tools.json', '--json');
  assert.equal(status, 1);
  const { v, ok, problems } = JSON.parse(stdout);
  assert.equal(v, 1);
  assert.equal(ok, false);
  assert.match(problems[0].message + problems[0].fix, /disk\/delete_fil[\s\S]*did you mean [\s\S]*disk\/delete_file/);
  const shown = await sallyport('policy', 'check', '--tools', 'tools.json');
  assert.match(shown.stdout, /cannot be used: \d problems?, and no test was run\n$/);
  assert.doesNotMatch(shown.stdout, /0 policies/, 'there are some, and none of them counts');
});

test('policy check: without any tool it says what it could not check', async () => {
  const { status, stderr } = await sallyport('policy', 'check');
  assert.equal(status, 0);
  assert.match(stderr, /No tool is known here[\s\S]*--tools FILE/);
});

test('policy check: a directory without policies is an error, not a set without rules', async () => {
  rmSync(join(policies, 'reads.cedar'));
  const { status, stdout } = await sallyport('policy', 'check', '--tools', 'tools.json');
  assert.equal(status, 1);
  assert.match(stdout, /holds no \*\.cedar file/);
});

test('policy fmt --check names what would change and ends with 1; policy fmt changes it', async () => {
  policy('messy.cedar', '@id("messy") permit(principal,action,resource)  when{context.flow.untrusted==false};');
  const checked = await sallyport('policy', 'fmt', '--check');
  assert.equal(checked.status, 1);
  assert.match(checked.stdout, /^would change {2}policies\/messy\.cedar$/m);
  assert.equal((await sallyport('policy', 'fmt')).status, 0);
  assert.equal((await sallyport('policy', 'fmt', '--check')).status, 0);
  assert.match(readFileSync(join(policies, 'messy.cedar'), 'utf8'), /permit \(principal, action, resource\)/);
});

test('policy fmt leaves a file alone that is no Cedar', async () => {
  policy('broken.cedar', 'permit (principal, action');
  const { status, stderr } = await sallyport('policy', 'fmt');
  assert.equal(status, 1);
  assert.match(stderr, /policies\/broken\.cedar:1: the policy that begins here has no end/);
  assert.equal(readFileSync(join(policies, 'broken.cedar'), 'utf8'), 'permit (principal, action');
});

function runs(...calls: readonly object[]): string {
  const file = join(home, 'runs.jsonl');
  writeFileSync(
    file,
    `${JSON.stringify({ id: 't1', agent: 'a', principal: 'user:emma', purpose: 'look', toolset: 'disk', calls })}\n`,
  );
  return file;
}

const order = ['replay', '--policies', 'policies', '--tools', 'tools.json'];

test('replay decides recorded calls; what was denied is data, not an error', async () => {
  const file = runs(
    { name: 'read_file', args: { path: 'a' }, result: 'x' },
    { name: 'delete_file', args: { path: 'a' } },
  );
  const { status, stdout } = await sallyport(...order, '--json', file);
  assert.equal(status, 0);
  const line = JSON.parse(stdout);
  assert.deepEqual(line.summary, { permit: 1, ask: 0, deny: 1 });
  assert.deepEqual(
    line.calls.map(({ decision }: { decision: string }) => decision),
    ['permit', 'deny'],
  );
  const people = await sallyport(...order, file);
  assert.match(people.stderr, /1 run: 1 call permitted, 0 asked, 1 denied/);
});

test('replay: a line that cannot be used ends with 1, missing options with 2', async () => {
  writeFileSync(join(home, 'bad.jsonl'), '{"id":1}\n');
  const { status, stdout } = await sallyport(...order, 'bad.jsonl');
  assert.equal(status, 1);
  assert.match(stdout, /bad\.jsonl:1: /);
  assert.equal((await sallyport('replay', '--tools', 'tools.json', 'x')).status, 2);
  assert.equal((await sallyport(...order, '--on-ask', 'shrug', 'x')).status, 2);
  const gone = await sallyport('replay', '--policies', 'policies', '--tools', 'gone.json', 'x');
  assert.equal(gone.status, 1);
  assert.match(gone.stderr, /gone\.json could not be read/);
});

test('audit verify: the record of a gateway is verified; a changed bit, a put-back record and a foreign key are found', async () => {
  const config = join(home, 'sallyport.yaml');
  policy('all.cedar', '@id("all")\npermit (principal, action, resource);\n');
  writeFileSync(config, `listen: 127.0.0.1:0\npolicies: ./policies\nagents:\n  a: { principal: "user:a" }\n`);
  const state = join(home, 'sallyport');
  const old = join(home, 'old');
  try {
    assert.equal((await sallyport('up', '--config', config)).status, 0);
    assert.equal((await sallyport('audit', 'verify')).status, 0, 'while it runs');
    assert.equal((await sallyport('down')).status, 0);
    cpSync(join(state, 'journal'), old, { recursive: true });
    assert.equal((await sallyport('up', '--config', config)).status, 0);
    await sallyport('kill', 'all');
  } finally {
    if (readRunning(state) !== undefined) await sallyport('down');
  }
  const good = await sallyport('audit', 'verify', '--save-checkpoint', 'kept', '--json');
  assert.equal(good.status, 0, good.stdout);
  assert.equal(JSON.parse(good.stdout).uncovered, 0);
  assert.equal(JSON.parse(good.stdout).agreesWith, undefined, 'none was given');
  const first = await sallyport('audit', 'verify', '--save-checkpoint', 'first');
  assert.match(first.stdout, /^saved +the newest checkpoint, in .*first$/m);
  assert.doesNotMatch(first.stdout, /agrees/);
  writeFileSync(join(home, 'none'), 'something else\n');
  const none = await sallyport('audit', 'verify', '--checkpoint', 'none');
  assert.equal(none.status, 2, 'a wrong file is no altered record');
  assert.match(none.stderr, /none is no checkpoint, so nothing was held against it\n {2}One is written by/);
  const unread = await sallyport('audit', 'check', 'none');
  assert.equal(unread.status, 2);
  assert.match(unread.stderr, /none is no receipt, so nothing in it can be checked\n {2}One is written by/);

  const newest = readFileSync(join(home, 'kept'), 'utf8');
  const over = await sallyport('audit', 'verify', 'old', '--save-checkpoint', 'kept', '--yes');
  assert.equal(over.status, 6, over.stdout);
  assert.match(over.stdout, /^ALTERED .*the log was put back/);
  assert.equal(readFileSync(join(home, 'kept'), 'utf8'), newest, 'what shows it is kept');
  assert.equal((await sallyport('audit', 'verify', 'old', '--save-checkpoint', 'older')).status, 0);
  const longer = await sallyport('audit', 'verify', '--save-checkpoint', 'older', '--json');
  assert.equal(longer.status, 0, longer.stdout);
  assert.ok(JSON.parse(longer.stdout).agreesWith < JSON.parse(longer.stdout).covered);
  assert.equal(readFileSync(join(home, 'older'), 'utf8'), newest, 'of the same record, only longer');
  writeFileSync(join(home, 'list.txt'), 'shopping list\n');
  assert.equal((await sallyport('audit', 'verify', '--save-checkpoint', 'list.txt')).status, 2);
  assert.equal(readFileSync(join(home, 'list.txt'), 'utf8'), 'shopping list\n');

  const back = await sallyport('audit', 'verify', 'old', '--checkpoint', 'kept');
  assert.equal(back.status, 6);
  assert.match(back.stdout, /^ALTERED .*the log was put back/);

  const changed = join(home, 'changed');
  cpSync(join(state, 'journal'), changed, { recursive: true });
  const entries = join(changed, 'log', 'entries', '000000');
  const bytes = readFileSync(entries);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(entries, bytes);
  const altered = await sallyport('audit', 'verify', 'changed', '--json');
  assert.equal(altered.status, 6);
  assert.equal(JSON.parse(altered.stdout).ok, false);

  writeFileSync(join(home, 'no.vkey'), 'nonsense\n');
  assert.equal((await sallyport('audit', 'verify', '--vkey', 'no.vkey')).status, 2);
  const nowhere = await sallyport('audit', 'verify', 'nowhere');
  assert.equal(nowhere.status, 1);
  assert.match(nowhere.stderr, /there is no journal at .*nowhere/);
});

test('audit verify: a file that is no export is not called altered; it is said what would be one', async () => {
  for (const text of ['', 'shopping list\n', 'dev.sallyport/task@v9\n\n']) {
    writeFileSync(join(home, 'list.txt'), text);
    const { status, stdout, stderr } = await sallyport('audit', 'verify', 'list.txt');
    assert.deepEqual([status, stdout], [2, ''], text);
    assert.match(stderr, /list\.txt is no export of a task/);
    assert.match(stderr, /sallyport task ID --export FILE.*directory/s);
  }
});

test('secrets import: which configuration was looked at is said, also where no key was found or nothing is changed', async () => {
  const file = join(home, 'keys.yaml');
  writeFileSync(file, 'servers:\n  mail: { command: mail, env: { MAIL_KEY: "" } }\n');
  const none = await sallyport('secrets', 'import', '--keys', 'file', '--config', file);
  assert.deepEqual([none.status, none.stdout], [0, `no key stands in ${file}\n`]);
  writeFileSync(file, 'servers:\n  mail: { command: mail, env: { MAIL_KEY: sk-canary-4f7a91c2e6b8d035 } }\n');
  const { status, stdout, stderr } = await sallyport(
    'secrets',
    'import',
    '--keys',
    'file',
    '--dry-run',
    '--config',
    file,
  );
  assert.equal(status, 0);
  assert.match(stdout, /^\+ .*MAIL_KEY: \{ credential: mail-mail-key \}/m);
  assert.equal(stderr, `nothing was changed in ${file}: --dry-run\n`);
});
