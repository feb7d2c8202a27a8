import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import type { Entry } from '@sallyport/core/model/entry.ts';
import type { Way } from '@sallyport/core/model/way.ts';
import type { TaskOrder } from '@sallyport/gateway/api/control.ts';
import type { ApprovalView } from '@sallyport/gateway/api/view/approval.ts';
import { unreadDigest } from '@sallyport/gateway/api/view/policy.ts';
import { type ApiServer, startApiServer } from '@sallyport/testkit/fakes/api-server.ts';
import { createFakeControl, type FakeControl } from '@sallyport/testkit/fakes/control.ts';
import { createFakeTerminal, type FakeTerminal, type FakeTerminalOptions } from '@sallyport/testkit/fakes/terminal.ts';
import { ids, smallInstallation } from '@sallyport/testkit/fakes/views.ts';
import { main } from './main.ts';
import { writeRunning } from './running.ts';

/** Every command against the control API itself, with a fake installation behind it. */

const key = 'spo_thekey';
let state: string;
let server: ApiServer;
let control: FakeControl;

before(async () => {
  state = mkdtempSync(join(tmpdir(), 'sallyport-cli-'));
  writeFileSync(join(state, 'operator.key'), `${key}\n`, { mode: 0o600 });
  control = createFakeControl(smallInstallation());
  server = await startApiServer(control, key);
  writeRunning(state, { pid: process.pid, url: server.url, startedAt: 0, config: '/house/sallyport.yaml' });
});
beforeEach(() => {
  Object.assign(control.has, smallInstallation());
  control.heard.length = 0;
});
after(async () => {
  await server.close();
  rmSync(state, { recursive: true, force: true });
});

async function sallyport(
  argv: readonly string[],
  options: FakeTerminalOptions = {},
): Promise<FakeTerminal & { status: number }> {
  const terminal = createFakeTerminal({ ...options, env: { ...options.env, SALLYPORT_STATE: state } });
  return { ...terminal, status: await main(argv, terminal) };
}

async function json(argv: readonly string[], options: FakeTerminalOptions = {}): Promise<Record<string, never>> {
  const { stdout } = await sallyport([...argv, '--json'], options);
  const lines = stdout().trimEnd().split('\n');
  assert.equal(lines.length, 1);
  const value = JSON.parse(lines[0] ?? '');
  assert.equal(value.v, 1);
  return value;
}

test('status shows what runs and ends with 0 while all is well', async () => {
  const { status, stdout, stderr } = await sallyport(['status']);
  assert.equal(status, 0);
  assert.match(stdout(), /^gateway +ready +0\.1\.0, for 1 min 5 s$/m);
  assert.match(stdout(), /^operator +advisory: shared uid$/m);
  assert.match(stdout(), /^files +stdio +ready +14 tools$/m);
  assert.match(stderr(), /look at what waits: sallyport approvals\nlook at what changed: sallyport tools diff/);
});

test('status and doctor say that the list of revoked tokens was lost, and what to do', async () => {
  const tokensLost = { at: Date.parse('2026-11-23T14:03:00'), file: '/state/tokens.sqlite' };
  control.has.status = { ...control.has.status, tokensLost };
  const { stdout, stderr } = await sallyport(['status']);
  assert.match(
    stdout(),
    /^tokens +which were revoked was lost at 2026-11-23 14:03:00: every access and refresh token of before has ended$/m,
  );
  assert.match(stderr(), /find out what removed \/state\/tokens\.sqlite; people sign in again: sallyport login/);
  const doctor = await sallyport(['doctor']);
  assert.match(doctor.stdout(), /note +tokens: which were revoked was lost .* → find out what removed/);
});

test('status says what the gateway runs from, and how much of a long journal is filed', async () => {
  const because = 'SALLYPORT_SOURCES is set';
  const { journal } = control.has.status;
  control.has.status = {
    ...control.has.status,
    runsFrom: { kind: 'sources', because },
    journal: { ...journal, filing: 0.419 },
  };
  const { stdout } = await sallyport(['status']);
  assert.match(stdout(), /^runs from +its sources: SALLYPORT_SOURCES is set$/m);
  assert.match(stdout(), /^journal +ok, \d+ entries; 41 % are filed: tail, why and tasks wait for the rest$/m);
  const doctor = await sallyport(['doctor']);
  assert.match(doctor.stdout(), /note +gateway: runs from its sources: SALLYPORT_SOURCES is set; it takes more memory/);
});

test('status says of each channel what became of its newest message', async () => {
  control.has.status = {
    ...control.has.status,
    channels: [
      { id: 'desk', state: 'failing', at: 1_795_335_926_039, why: 'answered with HTTP 500' },
      { id: 'chat', state: 'ok', at: 1_795_335_926_042 },
      { id: 'phone', state: 'unused' },
    ],
  };
  const { status, stdout } = await sallyport(['status']);
  assert.equal(status, 0);
  assert.match(stdout(), /^channel +desk failing since [\d: -]+: answered with HTTP 500$/m);
  assert.match(stdout(), /^channel +chat ok, told somebody at [\d: -]+$/m);
  assert.match(stdout(), /^channel +phone has told nobody anything yet$/m);
});

test('status ends with 6 where a server is down, and says why', async () => {
  control.has.status = {
    ...control.has.status,
    servers: [{ id: 'files', transport: 'stdio', state: 'down', tools: 0, why: 'exit 1', said: 'no \u001b[31mroom”' }],
  };
  const { status, stdout, stderr } = await sallyport(['status']);
  assert.equal(status, 6);
  assert.match(stdout(), /files +stdio +down +0 tools +exit 1; it said: “no \\u\{1b\}\[31mroom"”/);
  assert.match((await sallyport(['doctor'])).stdout(), /server files: is down: exit 1; it said: “no/);
  assert.match(stderr(), /look what is wrong with files: .*sallyport doctor/);
});

test('doctor says which credentials cannot be had, which need a sign-in, and which are to be changed', async () => {
  control.has.status = {
    ...control.has.status,
    credentials: [
      { name: 'wiki', state: { state: 'failing', why: 'its file \u001bcannot be read' } },
      { name: 'mail', state: { state: 'needs-authorization', why: 'nobody has', link: 'http://127.0.0.1:7420/c' } },
      { name: 'crm', state: { state: 'ready', note: '90 days old, to be changed every 30' } },
    ],
  };
  const { status, stdout } = await sallyport(['doctor']);
  assert.equal(status, 6);
  assert.match(
    stdout(),
    /BAD +credential wiki: is failing: its file \\u\{1b\}cannot be read +→ .*the gateway goes on trying/,
  );
  assert.match(stdout(), /note +credential mail: needs a sign-in: nobody has; sign in: http:\/\/127\.0\.0\.1:7420\/c/);
  assert.match(stdout(), /note +credential crm: 90 days old, to be changed every 30/);
});

test('status says how a stop is taken back, and counts one question as one', async () => {
  control.has.status = {
    ...control.has.status,
    approvals: { ...control.has.status.approvals, pending: 1 },
    killed: [
      { scope: 'agent:x', at: 1_795_335_926_039, by: 'operator', why: 'test' },
      { scope: 'all', at: 1_795_335_926_039, by: 'operator', why: 'test' },
    ],
  };
  const { stdout, stderr } = await sallyport(['status']);
  assert.match(stdout(), /^approvals +1 waits$/m);
  assert.match(stderr(), /let it act again: .*sallyport unkill agent:x$/m);
  assert.match(stderr(), /let it act again: .*sallyport unkill all$/m);
});

test('status says whether a changed set waits, or the policy files cannot be read', async () => {
  const said = async (candidate: string): Promise<string> => {
    control.has.status = { ...control.has.status, candidate };
    const { stdout, stderr } = await sallyport(['status']);
    return stdout() + stderr();
  };
  assert.match(await said('9fQx'), /a changed set waits to be activated[\s\S]*sallyport policy activate/);
  const unread = await said(unreadDigest);
  assert.match(unread, /their files cannot be read[\s\S]*sallyport policy check/);
  assert.doesNotMatch(unread, /policy activate/);
});

test('tail shows a decision a line: decided, would have, did', async () => {
  const { status, stdout } = await sallyport(['tail']);
  assert.equal(status, 0);
  const [heads, permitted, denied, ...rest] = stdout().trimEnd().split('\n');
  assert.deepEqual(heads?.trim().split(/ {2,}/), [
    'time',
    'agent',
    'tool',
    'decided',
    'would have',
    'did',
    'rule',
    'id',
  ]);
  assert.match(permitted ?? '', /assistant +files\/read_text_file +permit +· +performed +reads-are-free +d_aaaa1111$/);
  assert.match(
    denied ?? '',
    /assistant +everything\/get-env +deny +· +refused +no-detour-after-untrusted +d_bbbb2222$/,
  );
  assert.deepEqual(rest, []);
});

test('tail shows what enforcing would have done where the mode is shadow', async () => {
  control.has.entries = control.has.entries.map(entry =>
    entry.kind === 'decided' && entry.id === ids.denied ? { ...entry, mode: 'shadow', verdict: 'pass' } : entry,
  );
  const { stdout } = await sallyport(['tail']);
  assert.match(stdout(), /get-env +deny +refuse +refused/);
});

test('tail filters by all that Now filters by', async () => {
  control.has.entries = control.has.entries.map(entry =>
    entry.kind === 'decided' && entry.id === ids.denied ? { ...entry, mode: 'shadow', verdict: 'pass' } : entry,
  );
  const tools = async (...args: string[]): Promise<string[]> => {
    const { status, stdout } = await sallyport(['tail', ...args]);
    assert.equal(status, 0, args.join(' '));
    return [...stdout().matchAll(/(read_text_file|get-env)/g)].map(([name]) => name);
  };
  assert.deepEqual(await tools('--rule', 'reads-are-free'), ['read_text_file']);
  assert.deepEqual(await tools('--rule', 'no-such-rule'), []);
  assert.deepEqual(await tools('--mode', 'shadow'), ['get-env']);
  assert.deepEqual(await tools('--would'), ['get-env']);
  assert.deepEqual(await tools('--would', '--answer', 'permit'), []);
  assert.deepEqual(await tools('--label', 'secret'), []);
  assert.equal((await sallyport(['tail', '--answer', 'perhaps'])).status, 2);
});

test('tail goes back in time: from an instant on, and up to one, with what became of it later', async () => {
  const [permitted, performed, denied, refused] = control.has.entries;
  assert.ok(permitted && performed && denied && refused);
  const day = Date.parse('2026-11-20T12:00Z');
  control.has.entries = [permitted, performed, denied, refused].map((entry, hour) => ({
    ...entry,
    at: (day + hour * 3_600_000) as typeof entry.at,
  }));
  const told = async (...args: string[]): Promise<string[]> => {
    const { status, stdout } = await sallyport(['tail', ...args]);
    assert.equal(status, 0, args.join(' '));
    return [...stdout().matchAll(/(?:read_text_file|get-env) .*(?:performed|refused)/g)].map(([line]) =>
      line.slice(0, 7),
    );
  };
  assert.deepEqual(await told('--since', '2026-11-20T12:30Z'), ['get-env']);
  assert.deepEqual(await told('--until', '2026-11-20T12:30Z'), ['read_te']);
  assert.deepEqual(await told('--since', '2026-11-20T12:00Z', '--until', '2026-11-20T14:01Z'), ['read_te', 'get-env']);
  const cut = await sallyport(['tail', '--since', '2026-11-20', '-n', '1']);
  assert.doesNotMatch(cut.stdout(), /read_text_file/);
  assert.match(cut.stderr(), /There are older ones in that time, .* --until 2026-11-20T\d\d:00:01\n$/);
  assert.equal((await sallyport(['tail', '--since', '2026-11-20', '-n', '2'])).stderr(), '');
  const later = await sallyport(['tail', '--since', '2026-11-21']);
  assert.equal(later.stderr(), 'Nothing that was decided matches.\n');
  const refusals = [
    [['--since', 'yesterday'], /^sallyport: --since yesterday is no time\n {2}A date/],
    [['--since', '2026-11-21', '--until', '2026-11-20'], /--since must be earlier than --until/],
    [['--follow', '--until', '1h'], /--until and --follow cannot stand together/],
  ] as const;
  for (const [args, says] of refusals) {
    const { status, stderr } = await sallyport(['tail', ...args]);
    assert.equal(status, 2, args.join(' '));
    assert.match(stderr(), says);
  }
});

test('tail --follow goes on with what comes, joined with what became of it', async () => {
  const [permitted, performed, denied, refused] = control.has.entries;
  assert.ok(permitted && performed && denied && refused);
  control.has.entries = [permitted, performed];
  const query = control.entries;
  const asked = async (...args: Parameters<typeof query>) => {
    const page = await query(...args);
    control.has.entries = [permitted, performed, denied, refused];
    return { ...page, newest: 2 };
  };
  const restore = { entries: control.entries };
  Object.assign(control, { entries: asked });
  try {
    const { stdout } = await sallyport(['tail', '--follow']);
    assert.equal(stdout().trimEnd().split('\n').length, 3);
    assert.match(stdout(), /get-env +deny +· +refused/);
  } finally {
    Object.assign(control, restore);
  }
});

test('tail --all tells of tokens, kills and tasks, and only of what it has words for', async () => {
  const last = control.has.entries.at(-1);
  assert.ok(last);
  const entry = { ...last, id: 'e_ffff6666000000000000000000', seq: 5 };
  control.has.entries = [
    { ...entry, kind: 'agent.token', agent: 'assistant', token: 'k1', state: 'issued', by: 'operator' } as Entry,
    {
      ...entry,
      seq: 6,
      kind: 'killed',
      scope: { kind: 'all' },
      by: 'operator',
      why: 'odd\u001b[2J',
      stop: true,
    } as Entry,
  ];
  const { stdout } = await sallyport(['tail', '--all']);
  assert.match(stdout(), /token k1 of agent assistant issued by operator/);
  assert.match(stdout(), /killed everything by operator: odd\\u\{1b\}\[2J/);
  const without = await sallyport(['tail']);
  assert.equal(without.stdout(), '');
  assert.equal(without.stderr(), 'Nothing has been decided yet.\n');
  const none = await sallyport(['tail', '--answer', 'ask']);
  assert.equal(none.stderr(), 'Nothing that was decided matches.\n');
});

test('tail looks for nothing in what is not there: a misspelt task, agent or tool is named, with its neighbour', async () => {
  control.has.entries = [];
  const told = async (...argv: string[]) => {
    const { status, stderr } = await sallyport(['tail', ...argv]);
    return [status, stderr()] as const;
  };
  assert.deepEqual(await told('--task', 't_4c0v8m1x'), [
    1,
    'sallyport: there is no such task\n  Did you mean t_4c0v8m1r?\n',
  ]);
  assert.match(
    (await told('--agent', 'asistant'))[1],
    /^sallyport: --agent asistant: is no .*mean assistant\?\n.* ls`/,
  );
  assert.match(
    (await told('--tool', 'files/move_fil'))[1],
    /^sallyport: --tool .* is no tool; did you mean files\/move_file/,
  );
  assert.match((await told('--tool', 'file/*'))[1], /is no tool; did you mean files\/\*\?/);
  assert.equal((await told('--task', 't_4c0v8m1r', '--agent', 'assistant', '--tool', 'files/*'))[0], 0);
  assert.equal((await sallyport(['report', '--agent', 'asistant'])).status, 1);
});

test('tail --all tells where a question ran out, and where a yes did: nobody did it, so it is no entry', async () => {
  const [first] = control.has.entries;
  const [view] = control.has.approvals;
  assert.ok(first && view);
  const at = Date.now();
  const base = { v: 1, tenant: 'local', node: 'n', task: ids.task } as const;
  const question = { ...base, seq: 5, at: at - 9_000, kind: 'asked', id: ids.approval, decision: ids.denied };
  const asked = { ...question, approvers: ['operator'], expiresAt: at - 5_000 } as unknown as Entry;
  const later = { ...first, seq: 6, id: 'd_ffff7777000000000000000000', at: at - 1_000 } as Entry;
  control.has.entries = [asked, later];
  control.has.approvals = [{ ...view, state: 'expired', expiresAt: at - 5_000 }];
  const { stdout } = await sallyport(['tail', '--all']);
  assert.match(
    stdout(),
    /ap_dddd4444 asked [^\n]+\n[\d:]+ {2}approval ap_dddd4444 expired: nobody answered about [^\n]+\n[^\n]+permit/,
  );
  assert.equal((await sallyport(['tail', '--all', '--json'])).stdout().trimEnd().split('\n').length, 2);

  const answered = { at: at - 8_000, by: 'oidc:anna', proof: 'oidc' };
  control.has.approvals = [{ ...view, state: 'expired', expiresAt: at - 500, answered }];
  assert.match(
    (await sallyport(['tail', '--all'])).stdout(),
    /ap_dddd4444 ran out: the yes of oidc:anna was not used\n$/,
  );
});

test('tail --json is one entry a line', async () => {
  const { stdout } = await sallyport(['tail', '--json']);
  const lines = stdout()
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ v, entry }) => [v, entry.kind]),
    [
      [1, 'decided'],
      [1, 'performed'],
      [1, 'decided'],
      [1, 'refused'],
    ],
  );
});

test('why shows request, facts, deciding policy with its place, source of the label, the change and timings', async () => {
  const { status, stdout } = await sallyport(['why', 'd_bbbb2222']);
  assert.equal(status, 0);
  for (const part of [
    /^everything\/get-env {2}DENIED → refused {2}d_bbbb2222/m,
    /agent assistant \(bearer, trust 2\) for user:emma, opened task t_4c0v8m1r opened by operator {2}“Summarise the folder”/,
    /"name": "get-env"/,
    /context\.task\.inManifest +false/,
    /forbid no-detour-after-untrusted {2}policies\/default\.cedar:52/,
    /fix: finish without it/,
    /untrusted +from files\/read_text_file +[\d-]+ \d\d:\d\d:\d\d +sallyport why o_cccc3333/,
    /would permit\n {2}If the task named this tool, it would be permitted\./,
    /decided in 0\.21 ms/,
  ])
    assert.match(stdout(), part);
});

test('why of an unknown id suggests the nearest there is', async () => {
  const { status, stderr } = await sallyport(['why', 'd_bbbb2223']);
  assert.equal(status, 1);
  assert.match(stderr(), /^sallyport: there is no such decision\n {2}Did you mean d_bbbb2222\?/);
});

test('tasks and task show purpose, limits and labels', async () => {
  assert.match(
    (await sallyport(['tasks'])).stdout(),
    /t_4c0v8m1r +open +assistant +user:emma +opened +2\/50 +untrusted +Summarise the folder/,
  );
  const task = control.has.tasks[0] ?? assert.fail();
  control.has.tasks = [{ ...task, limits: { ...task.limits, callsMax: 1_000_000 } }];
  assert.match((await sallyport(['tasks'])).stdout(), / 2\/1,000,000 /);
  const { stdout } = await sallyport(['task', 't_4c0v']);
  assert.match(stdout(), /calls +2 of 1,000,000/);
  const misspelt = await sallyport(['task', 'opne']);
  assert.equal(misspelt.status, 2);
  assert.match(misspelt.stderr(), /this is no id of a task: those begin with `t_`/);
  assert.match(stdout(), /tools +files\/\*\n/);
  assert.match(stdout(), /untrusted +from files\/read_text_file/);
});

test('a purpose that was erased is not said to be none', async () => {
  const purposeOf = async (kind: string): Promise<string | undefined> => {
    control.has.tasks = smallInstallation().tasks.map(task => ({ ...task, kind, purpose: '' }));
    return /purpose +(.*)/.exec((await sallyport(['task', ids.task])).stdout())?.[1];
  };
  assert.equal(await purposeOf('ambient'), 'none was stated');
  assert.equal(await purposeOf('opened'), 'is no longer kept');
});

test('tasks of an agent that is not configured is no quiet agent', async () => {
  control.has.tasks = [];
  const { status, stderr } = await sallyport(['tasks', '--agent', 'asistant']);
  assert.equal(status, 1);
  assert.equal(
    stderr(),
    'sallyport: --agent asistant: is no configured agent; did you mean assistant?\n  Agents are listed by `sallyport agents ls`.\n',
  );
});

test('task shows what people and policies lowered and stood behind in it, the newest of many', async () => {
  const [first] = control.has.tasks;
  assert.ok(first);
  const acts = { entry: 'e_1', by: 'policy:desk-list', why: 'the desk keeps \u202eit', at: 0 } as const;
  const lowered = { ...acts, what: { kind: 'entry', entry: 'o_7' }, to: 'internal', lowers: ['secret'] } as const;
  const endorsed = [
    { ...acts, endorsed: { kind: 'outcome', entry: 'o_7' }, reach: 'changes' },
    {
      ...acts,
      by: 'oidc:ines',
      endorsed: { kind: 'tool', server: 'bank', tool: 'pay' },
      reach: 'grave',
      until: 60_000,
    },
  ] as const;
  control.has.tasks = [{ ...first, declassified: Array.from({ length: 15 }, () => lowered), endorsed }];
  const { stdout } = await sallyport(['task', first.id]);
  assert.equal(stdout().match(/what o_7 brought counts as internal, says policy:desk-list/g)?.length, 12);
  assert.match(stdout(), /\n {2}and 3 before them\n/);
  assert.match(
    stdout(),
    /endorsed\n {2}what o_7 brought up to changes, says policy:desk-list at .*: the desk keeps .u\{202e\}it/,
  );
  assert.match(stdout(), /bank\/pay up to grave, until .*, says oidc:ines/);
});

test('task shows what its servers were lent, and what lives on after it, until when', async () => {
  const common = { v: 1, tenant: 'local', node: 'n', task: ids.task } as const;
  const asked = { kind: 'credential.requested', agent: 'assistant', principal: 'user:emma', scope: '' } as const;
  const of = (n: number, credential: string): Entry[] => {
    const lease = `l_${n}` as const;
    return [
      { ...common, ...asked, id: lease, seq: 100 + 3 * n, at: 0, credential, server: 'mail\u202e' },
      { ...common, kind: 'credential.issued', id: `e_i${n}`, seq: 101 + 3 * n, at: 0, lease, revocable: n === 1 },
    ];
  };
  const end = { ...common, kind: 'credential.ended', at: 0, why: 'its task has ended' } as const;
  const before = control.has.entries;
  control.has.entries = [
    ...before,
    ...of(1, 'crm'),
    { ...end, id: 'e_e1', seq: 105, lease: 'l_1', outcome: 'revoked' },
    ...of(2, 'mail'),
    { ...end, id: 'e_e2', seq: 108, lease: 'l_2', outcome: 'outlives', expiresAt: 3_600_000 },
    ...of(3, 'shop'),
  ];
  const shown = (await sallyport(['task', ids.task])).stdout();
  control.has.entries = before;
  assert.match(shown, /^credentials\n {2}crm +for mail.* +revoked at \d.*: its task has ended$/m);
  assert.match(shown, /^ {2}mail +for mail.* +outlives the task until 1970.*: its task has ended$/m);
  assert.match(shown, /^ {2}shop +for mail.* +lent until the task ends$/m);
  assert.ok(!shown.includes('\u202e'));
});

test('findings and task show what was unusual, with its numbers; status counts it', async () => {
  const finding = {
    ...{ task: ids.task, agent: 'assistant', kind: 'invoices', score: 45, decision: ids.denied, firstAt: 0, at: 0 },
    actions: 2,
    signals: [
      { name: 'unusual-tool' as const, text: '0 of 12 earlier tasks of this kind used bank/pay' },
      { name: 'new-destination' as const, text: 'it goes where earlier tasks did not\u202e' },
    ],
  };
  control.has.findings = [finding];
  control.has.status = { ...control.has.status, findings: 1 };
  const { stdout } = await sallyport(['findings']);
  assert.match(stdout(), /score 45 +assistant, invoices, 2 actions/);
  assert.match(stdout(), /^ {2}unusual-tool: 0 of 12 earlier tasks of this kind used bank\/pay$/m);
  assert.ok(!stdout().includes('\u202e'));
  assert.match((await sallyport(['task', ids.task])).stdout(), /unusual\n {2}unusual-tool: 0 of 12/);
  const status = await sallyport(['status']);
  assert.match(status.stdout(), /^findings +1 task did unusual things$/m);
  assert.match(status.stderr(), /sallyport findings/);
  control.has.findings = [];
  assert.match((await sallyport(['findings'])).stderr(), /Nothing unusual was noticed/);
  assert.match((await sallyport(['findings', '--task', ids.task])).stderr(), /Nothing unusual was noticed/);
  const nowhere = await sallyport(['findings', '--task', 'zz']);
  assert.equal(nowhere.status, 1);
  assert.doesNotMatch(nowhere.stderr(), /Nothing unusual/);
  assert.match(nowhere.stderr(), /no such task\n {2}Open tasks are listed by `sallyport tasks`/);
});

test('tail shows of what was rejected the id under which why knows it', async () => {
  const rejected = { ...{ v: 1, tenant: 'local', node: 'local', seq: 90, at: 1, kind: 'rejected' }, what: 'agent' };
  control.has.entries = [
    { ...rejected, id: 'e_7720b1dsg55f3ffntgxes14dt2', code: 'unauthenticated' } as unknown as Entry,
  ];
  assert.match((await sallyport(['tail'])).stdout(), /rejected agent: unauthenticated {2}e_7720b1ds$/m);
});

test('task open hands its order over and shows the token once, with the operator’s worth', async () => {
  const order = [
    'task',
    'open',
    '--agent',
    'assistant',
    '--purpose',
    'Sum',
    '--tool',
    'files/*',
    '--calls',
    '5',
    '--seconds',
    '60',
  ];
  const { status, stdout, stderr } = await sallyport(order);
  assert.equal(status, 0);
  assert.deepEqual(control.heard[0], [
    'open',
    {
      kind: 'opened',
      agent: 'assistant',
      principal: undefined,
      purpose: 'Sum',
      manifest: { tools: ['files/*'], resources: undefined, destinations: undefined },
      ceiling: undefined,
      segments: undefined,
      audience: undefined,
      parent: undefined,
      endsWith: undefined,
      limits: { callsMax: 5, secondsMax: 60 },
    },
  ]);
  assert.match(stdout(), /^token {2}spt_secret$/m);
  assert.match(stderr(), /advisory: shared uid/);
});

test('task open can put the token into a private file instead, and then shows it nowhere', async () => {
  const file = join(state, 'task.token');
  for (const flags of [[], ['--json']]) {
    const { stdout, stderr } = await sallyport([
      'task',
      'open',
      '--agent',
      'assistant',
      '--token-file',
      file,
      ...flags,
    ]);
    assert.equal(readFileSync(file, 'utf8'), 'spt_secret\n');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.doesNotMatch(stdout() + stderr(), /spt_secret/);
  }
});

test('task open --tool none states an empty manifest, --clean opens an ambient task', async () => {
  await sallyport(['task', 'open', '--agent', 'assistant', '--tool', 'none']);
  await sallyport(['task', 'open', '--agent', 'assistant', '--clean']);
  const orders = control.heard.map(([, order]) => order as TaskOrder);
  assert.deepEqual(
    orders.map(({ kind, manifest }) => [kind, manifest.tools]),
    [
      ['opened', []],
      ['ambient', undefined],
    ],
  );
});

test('what is wrong with an order is told of the flag that was typed, and nothing else is suggested', async () => {
  const { open } = control.tasks;
  const wrongs: [code: 'not-found' | 'malformed', field: string, message: string, told: string][] = [
    [
      'not-found',
      'audience[1]',
      'is no configured server; did you mean files?',
      '--server flies: is no configured server',
    ],
    ['not-found', 'tools[0]', 'is no tool of that server', '--tool files/raed: is no tool of that server'],
    ['malformed', 'limits.spendCentsMax', 'must be at most 5', '--spend 9: must be at most 5'],
    ['not-found', 'agent', 'is no configured agent; did you mean asst?', '--agent assistant: is no configured agent'],
    ['malformed', 'endsWith', 'must be connection', '--ends-with: must be connection'],
    ['not-found', 'kind', 'is no kind of task', '--kind: is no kind of task'],
  ];
  try {
    for (const [code, field, message, told] of wrongs) {
      (control.tasks as { open: typeof open }).open = async () => ({
        ok: false,
        error: { code, field, message, fix: 'see: the manual' },
      });
      const typed = ['--agent', 'assistant', '--server', 'files', 'flies', '--tool', 'files/raed', '--spend', '9'];
      const { stderr } = await sallyport(['task', 'open', ...typed]);
      assert.ok(stderr().startsWith(`sallyport: ${told}`), stderr());
      assert.match(stderr(), /\n {2}see: the manual\n$/);
    }
  } finally {
    Object.assign(control.tasks, { open });
  }
});

test('task suspend, resume and renew say what was asked, and a renewed token goes into a private file', async () => {
  const file = join(state, 'renewed.token');
  await sallyport(['task', 'suspend', 't_4c0v', '--why', 'lunch']);
  await sallyport(['task', 'resume', 't_4c0v']);
  const renewed = await sallyport(['task', 'renew', 't_4c0v', '--access', '/mcp/files', '--token-file', file]);
  assert.deepEqual(JSON.parse(JSON.stringify(control.heard)), [
    ['suspend', 't_4c0v', 'lunch'],
    ['resume', 't_4c0v'],
    ['renew', 't_4c0v', { audience: '/mcp/files' }],
  ]);
  assert.equal(readFileSync(file, 'utf8'), 'spt_renewed\n');
  assert.doesNotMatch(renewed.stdout(), /spt_/);
  assert.match(renewed.stdout(), /access e\.y\.j/);
});

test('task end takes the reason along', async () => {
  const { status } = await sallyport(['task', 'end', 't_4c0v', '--why', 'done']);
  assert.equal(status, 0);
  assert.deepEqual(control.heard[0], ['end', 't_4c0v', 'done']);
});

test('E-1 the inbox answers what it shows, with a key; a reason goes with a no', async () => {
  const yes = await sallyport(['approvals'], { pressed: 'aq', answer: 'yes' });
  assert.deepEqual(control.heard, [['answer', ids.approval, 'approved']]);
  assert.match(yes.stderr(), /1 of 1[\s\S]*a approve once/);
  control.heard.length = 0;
  await sallyport(['approvals'], { pressed: 'aq', answer: 'y' });
  assert.deepEqual(control.heard, [], 'a key approved something whose classes nobody knows');
  await sallyport(['approvals'], { pressed: 'rq', answer: 'ask Ines first' });
  assert.deepEqual(control.heard, [['answer', ids.approval, 'refused', 'ask Ines first']]);
});

test('E-1 the inbox stays at the question that is read, and draws nothing over what is being typed', async () => {
  const [view] = control.has.approvals;
  assert.ok(view);
  const [one, two, three] = ['1', '2', '3'].map(digit => ({ ...view, id: `${ids.approval.slice(0, -1)}${digit}` }));
  assert.ok(one && two && three);
  control.has.approvals = [one, two, three];
  const fake = createFakeTerminal({ pressed: 'x', answer: '', env: { SALLYPORT_STATE: state } });
  const lookedAgain = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 2_600));
  const terminal = {
    ...fake,
    keys: async function* () {
      yield 'j';
      control.has.approvals = [two, three];
      await lookedAgain();
      assert.match(
        fake.stderr().split('\u001b[2J').at(-1) ?? '',
        /^\u001b\[H1 of 2/,
        'another question took its place',
      );
      yield 'r';
      yield 'q';
    },
    ask: async () => {
      const before = fake.stderr();
      control.has.approvals = [three];
      await lookedAgain();
      assert.equal(fake.stderr(), before, 'a question was drawn over the words');
      return 'no';
    },
  };
  assert.equal(await main(['approvals'], terminal), 0);
  assert.deepEqual(control.heard, [['answer', two.id, 'refused', 'no']]);
});

test('approvals shows the exact arguments with hidden characters made visible', async () => {
  const { stdout, stderr } = await sallyport(['approvals']);
  assert.match(stdout(), /files\/move_file/);
  assert.match(stdout(), /"source": "a\\u\{202e\}b"/);
  assert.match(stderr(), /answer: sallyport approve ap_dddd4444[\s\S]*advisory: shared uid/);
});

test('approvals --all tells a yes that ran out unused from a question that nobody answered', async () => {
  const [view] = control.has.approvals;
  assert.ok(view);
  const answered = { at: 0, by: 'oidc:anna', proof: 'oidc' };
  control.has.approvals = [
    { ...view, state: 'expired' },
    { ...view, state: 'expired', answered },
  ];
  const { stdout } = await sallyport(['approvals', '--all']);
  assert.match(stdout(), /^approval +ap_dddd4444 +expired: nobody answered$/m);
  assert.match(stdout(), /^approval +ap_dddd4444 +approved by oidc:anna, and ran out unused$/m);
});

test('approve shows the card, asks, and does nothing without a yes', async () => {
  const no = await sallyport(['approve', 'ap_dddd'], { answer: '' });
  assert.equal(no.status, 1);
  assert.match(
    no.stderr(),
    /exactly this would be permitted, once[\s\S]*advisory: shared uid[\s\S]*nothing was changed/,
  );
  assert.deepEqual(control.heard, []);
  const yes = await sallyport(['approve', 'ap_dddd'], { answer: 'y' });
  assert.equal(yes.status, 0);
  assert.deepEqual(control.heard, [['answer', ids.approval, 'approved']]);
});

test('the card says who else may answer once nobody has for so long', async () => {
  const escalation = { at: Date.now() + 90_500, approvers: ['security'] };
  control.has.approvals = control.has.approvals.map(view => ({ ...view, escalation }));
  assert.match(
    (await sallyport(['approvals'])).stdout(),
    /asked of {3}operator; in 1 min (?:29|30) s also of security/,
  );
});

test('a question that is answered already is not asked again', async () => {
  control.has.approvals = control.has.approvals.map(view => ({ ...view, state: 'approved' as const }));
  const { stderr } = await sallyport(['approve', 'ap_dddd'], { answer: 'y' });
  assert.doesNotMatch(stderr(), /exactly this would be permitted/);
});

test('where two people have to say yes, the first is told that it is not approved yet', async () => {
  const first = { at: 1_795_335_926_039, by: 'operator', proof: 'key' };
  control.has.approvals = control.has.approvals.map(view => ({ ...view, people: 2, seconds: [first] }));
  const yes = await sallyport(['approve', 'ap_dddd'], { answer: 'y' });
  assert.equal(yes.status, 0);
  assert.match(yes.stderr(), /^yes +1 of 2 people said yes \(operator\)$/m);
  assert.match(
    yes.stdout(),
    /not approved yet: files\/move_file; 1 of 2 people said yes \(operator\), and the next has/,
  );
  assert.doesNotMatch(yes.stdout(), /to try again/);
  const card = await sallyport(['approve', 'ap_dddd'], { answer: '' });
  assert.doesNotMatch(card.stderr(), /a wider answer/, 'the gateway would not take one');
  const wider = await sallyport(['approve', 'ap_dddd', '--tool', '--why', 'x', '--yes']);
  assert.match(
    wider.stderr(),
    /takes no wider answer: more than one person has to say yes.*\n {2}.*approve ap_dddd4444/,
  );
  const inbox = await sallyport(['approvals'], { pressed: 'aq', answer: 'yes' });
  assert.match(inbox.stderr(), /not approved yet: 1 of 2 people said yes/);
});

test('where two rules want different people, each is named with what is still missing', async () => {
  const quorums = [
    { approvers: ['finance', 'board'], people: 1, yes: ['oidc:anna'] },
    { approvers: ['security'], people: 2, yes: [] },
  ];
  const seconds = [{ at: 1_795_335_926_039, by: 'oidc:anna', proof: 'oidc' }];
  control.has.approvals = control.has.approvals.map(view => ({ ...view, quorums, seconds }));
  const { stdout, stderr } = await sallyport(['approve', 'ap_dddd'], { answer: 'y' });
  assert.doesNotMatch(stderr(), /a wider answer/);
  assert.match(
    stdout(),
    /not approved yet: files\/move_file; finance, board: 1 of 1 people said yes \(oidc:anna\); security: 0 of 2 people said yes, and the next has/,
  );
});

function asksAbout(ways: readonly Partial<Way>[]): void {
  const [first] = control.has.approvals;
  assert.ok(first);
  const facts = { flow: { ways } } as unknown as NonNullable<ApprovalView['facts']>;
  control.has.approvals = [{ ...first, facts }];
}
const foundIn = (tool: string): Way['found'] => [{ entry: 'o_1', server: 'crm', tool, digest: `d-${tool}`, path: '' }];
const someWays: readonly Partial<Way>[] = [
  { argument: 'recipient', backing: 'field', digest: 'd1', found: foundIn('find') },
  { argument: 'amount', backing: 'nobody', digest: 'd2', found: [] },
  { argument: 'cc', backing: 'field', digest: 'd3', found: foundIn('list') },
  { argument: 'cc', backing: 'text', digest: 'd4', found: foundIn('list') },
  { argument: 'purpose', backing: 'principal', digest: 'd5', found: [] },
];

test('approve shows what can be stood behind instead, and says the wider answer where it is asked for', async () => {
  asksAbout(someWays);
  const card = (await sallyport(['approve', 'ap_dddd'], { answer: '' })).stderr();
  assert.match(card, /a wider answer instead\n {2}--value "recipient" {2}The value of recipient/);
  assert.match(card, /--value "cc \(2\)"[\s\S]*--source "recipient" {2}Whatever crm\/find returns[\s\S]*--tool /);
  assert.doesNotMatch(card, /"purpose"/, 'the principal’s own needs nobody');
  control.has.approvals = control.has.approvals.map(view => ({ ...view, classes: ['destructive'] }));
  const grave = (await sallyport(['approve', 'ap_dddd'], { answer: '' })).stderr();
  assert.match(grave, /crm\/find returns .*, for changes that can be undone and nothing graver$/m);
  asksAbout(someWays);

  const why = ['--why', 'our landlord', '--yes'];
  const said = async (...argv: string[]) => {
    control.heard.length = 0;
    const { status, stdout } = await sallyport(['approve', 'ap_dddd', ...argv, ...why]);
    assert.equal(status, 0);
    assert.match(stdout(), /The question ap_dddd4444\S* itself is still open/);
    return control.heard;
  };
  const order = (what: object, minutes?: number) => [['endorse', ids.approval, what, minutes, 'our landlord']];
  assert.deepEqual(await said('--value', 'recipient', '--minutes', '60'), order({ kind: 'value', digest: 'd1' }, 60));
  assert.deepEqual(await said('--value', 'cc (2)'), order({ kind: 'value', digest: 'd4' }));
  assert.deepEqual(await said('--source', 'recipient'), order({ kind: 'source', digest: 'd-find' }));
  assert.deepEqual(await said('--tool'), order({ kind: 'tool' }));
  const answer = await json(['approve', 'ap_dddd', '--tool', ...why]);
  assert.equal((answer as unknown as { approval: { id: string } }).approval.id, ids.approval);
});

test('a wider answer needs a yes, a reason and one thing that the question is about; nothing is said otherwise', async () => {
  asksAbout(someWays);
  const refused = async (status: number, words: RegExp, ...argv: string[]) => {
    const said = await sallyport(['approve', 'ap_dddd', ...argv], { answer: '' });
    assert.equal(said.status, status, said.stderr());
    assert.match(said.stderr(), words);
    assert.deepEqual(control.heard, []);
  };
  await refused(1, /shared uid[\s\S]*nothing was changed/, '--tool', '--why', 'x');
  await refused(2, /--why is required: it stands in the record/, '--tool', '--yes');
  await refused(2, /--why is required/, '--tool', '--why', ' ', '--yes');
  await refused(2, /only one of --value, --source and --tool/, '--tool', '--value', 'cc', '--why', 'x', '--yes');
  await refused(2, /belong to a wider answer/, '--why', 'x', '--yes');
  await refused(2, /belong to a wider answer/, '--minutes', '5', '--yes');
  await refused(2, /--minutes must be a whole number/, '--tool', '--minutes', 'ten', '--why', 'x', '--yes');
  await refused(
    1,
    /offers no value of recipent\n {2}Did you mean recipient\?/,
    '--value',
    'recipent',
    '--why',
    'x',
    '--yes',
  );
  await refused(
    1,
    /offers no source of amount\n {2}It offers recipient, cc/,
    '--source',
    'amount',
    '--why',
    'x',
    '--yes',
  );
  await refused(1, /offers no value of purpose/, '--value', 'purpose', '--why', 'x', '--yes');
});

test('approve without a terminal needs --yes', async () => {
  const { status, stderr } = await sallyport(['approve', 'ap_dddd']);
  assert.equal(status, 2);
  assert.match(stderr(), /nobody can be asked here\.\n {2}Add --yes/);
  assert.deepEqual(control.heard, []);
  assert.equal((await sallyport(['approve', 'ap_dddd', '--yes'])).status, 0);
});

test('refuse asks nobody; an unknown approval is named with its neighbour', async () => {
  assert.equal((await sallyport(['refuse', 'ap_dddd'])).status, 0);
  assert.deepEqual(control.heard, [['answer', 'ap_dddd', 'refused']]);
  const { status, stderr } = await sallyport(['approve', 'ap_dddd4445', '--yes']);
  assert.equal(status, 1);
  assert.match(stderr(), /there is no approval ap_dddd4445\n {2}Did you mean ap_dddd4444\?/);
});

test('kill acts without asking; unkill asks', async () => {
  const killed = await sallyport(['kill', 'agent:assistant', '--why', 'odd']);
  assert.equal(killed.status, 0);
  assert.match(killed.stderr(), /undo: sallyport unkill agent:assistant/);
  const idle = await sallyport(['unkill', 'agent:assistant'], { answer: 'y' });
  assert.match(
    idle.stderr(),
    /^sallyport: agent:assistant is not stopped; nothing is\n/,
    'nobody is asked about nothing',
  );
  assert.deepEqual(idle.asked, []);
  const stopped = { scope: 'agent:assistant', at: 0, by: 'oidc:anna', why: 'looks hijacked' };
  control.has.status = { ...control.has.status, killed: [stopped] };
  assert.equal((await sallyport(['unkill', 'agent:assistant'])).status, 2);
  const asks = await sallyport(['unkill', 'agent:assistant'], { answer: '' });
  assert.match(asks.stderr(), /^killed +agent:assistant +since 19\S+ \S+ by oidc:anna: looks hijacked$/m);
  const { status, stdout, stderr } = await sallyport(['unkill', 'agent:assistant', '--yes']);
  assert.equal(status, 0);
  assert.match(stdout(), /^released {2}agent:assistant; nothing is stopped now$/m);
  assert.match(stderr(), /advisory: shared uid/);
  assert.deepEqual(control.heard, [
    ['kill', 'agent:assistant', 'odd'],
    ['unkill', 'agent:assistant', ''],
  ]);
});

test('where no gateway runs kill says that nothing passes, and doctor’s JSON names the commands as they are typed', async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'sallyport-none-'));
  try {
    const killed = await sallyport(['kill', 'all', '--state', elsewhere]);
    assert.equal(killed.status, 6);
    assert.match(
      killed.stderr(),
      /no gateway is running on \S+: nothing passes through that one\n {2}If agents act all the/,
    );
    const looked = await sallyport(['doctor', '--json', '--state', elsewhere]);
    const { findings } = JSON.parse(looked.stdout()) as { findings: { fix?: string }[] };
    assert.match(findings[0]?.fix ?? '', /sallyport\S* --state \S*sallyport-none-\w+ up`/);
    const near = await sallyport(['tasks', '--state', './st'], { cwd: elsewhere });
    assert.ok(near.stderr().includes(` --state ${join(elsewhere, 'st')} `), near.stderr());
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
});

test('kill takes a task by the beginning of its id, and suggests a scope for a bare name', async () => {
  await sallyport(['kill', 'task:t_4c0v']);
  assert.deepEqual(control.heard, [['kill', `task:${ids.task}`, '']]);
  const { status, stderr } = await sallyport(['kill', 'asistant']);
  assert.equal(status, 2);
  assert.match(stderr(), /asistant is no scope\n {2}Did you mean agent:assistant\?/);
});

test('mode shows what is set; loosening asks, tightening does not', async () => {
  assert.match((await sallyport(['mode'])).stdout(), /class:money +enforce +config/);
  assert.equal((await sallyport(['mode', 'shadow'])).status, 2);
  assert.equal((await sallyport(['mode', 'class:write', 'enforce'])).status, 0);
  const loosened = await sallyport(['mode', 'agent:assistant', 'shadow', '--yes']);
  assert.match(loosened.stderr(), /advisory: shared uid/);
  assert.match(
    loosened.stderr(),
    /sallyport report\n.*undo: .*sallyport mode agent:assistant unset\n/,
    'what to do next',
  );
  assert.deepEqual(control.heard, [
    ['mode', 'class:write', 'enforce'],
    ['mode', 'agent:assistant', 'shadow'],
  ]);
  for (const [scope, says] of [
    ['agent:asistant', /^sallyport: agent:asistant: is no configured agent; did you mean assistant\?/],
    ['server:fles', /^sallyport: server:fles: is no configured server; did you mean files\?/],
    ['tool:files/move_fil', /^sallyport: tool:files\/move_fil: is no tool; did you mean files\/move_file\?/],
  ] as const) {
    const misspelt = await sallyport(['mode', scope, 'observe'], { answer: 'y' });
    assert.equal(misspelt.status, 1, scope);
    assert.match(misspelt.stderr(), says);
  }
  const alone = await sallyport(['mode', 'tool:files/move_file']);
  assert.match(alone.stderr(), /is no mode\n {2}Did you mean .*sallyport mode tool:files\/move_file enforce\?/);
  const turned = await sallyport(['mode', 'shadow', 'agent:assistant']);
  assert.match(turned.stderr(), /Did you mean .*sallyport mode agent:assistant shadow\?/);
  assert.match((await sallyport(['mode', 'enforced'])).stderr(), /enforced is no mode\n {2}Did you mean enforce\?/);
});

test('tools ls of a server that is not configured is no server without tools', async () => {
  const { status, stderr } = await sallyport(['tools', 'ls', '--server', 'filez']);
  assert.equal(status, 1);
  assert.equal(
    stderr(),
    'sallyport: --server filez: is no configured server; did you mean files?\n  Servers are listed by `sallyport status`.\n',
  );
});

test('tools ls, diff and accept: what is accepted is what was shown', async () => {
  assert.match(
    (await sallyport(['tools', 'ls'])).stdout(),
    /files\/move_file +quarantined +write +files +untrusted unlabelled +the description changed/,
  );
  const diff = await sallyport(['tools', 'diff', 'files/move_file']);
  assert.match(diff.stdout(), /\+ moves and \\u\{1b\}\[31msends/);
  assert.equal(diff.stdout().includes('\u001b'), false);
  assert.equal((await sallyport(['tools', 'accept', 'files/move_file'])).status, 2);
  const accepted = await sallyport(['tools', 'accept', 'files/move_file', '--yes']);
  assert.equal(accepted.status, 0);
  assert.match(accepted.stderr(), /advisory: shared uid/);
  assert.deepEqual(control.heard, [['accept', [{ tool: 'files/move_file', pin: 'q' }]]]);
  assert.match((await sallyport(['tools', 'diff', 'files/move_fil'])).stderr(), /Did you mean files\/move_file\?/);
  assert.equal((await sallyport(['tools', 'accept'])).status, 2);
  const one = { tool: 'files/move_file', pinned: 'p', offered: 'q', why: 'changed: a: b', text: 'a: b' };
  control.has.diffs = [one];
  assert.equal((await sallyport(['tools', 'diff'])).stdout().match(/a: b/g)?.length, 1, 'the only change is said once');
  control.has.diffs = [{ ...one, offered: 'p', why: 'nothing has changed', text: '' }];
  const calm = await sallyport(['tools', 'accept', 'files/move_file', '--yes']);
  assert.match(calm.stderr(), /nothing waits to be accepted/);
  assert.equal(control.heard.length, 1);
});

test('try ends with the status of its answer, and hands typed arguments over', async () => {
  const attempt = {
    recorded: false,
    tool: 'files/write_file',
    mode: 'enforce',
    reasons: [],
    obligations: [],
    facts: { task: {}, flow: {}, env: {} },
    world: 'w',
  } as const;
  for (const [answer, verdict, wanted] of [
    ['permit', 'pass', 0],
    ['deny', 'refuse', 3],
    ['ask', 'defer', 4],
  ] as const) {
    control.has.attempt = { ...attempt, answer, verdict };
    const { status, stdout } = await sallyport([
      'try',
      'assistant',
      'files/write_file',
      'path=a b',
      'n=3',
      'deep={"x":[1]}',
      '--untrusted',
    ]);
    assert.equal(status, wanted);
    assert.match(stdout(), new RegExp(`files/write_file {2}${answer}`));
  }
  const [, heard] = control.heard[0] ?? [];
  const { input, untrusted } = heard as { input: { members: Map<string, { kind: string }> }; untrusted: boolean };
  assert.deepEqual(
    [...input.members].map(([name, node]) => [name, node.kind]),
    [
      ['path', 'string'],
      ['n', 'number'],
      ['deep', 'object'],
    ],
  );
  assert.equal(untrusted, true);
});

const permitted: NonNullable<typeof control.has.attempt> = {
  recorded: false,
  tool: 't',
  answer: 'permit',
  verdict: 'pass',
  mode: 'enforce',
  reasons: [],
  obligations: [],
  facts: { task: {}, flow: {}, env: {} },
  world: 'w',
};

test('try shows its facts when it is asked to: a screen of them would push the answer away', async () => {
  control.has.attempt = { ...permitted, facts: { task: { kind: 'ambient' }, flow: {}, env: {} } };
  const short = (await sallyport(['try', 'assistant', 't'])).stdout();
  assert.doesNotMatch(short, /context\.task\.kind/);
  assert.match(short, /--facts shows/);
  const long = (await sallyport(['try', 'assistant', 't', '--facts'])).stdout();
  assert.match(long, /context\.task\.kind +ambient/);
  assert.doesNotMatch(long, /--facts shows/);
});

test('try reads a whole object from standard input, and refuses what is none', async () => {
  control.has.attempt = permitted;
  assert.equal((await sallyport(['try', 'assistant', 'files/x', '--input', '-'], { input: '{"a":1}' })).status, 0);
  const { status, stderr } = await sallyport(['try', 'assistant', 'files/x', '--input', '[1]']);
  assert.equal(status, 2);
  assert.match(stderr(), /--input must be a JSON object/);
});

test('agents token prints the token alone, or puts it into a private file', async () => {
  const { stdout, stderr } = await sallyport(['agents', 'token', 'assistant']);
  assert.equal(stdout(), 'spa_secret\n');
  assert.match(stderr(), /take it back: sallyport agents revoke assistant --token k1/);
  const file = join(state, 'agent.token');
  const hidden = await sallyport(['agents', 'token', 'assistant', '--token-file', file, '--json']);
  assert.doesNotMatch(hidden.stdout(), /spa_secret/);
  assert.equal(readFileSync(file, 'utf8'), 'spa_secret\n');
  const misspelt = await sallyport(['agents', 'token', 'asistant']);
  assert.match(misspelt.stderr(), /^sallyport: agent asistant: .*\n {2}Did you mean assistant\?/);
});

test('every command that reads has a versioned JSON form with the operator’s worth', async () => {
  for (const [argv, member] of [
    [['status'], 'status'],
    [['why', 'd_bbbb'], 'decision'],
    [['tasks'], 'tasks'],
    [['task', 't_4c'], 'task'],
    [['approvals'], 'approvals'],
    [['mode'], 'modes'],
    [['tools', 'ls'], 'tools'],
    [['tools', 'diff'], 'diffs'],
    [['agents', 'ls'], 'agents'],
  ] as const) {
    const value = await json(argv);
    assert.ok(member in value, argv.join(' '));
    assert.equal(value.operator, 'advisory: shared uid');
  }
});

test('D-1 the operator’s key is read from a private file only, and never shown', async () => {
  const other = mkdtempSync(join(tmpdir(), 'sallyport-cli-'));
  try {
    writeRunning(other, { pid: process.pid, url: server.url, startedAt: 0, config: '' });
    writeFileSync(join(other, 'operator.key'), `${key}\n`, { mode: 0o644 });
    const terminal = createFakeTerminal();
    assert.equal(await main(['--state', other, 'status'], terminal), 1);
    assert.match(terminal.stderr(), /others may read .*operator\.key/);
    assert.doesNotMatch(terminal.stderr() + terminal.stdout(), /spo_thekey/);
    rmSync(join(other, 'operator.key'));
    writeFileSync(join(other, 'operator.key'), 'spo_wrong\n', { mode: 0o600 });
    assert.equal(await main(['--state', other, 'status'], terminal), 1);
    assert.match(terminal.stderr(), /the operator's key is missing or wrong/);
  } finally {
    rmSync(other, { recursive: true, force: true });
  }
});

test('a run file that a crash left behind counts as no gateway: the key goes to nobody', async () => {
  const other = mkdtempSync(join(tmpdir(), 'sallyport-cli-'));
  try {
    writeRunning(other, { pid: 2 ** 22 + 1, url: server.url, startedAt: 0, config: '' });
    writeFileSync(join(other, 'operator.key'), `${key}\n`, { mode: 0o600 });
    const terminal = createFakeTerminal();
    assert.equal(await main(['--state', other, 'status'], terminal), 6);
    assert.match(terminal.stderr(), /no gateway is running/);
  } finally {
    rmSync(other, { recursive: true, force: true });
  }
});

test('top prints one picture where nobody sits, and says what an operator’s proof is worth here', async () => {
  const { status, stdout } = await sallyport(['top']);
  assert.equal(status, 0);
  assert.match(stdout(), /advisory: shared uid/);
  assert.match(stdout(), /^sallyport {2}ready/);
  assert.ok(!stdout().includes('\u001b['), 'no screen is taken over');
  const { top } = (await json(['top'])) as Record<string, object | undefined>;
  assert.ok(top !== undefined && 'status' in top);
});

test('report says what was decided, by tool and by rule, and tells what was refused from what would have been', async () => {
  const { status, stdout } = await sallyport(['report', '--days', '20000']);
  assert.equal(status, 0);
  assert.match(stdout(), /^decided +2$/m);
  assert.match(stdout(), /^asked +0\nrefused +1 {2}\(50\.0 %\)$/m);
  assert.doesNotMatch(stdout(), /would/);
  assert.match(stdout(), /^agent +tool +calls +permit +ask +deny$/m);
  assert.match(stdout(), /^rule +times/m);

  const { entries } = control.has;
  control.has.entries = entries.map(entry => (entry.kind === 'decided' ? { ...entry, mode: 'observe' } : entry));
  const observed = await sallyport(['report', '--days', '20000']);
  assert.match(observed.stdout(), /^would ask +0\nwould refuse +1 {2}\(50\.0 %\)$/m);
  assert.doesNotMatch(observed.stdout(), /^(asked|refused) /m);

  control.has.entries = [...control.has.entries, ...entries];
  const both = await sallyport(['report', '--days', '20000']);
  assert.match(both.stdout(), /^refused +1 .*\nwould ask +0\nwould refuse +1 /m);
});

test('whoami says who holds the key, and what it is worth', async () => {
  const { stdout, stderr } = await sallyport(['whoami']);
  assert.match(stdout(), /^you are +operator\nrole +admin: may do everything\n/);
  assert.match(stdout(), /^proof +the operator’s key in \/.*$/m);
  assert.doesNotMatch(stdout(), /^until/m);
  assert.match(stderr(), /^advisory: shared uid/);
  const { proof, url } = await json(['whoami']);
  assert.deepEqual([proof, url], ['operator-key', server.url]);
});

test('completion knows every command in every shell, and no other shell', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { status, stdout } = await sallyport(['completion', shell]);
    assert.equal(status, 0);
    for (const word of ['wrap', 'doctor', 'canary', 'tools']) assert.ok(stdout().includes(word), `${shell} ${word}`);
  }
  assert.equal((await sallyport(['completion', 'constructor'])).status, 2);
  const script = (await sallyport(['completion', 'bash'])).stdout();
  const asked = `${script}\nCOMP_WORDS=(sallyport doctor --ca)\nCOMP_CWORD=2\n_sallyport\necho "\${COMPREPLY[@]}"`;
  assert.equal(execFileSync('bash', ['-c', asked], { encoding: 'utf8' }).trim(), '--canary');
});
