import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseJson, resultJsonLimits } from '@sallyport/core/model/json.ts';
import type { Catalogue } from '@sallyport/core/model/tool.ts';
import type { FactType } from '@sallyport/core/policy/fact-type.ts';
import { agentAttributes, policySchema } from '@sallyport/core/policy/schema.ts';
import { type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { allSigned } from '@sallyport/testkit/gateway/signed.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { checkReceipt } from './check/check.ts';
import { readEvidence } from './evidence.ts';
import { makeReceipt, type Receipt } from './receipt.ts';

const policies = `
@id("reads") @reason("reading is free")
permit (principal, action == Action::"notes/read_note", resource);

@id("short-notes")
permit (principal, action == Action::"notes/create_note", resource)
when { context.input.title != "forbidden" }
unless { context.input has amount && context.input.amount > 100 };

@id("no-notes-when-tainted") @reason("this task has read untrusted content") @fix("open another task")
forbid (principal, action == Action::"notes/create_note", resource)
when { context.flow.untrusted && principal.trust < 3 };

@id("filed")
permit (principal, action == Action::"notes/file_note", resource) when { context.input.title == "plan" };

@id("pay-asks") @approver("operator") @reason("money moves only with a yes")
permit (principal, action == Action::"notes/pay", resource)
when { context.approved && context.input.rate.greaterThan(decimal("0.5")) && context.env.now > datetime("2020-01-01") };

@id("inside") @reason("work stays in its place")
permit (principal, action in [Action::"notes/put_file", Action::"notes/run"], resource)
unless { context.paths.outside || context.shell.deletes };

@id("told") @reason("without whom it is about") @obligation("redact-arguments=personal+secrets")
permit (principal, action == Action::"notes/tell", resource) when { context.input has title && context.input.title like "*@*" };

@id("turns") @reason("only how it turns is looked at")
permit (principal, action == Action::"notes/turn", resource) when { !(context.input.dial has step) && context.input.dial.way == "left" };

@id("pushes") @reason("only whether there is a dial is asked")
permit (principal, action == Action::"notes/push", resource) when { context has input && context.input has dial };

@id("elsewhere") @reason("a rule about another tool, with a confidential threshold of 4711")
forbid (principal in AgentClass::"nobody", action == Action::"notes/read_note", resource) when { context.task.calls > 4711 };
`;

const string = { type: 'string' };
const dial = {
  type: 'object',
  required: ['way'],
  properties: { way: string, step: string, by: { type: 'number' } },
};
const title = { type: 'object', properties: { title: string } };

/** A policy that looks at every fact there is, whatever kinds of fact there will be, and holds only if all have their types. */
function looksAtEverything(): string {
  const parsed = parseJson(JSON.stringify({ name: 'read_note', inputSchema: title }), resultJsonLimits);
  assert.ok(parsed.ok && parsed.node.kind === 'object');
  const terms = {
    pin: 'p',
    status: { kind: 'pinned' },
    classes: ['read'],
    segment: 'test',
    trustedResult: false,
  } as const;
  const tool = { server: 'notes', name: 'read_note', definition: parsed.node, ...terms };
  const servers = new Map([['notes', { tools: new Map([['read_note', tool]]) }]]) as unknown as Catalogue['servers'];
  const schema = policySchema({ servers }).actions.get('notes/read_note');
  assert.ok(schema);
  const questions = [...questionsAbout('context', schema.context), ...questionsAbout('principal', agentAttributes)];
  assert.ok(questions.length > 40);
  return `@id("everything") permit (principal, action == Action::"notes/read_note", resource)
    when { [${questions.join(', ')}].containsAny([true, false]) };`;
}

function questionsAbout(path: string, type: FactType): string[] {
  // It may only be required; other policies here do.
  if (path === 'context.approved') return [];
  if (type.kind === 'record')
    return [...type.attributes].flatMap(([name, { type: own, required }]) =>
      required ? questionsAbout(`${path}.${name}`, own) : [`${path} has ${name}`],
    );
  const other = {
    string: '"x"',
    long: '4',
    bool: 'false',
    set: '["x"]',
    decimal: 'decimal("0.1")',
    datetime: 'datetime("2020-01-01")',
  };
  return [`${path} == ${other[type.kind]}`];
}

const tools = [
  { name: 'read_note', inputSchema: title },
  {
    name: 'create_note',
    inputSchema: {
      type: 'object',
      required: ['title'],
      properties: { title: string, body: string, amount: { type: 'integer' }, place: string },
    },
  },
  {
    name: 'file_note',
    inputSchema: {
      ...{ type: 'object', required: ['title'] },
      properties: {
        title: string,
        'title.more': string,
        ...Object.fromEntries(Array.from({ length: 70 }, (_, at) => [`m${at}`, { type: 'integer' }])),
      },
    },
  },
  {
    name: 'pay',
    inputSchema: { type: 'object', required: ['rate'], properties: { rate: { type: 'number' }, to: string } },
  },
  { name: 'put_file', inputSchema: { type: 'object', properties: { path: string } } },
  { name: 'tell', inputSchema: title },
  { name: 'turn', inputSchema: { type: 'object', required: ['dial'], properties: { dial } } },
  { name: 'push', inputSchema: { type: 'object', properties: { dial, by: { type: 'number' } } } },
  { name: 'run', inputSchema: { type: 'object', properties: { command: string } } },
];

const secretBody = 'the wire code is 1234';

describe('receipts of a real gateway', () => {
  const folder = temporaryFolder();
  let house: House;
  let vkey: string;
  const ids: Record<
    'permit' | 'deny' | 'ask' | 'approved' | 'read' | 'file' | 'run' | 'told' | 'turned' | 'pushed',
    string
  > = {} as never;

  before(async () => {
    house = await openHouse(folder.path, { policies: `${policies}\n${looksAtEverything()}`, script: { tools } });
    const decide = async (name: string, args: object): Promise<string> => {
      await house.call(name, args);
      const { entries } = await house.ask<{ entries: { id: string }[] }>('entries?kind=decided');
      return entries.at(-1)?.id ?? '';
    };
    ids.permit = await decide('create_note', { title: 'plan', body: secretBody, place: 'Bern' });
    ids.read = await decide('read_note', { title: 'plan' });
    ids.deny = await decide('create_note', { title: 'next', body: secretBody });
    ids.ask = await decide('pay', { rate: 0.75, to: 'Ann' });
    const { approvals } = await house.ask<{ approvals: { id: string }[] }>('approvals');
    await house.ask(`approvals/${approvals[0]?.id}`, { answer: 'approved' });
    ids.approved = await decide('pay', { rate: 0.75, to: 'Ann' });
    ids.file = await decide('put_file', { path: 'plans/canary-8124.txt' });
    ids.run = await decide('run', { command: 'cp canary-8124.txt canary-8124.bak && curl canary-8124.example' });
    ids.told = await decide('tell', { title: 'write to ann@example.com' });
    ids.turned = await decide('turn', { dial: { way: 'left', by: 0.12345 } });
    ids.pushed = await decide('push', { dial: { way: 'left \ufffd', by: 0.12345 }, by: 1e15 });
    await allSigned(house);
    vkey = readFileSync(join(house.stateDir, 'journal', 'vkey'), 'utf8');
  });
  after(async () => {
    await house.gateway.close();
    folder[Symbol.dispose]();
  });

  const receiptOf = (id: string, fields: readonly string[]): Promise<Receipt> =>
    makeReceipt({ stateDir: house.stateDir, id, fields });
  const check = (text: string) => checkReceipt(text, vkey);

  for (const [which, answer] of [
    ['permit', 'permit'],
    ['deny', 'deny'],
    ['ask', 'ask'],
    ['approved', 'permit'],
    ['read', 'permit'],
    ['file', 'permit'],
    ['run', 'permit'],
    ['told', 'permit'],
    // With numbers that have no exact form, and that no policy looks at.
    ['turned', 'permit'],
    ['pushed', 'permit'],
  ] as const)
    test(`an outsider decides the same again: ${which}`, async () => {
      const { text, decision } = await receiptOf(ids[which], ['needed']);
      assert.equal(decision.answer, answer);
      const checked = check(text);
      assert.equal(checked.ok && checked.again.kind, 'same', JSON.stringify(checked));
    });

  test('what the policies look at is what is shown, and nothing else', async () => {
    const { shown, hidden } = await receiptOf(ids.permit, ['needed']);
    assert.deepEqual([...shown].sort(), ['agent', 'arguments.title', 'flow']);
    assert.deepEqual([...hidden].sort(), [
      'arguments.body',
      'arguments.name',
      'arguments.place',
      'env',
      'risk',
      'task',
    ]);
  });

  test('without facts it proves the entry and its policies, and is not decided again', async () => {
    const checked = check((await receiptOf(ids.permit, [])).text);
    assert.ok(checked.ok && checked.again.kind === 'not-asked');
    assert.deepEqual(checked.again.missing, ['agent', 'arguments.amount', 'arguments.title', 'flow']);
  });

  test('every kind of fact that policy can look at is in the record, and can be asked about again', async () => {
    const { text, needed } = await receiptOf(ids.read, ['needed']);
    const checked = check(text);
    assert.ok(checked.ok && checked.again.kind === 'same', JSON.stringify(checked));
    assert.ok(needed.length > 8, needed.join());
    const reasons = checked.entry.reasons as unknown as { rule: string }[];
    assert.deepEqual(
      reasons.map(({ rule }) => rule),
      ['everything', 'reads'],
    );
  });

  test('a fact that is left out is missed, also one that is not there at all', async () => {
    const checked = check((await receiptOf(ids.permit, ['agent', 'flow'])).text);
    assert.ok(checked.ok && checked.again.kind === 'not-asked');
    assert.deepEqual(checked.again.missing, ['arguments.amount', 'arguments.title']);
  });

  test('of what is not shown nothing can be learned: no likely value is confirmed by any hash in the file', async () => {
    const { world } = (await receiptOf(ids.permit, [])).decision;
    const { seed } = readEvidence(join(house.stateDir, 'worlds'), world) ?? {};
    assert.ok(seed);
    for (const fields of [[], ['needed'], ['needed', 'arguments.place']]) {
      const { text } = await receiptOf(ids.permit, fields);
      const shown = contentOf(text);
      assert.ok(!shown.includes(secretBody) && !shown.includes(seed));
      const hashes = new Set(shown.match(/[A-Za-z0-9_-]{43}/g));
      assert.ok(hashes.size > 5);
      const salts = ['', ...new Set(shown.match(/[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])/g))];
      for (const guess of guesses()) for (const salt of salts) assert.ok(!hashes.has(guess(salt)));
      if (!fields.includes('arguments.place')) assert.ok(!shown.includes('Bern'));
      assert.ok(!shown.includes('4711'), 'the text of a policy that does not apply');
    }
  });

  test('what is read out of an argument is shown as far as policies look at it, and never repeats the argument', async () => {
    for (const [id, argument, facts] of [
      [ids.file, 'arguments.path', '{"outside":false}'],
      [ids.run, 'arguments.command', '{"deletes":false}'],
    ] as const) {
      const { text, shown, hidden } = await receiptOf(id, ['needed']);
      assert.ok(hidden.includes(argument) && shown.includes('paths') && shown.includes('shell'));
      assert.ok(JSON.stringify(contentOf(text)).includes(JSON.stringify(JSON.stringify(facts)).slice(1, -1)));
      assert.ok(!contentOf(text).includes('canary-8124'), argument);
      assert.ok(contentOf((await receiptOf(id, ['needed', argument])).text).includes('canary-8124'));
    }
  });

  test('the same guess against what is shown is confirmed: the search would find it', async () => {
    const shown = contentOf((await receiptOf(ids.permit, ['all'])).text);
    const hashes = new Set(shown.match(/[A-Za-z0-9_-]{43}/g));
    const { bodies, entry } = JSON.parse(shown) as {
      bodies: { arguments: { paths: string; parts: { salt: string; value: string }[] } };
      entry: string;
    };
    const { paths, parts } = bodies.arguments;
    const parted = parts.map(({ salt, value }) => sha(`${salt}${value}`));
    const root = sha(`sallyport parts v2\narguments\n${paths}\n${parted.join('')}`);
    assert.ok(hashes.has(root) && entry.includes(root));
  });

  test('a receipt that was tampered with is refused, with the reason', async () => {
    const { text } = await receiptOf(ids.permit, ['needed']);
    const other = contentOf((await receiptOf(ids.deny, ['needed'])).text);
    const cases: readonly (readonly [string, string, RegExp])[] = [
      [
        'the entry',
        edited(text, e => ({ ...e, entry: (e.entry as string).replace('"permit"', '"deny"') })),
        /not in the tree/,
      ],
      ['another entry', edited(text, e => ({ ...e, entry: JSON.parse(other).entry })), /not in the tree/],
      ['the entry as other text', edited(text, e => ({ ...e, entry: ` ${e.entry}` })), /not written as entries are/],
      ['the index', text.replace(/^index .*$/m, 'index 0'), /not in the tree/],
      [
        'a hash of the proof',
        text.replace(/^(index .*\n)(.)/m, (_, head, hash) => head + (hash === 'A' ? 'B' : 'A')),
        /not in the tree|not a hash/,
      ],
      ['a missing hash', text.replace(/^(index .*\n).*\n/m, '$1'), /not in the tree/],
      ['the checkpoint’s size', text.replace(/(\n\nsallyport\/local\/local\n)\d+/, '$1999'), /signature is wrong/],
      [
        'the signature',
        text.replace(/(— \S+ ....)(.)/u, (_, head, sign) => head + (sign === 'A' ? 'B' : 'A')),
        /not signed with this key|signature|malformed/,
      ],
      ['no checkpoint', text.slice(0, text.indexOf('\n\n')), /no checkpoint/],
      ['another kind of file', text.replace('v1', 'v2'), /first line/],
      [
        'the world’s entry',
        edited(text, e => ({ ...e, world: { ...(e.world as object), index: 1 } })),
        /entry of its world/,
      ],
      ['a fact', edited(text, e => withPart(e, 'request')), /not what the record commits to|does not fit/],
      ['an argument', edited(text, e => withPart(e, 'arguments')), /not what the record commits to/],
      ['a salt', edited(text, e => withSalt(e)), /not what the record commits to/],
      ['a salt that takes in what follows it', edited(text, e => withPart(e, 'arguments', longerSalt)), /unknown form/],
      ['two facts in each other’s place', edited(text, e => withParts(e, 'request', moved)), /not what the record/],
      [
        'two arguments in each other’s place',
        edited(text, e => withParts(e, 'arguments', moved)),
        /not what the record/,
      ],
      [
        'a part twice',
        edited(text, e => withParts(e, 'arguments', parts => [...parts, ...parts])),
        /not what the record/,
      ],
      ['a body in the other’s place', edited(text, withBodiesChanged), /not what the record commits to/],
      [
        'the arguments of another decision',
        edited(text, e => ({ ...e, bodies: (JSON.parse(other) as { bodies: Bodies }).bodies })),
        /not what the record commits to/,
      ],
      ['the list of what there is', edited(text, e => withPaths(e, 'risk', 'rank')), /not what the record commits to/],
      ['a place twice in the list', edited(text, e => withPaths(e, '["risk"]', '["task"]')), /not what the record/],
      ['no list, as of what was not cut', edited(text, e => withPaths(e, /.*/, '*')), /not what the record/],
      ['parts as version 1 has them', edited(text, asVersion1), /unknown form|not what the record commits to/],
      ['a part less', edited(text, e => withPaths(e, ',["risk"]', '')), /not what the record commits to/],
      [
        'a policy’s text',
        edited(text, e => withPolicy(e, p => ({ ...p, text: String(p.text).replace('forbidden', 'x') }))),
        /commits to/,
      ],
      [
        'a policy’s scope',
        edited(text, e => withPolicy(e, p => ({ ...p, scope: String(p.scope).replace('any', 'xny') }))),
        /commits to/,
      ],
      ['a policy less', edited(text, e => ({ ...e, policies: (e.policies as unknown[]).slice(1) })), /commits to/],
      ['a hidden policy that applies', edited(text, hidePolicies), /could have applied is not shown/],
      [
        'the tool',
        edited(text, e => ({
          ...e,
          tools: (e.tools as unknown[]).map(tool =>
            typeof tool === 'string' ? tool : { ...(tool as object), salt: 'x' },
          ),
        })),
        /commits to/,
      ],
      ['garbage', edited(text, () => ({ v: 1 })), /entry/],
      ['another version', edited(text, e => ({ ...e, v: 3 })), /version/],
      [
        'a body that there is not',
        edited(text, e => ({ ...e, bodies: { result: [] } })),
        /body that decisions do not have/,
      ],
    ];
    for (const [what, changed, fault] of cases) {
      assert.notEqual(changed, text, what);
      const checked = check(changed);
      assert.ok(!checked.ok, `${what} was accepted: ${JSON.stringify(checked)}`);
      assert.match(checked.fault, fault, what);
    }
  });

  test('half of a surrogate pair, which has the hash of another text, is not taken for that text', async () => {
    const { text } = await receiptOf(ids.pushed, ['needed']);
    const halved = edited(text, e =>
      withPart(e, 'arguments', ({ salt, value }) => ({ salt, value: value.replace('\ufffd', '\ud800') })),
    );
    assert.notEqual(halved, text);
    const checked = check(halved);
    assert.ok(!checked.ok && /unknown form/.test(checked.fault), JSON.stringify(checked));
  });

  test('a receipt of another log’s key is refused', async () => {
    const { text } = await receiptOf(ids.permit, ['needed']);
    const other = temporaryFolder();
    const elsewhere = await openHouse(other.path, { policies, script: { tools } });
    const foreign = readFileSync(join(elsewhere.stateDir, 'journal', 'vkey'), 'utf8');
    await elsewhere.gateway.close();
    const checked = checkReceipt(text, foreign);
    assert.ok(!checked.ok && /not signed with this key/.test(checked.fault));
    other[Symbol.dispose]();
  });

  test('a policy looks at one argument: a longer name that begins alike is not shown with it', async () => {
    const called = await house.call('file_note', { title: 'plan', 'title.more': 'private' });
    assert.notEqual(called.isError, true, called.text);
    const { entries } = await house.ask<{ entries: { id: string }[] }>('entries?kind=decided');
    await allSigned(house);
    const { shown, hidden } = await receiptOf(entries.at(-1)?.id ?? '', ['needed']);
    assert.ok(shown.includes('arguments.title') && hidden.includes('arguments.title.more'), shown.join());
  });

  test('arguments of so many members that they were kept as one are shown as one', async () => {
    const many = Object.fromEntries(Array.from({ length: 70 }, (_, at) => [`m${at}`, at]));
    await house.call('file_note', { title: 'plan', ...many });
    const { entries } = await house.ask<{ entries: { id: string }[] }>('entries?kind=decided');
    await allSigned(house);
    const { shown, text } = await receiptOf(entries.at(-1)?.id ?? '', ['needed']);
    assert.ok(shown.includes('arguments'), shown.join());
    const checked = check(text);
    assert.equal(checked.ok && checked.again.kind, 'same', JSON.stringify(checked));
  });

  test('a field that there is not is named, and an id that is none', async () => {
    await assert.rejects(receiptOf(ids.permit, ['arguments.colour']), /no field arguments\.colour/);
    await assert.rejects(receiptOf('d_0000', []), /there is no decision d_0000/);
    await assert.rejects(receiptOf('d_', []), /there is no decision/);
  });

  test('once a task was erased, its receipts prove the entry and can show nothing', async () => {
    const { decision } = await receiptOf(ids.read, []);
    await house.ask(`tasks/${decision.task}/erase`, { why: 'asked to' });
    const { text, shown, notes } = await receiptOf(ids.read, ['needed']);
    assert.deepEqual(shown, []);
    assert.match(notes.join(), /nothing can be shown of it: the body of entry \d+ was erased/);
    const checked = check(text);
    assert.ok(checked.ok && checked.again.kind === 'not-asked');
  });

  test('a world of which nothing was kept is said to be so', async () => {
    const { decision } = await receiptOf(ids.ask, []);
    rmSync(join(house.stateDir, 'worlds', `${decision.world}.json`));
    const { text, notes } = await receiptOf(ids.ask, []);
    assert.match(notes.join(), /what the world consisted of was not kept/);
    const checked = check(text);
    assert.ok(
      checked.ok &&
        checked.again.kind === 'not-asked' &&
        /policies that were in force are not in it/.test(checked.again.why),
    );
  });
});

test('the checker shares no code with what makes receipts', () => {
  const folder = join(import.meta.dirname, 'check');
  const files = readdirSync(folder).filter(name => !name.endsWith('.test.ts'));
  assert.ok(files.length > 10);
  for (const name of files) {
    const text = readFileSync(join(folder, name), 'utf8');
    const imports = [...text.matchAll(/from '([^']+)'/g)].map(found => found[1] ?? '');
    const own = (path: string): boolean => /^(node:|\.\/|\.\.\/\.\.\/journal\/verify\/|@cedar-policy\/)/.test(path);
    assert.deepEqual(
      imports.filter(path => !own(path)),
      [],
      name,
    );
  }
});

const sha = (text: string): string => hash('sha256', text, 'base64url');

type Extra = Readonly<Record<string, unknown>>;

/** What the file holds beyond hashes of the tree. */
function contentOf(text: string): string {
  return Buffer.from(/^extra (.*)$/m.exec(text)?.[1] ?? '', 'base64').toString('utf8');
}

function edited(text: string, edit: (extra: Extra) => object): string {
  const changed = JSON.stringify(edit(JSON.parse(contentOf(text)) as Extra));
  return text.replace(/^extra .*$/m, `extra ${Buffer.from(changed).toString('base64')}`);
}

interface Shown {
  readonly salt: string;
  readonly value: string;
}
type Bodies = Readonly<Record<string, { readonly paths: string; readonly parts: readonly (string | Shown)[] }>>;

function withPart(
  extra: Extra,
  body: string,
  edit = ({ salt, value }: Shown) => ({ salt, value: qIn(value) }),
): object {
  const bodies = extra.bodies as Bodies;
  const parts = (bodies[body]?.parts ?? []).map(part => (typeof part === 'string' ? part : edit(part)));
  return { ...extra, bodies: { ...bodies, [body]: { ...bodies[body], parts } } };
}

function qIn(value: string): string {
  return value.replace(/[a-z0-9]/, 'q');
}

function withSalt(extra: Extra): object {
  return withPart(extra, 'request', ({ salt, value }) => ({ salt: `${salt.slice(1)}x`, value }));
}

function longerSalt({ salt, value }: Shown): Shown {
  return { salt: salt + value.slice(0, 1), value: value.slice(1) };
}

function withParts(
  extra: Extra,
  body: string,
  edit: (parts: Bodies[string]['parts']) => Bodies[string]['parts'],
): object {
  const bodies = extra.bodies as Bodies;
  const { paths, parts = [] } = bodies[body] ?? {};
  return { ...extra, bodies: { ...bodies, [body]: { paths, parts: edit(parts) } } };
}

function moved([first, second, ...others]: Bodies[string]['parts']): Bodies[string]['parts'] {
  return [second ?? '', first ?? '', ...others];
}

function withBodiesChanged(extra: Extra): object {
  const { request, arguments: args } = extra.bodies as Bodies;
  return { ...extra, bodies: { request: args, arguments: request } };
}

function asVersion1(extra: Extra): object {
  const parts = Object.entries(extra.bodies as Bodies).map(([name, { paths, parts: own }]) => {
    const places = JSON.parse(paths) as unknown[];
    const listed = own.map((part, at) =>
      typeof part === 'string' ? part : { path: JSON.stringify(places[at]), ...part },
    );
    return [name, listed];
  });
  return { ...extra, v: 1, bodies: Object.fromEntries(parts) };
}

function withPaths(extra: Extra, from: string | RegExp, to: string): object {
  const bodies = extra.bodies as Bodies;
  const { paths = '', parts } = bodies.request ?? {};
  assert.notEqual(paths.replace(from, to), paths);
  return { ...extra, bodies: { ...bodies, request: { paths: paths.replace(from, to), parts } } };
}

function withPolicy(extra: Extra, edit: (policy: Extra) => object): object {
  return { ...extra, policies: (extra.policies as Extra[]).map(policy => ('text' in policy ? edit(policy) : policy)) };
}

/** The hashes are right: only that a rule was kept back is wrong. */
function hidePolicies(extra: Extra): object {
  return withPolicy(extra, ({ scope, scopeSalt, text, textSalt }) => ({
    ...{ scope, scopeSalt },
    textHash: sha(`sallyport policy text v1\n${textSalt}\n${text}`),
  }));
}

/** Every way in which a value that is not shown could stand behind a hash, the right values among them. */
function* guesses(): Generator<(salt: string) => string> {
  const values = [secretBody, 'Bern', 'Basel', 'true', 'false', '0', '1', '2', 'opened', 'ambient', 'user:emma'];
  const texts = values.flatMap(value => [value, JSON.stringify(value)]);
  const paths = [
    '["arguments","body"]',
    '["arguments","place"]',
    '["task"]',
    '["env"]',
    '["task","calls"]',
    '["name"]',
  ];
  for (const text of texts) {
    yield () => sha(text);
    for (const field of ['arguments', 'request']) {
      yield salt => sha(`sallyport body v1\n${field}\n${salt}\n${text}`);
      for (const path of paths) yield salt => sha(`sallyport part v1\n${field}\n${path}\n${salt}\n${text}`);
      yield salt => sha(`${salt}${text}`);
    }
  }
}
