import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { noRisk } from '@sallyport/core/policy/engine.ts';
import { environmentAt } from '@sallyport/core/policy/environment.ts';
import { fakeFlow } from '@sallyport/testkit/fakes/flow.ts';
import { fakeTaskFacts } from '@sallyport/testkit/fakes/task.ts';
import { castAgents, castTools } from '@sallyport/testkit/policy/cast.ts';
import { agentOf, catalogueOf, toolOf } from '@sallyport/testkit/policy/scene.ts';
import type { CedarEngine } from './engine.ts';
import { type Loaded, loadPolicies } from './load.ts';
import { showProblem } from './problem.ts';

const opaqueTool = toolOf({
  server: 'notes',
  name: 'save',
  classes: ['write'],
  schema: {
    type: 'object',
    properties: {
      title: { type: 'string' },
      lines: { type: 'array', items: { type: 'object', properties: { qty: { type: 'integer' } } } },
      meta: { type: 'object' },
      body: { type: 'object', properties: { text: { type: 'string' }, extra: {} } },
    },
  },
});
const catalogue = catalogueOf([...castTools.map(({ tool }) => tool), opaqueTool]);

async function load(text: string, agents?: Parameters<typeof loadPolicies>[0]['agents']): Promise<Loaded> {
  const sources = [{ file: 'p.cedar', text }];
  return loadPolicies({ sources, catalogue, ...(agents === undefined ? {} : { agents }) });
}

function problemsOf(loaded: Loaded): string[] {
  return loaded.ok ? [] : loaded.problems.map(showProblem);
}

const good = '@id("reads") permit (principal, action in Action::"read", resource);';

/** Each policy, and what is said about it (without file and line); all are loaded as one file, a line each. */
const refused: readonly (readonly [string, string, RegExp])[] = [
  // Names
  [
    'an unknown action',
    '@id("a") permit (principal, action == Action::"files/remove-al", resource);',
    /^unrecognized action `Action::"files\/remove-al"`; did you mean `Action::"files\/remove-all"`\?$/,
  ],
  [
    'an unknown group',
    '@id("a") permit (principal, action in Action::"raed", resource);',
    /did you mean `Action::"read"`\?$/,
  ],
  [
    'an unknown entity type',
    '@id("a") permit (principal in AgentClas::"x", action, resource);',
    /did you mean `AgentClass`\?$/,
  ],
  [
    'an unknown argument',
    '@id("a") permit (principal, action == Action::"files/write", resource) when { context.input.pth == "x" };',
    /`input.pth` .*not found; did you mean `path`\?$/,
  ],
  [
    'an unknown argument behind `has`',
    '@id("a") permit (principal, action == Action::"files/write", resource) when { context.input has pth && context.input.pth == "x" };',
    /^no tool that it applies to has `context.input.pth`; did you mean `path`\?$/,
  ],
  [
    'an unknown fact',
    '@id("a") permit (principal, action, resource) when { context.flow.untrustd };',
    /`flow.untrustd` .*did you mean `untrusted`\?$/,
  ],
  [
    'an unknown fact behind `has`',
    '@id("a") permit (principal, action, resource) when { context has flow.untrustd };',
    /^no tool that it applies to has `context.flow.untrustd`; did you mean `untrusted`\?$/,
  ],
  [
    'an unknown attribute of the agent',
    '@id("a") permit (principal, action, resource) when { principal.sharde };',
    /did you mean `shared`\?$/,
  ],
  [
    'an optional argument without `has`',
    '@id("a") permit (principal, action == Action::"files/write", resource) when { context.input.size > 1 };',
    /optional attribute `input.size`.*; try testing for the attribute's presence/,
  ],
  [
    'a class rule about an argument that not every tool has',
    '@id("a") permit (principal, action in Action::"read", resource) when { context.input.path == "x" };',
    /not found/,
  ],
  [
    'a comparison of different types',
    '@id("a") permit (principal, action == Action::"bank/pay", resource) when { context.input.amount > 3 };',
    /expected Long but saw decimal/,
  ],
  ['an unknown variable', '@id("a") permit (principal, action, resource) when { contxt.approved };', /contxt/],
  ['a template', '@id("a") permit (principal == ?principal, action, resource);', /template/],
  // Ids and annotations
  ['no id', 'permit (principal, action, resource);', /^a policy needs an id; write `@id\("…"\)` before it$/],
  [
    'an id with capitals',
    '@id("No Spaces") permit (principal, action, resource);',
    /^the id `No Spaces` is not of the form/,
  ],
  [
    'an id twice',
    '@id("reads") permit (principal, action, resource);',
    /^the id `reads` stands already at p.cedar:1; give it another id$/,
  ],
  [
    'an unknown annotation',
    '@id("a") @expire("10m") permit (principal, action, resource);',
    /^the annotation `@expire` is not known; did you mean `expires`\?$/,
  ],
  [
    'an annotation without a value',
    '@id("a") @reason permit (principal, action, resource);',
    /^the annotation `@reason` has no value$/,
  ],
  [
    'a duration in words',
    '@id("a") @expires("ten minutes") permit (principal, action, resource) when { context.approved };',
    /^`@expires\("ten minutes"\)` is no duration; write `90s`, `10m` or `2h`$/,
  ],
  [
    'a task that is to be ended',
    '@id("a") @task("end") forbid (principal, action, resource);',
    /^the annotation `@task` can only be `@task\("suspend"\)`, of a forbid/,
  ],
  [
    'a permit that suspends',
    '@id("a") @task("suspend") permit (principal, action, resource);',
    /^the annotation `@task` can only be/,
  ],
  [
    'an unknown obligation',
    '@id("a") @obligation("redact=all") permit (principal, action, resource);',
    /^the obligation `redact` is not known/,
  ],
  [
    'an obligation with a bad value',
    '@id("a") @obligation("result-bytes-max=lots") permit (principal, action, resource);',
    /or its value is none of its own/,
  ],
  [
    'a redaction of what nothing can look for',
    '@id("a") @obligation("redact-result=names") permit (principal, action, resource);',
    /^the obligation `redact-result` is not known, or its value is none of its own/,
  ],
  [
    'an obligation of a forbid',
    '@id("a") @obligation("result-bytes-max=5") forbid (principal, action, resource);',
    /^a forbid cannot have an obligation$/,
  ],
  [
    'a declassification of a forbid',
    '@id("a") @reason("r") @obligation("declassify-result=internal") forbid (principal, action == Action::"files/write", resource);',
    /^a forbid cannot have an obligation$/,
  ],
  [
    'a declassification that gives no reason',
    '@id("a") @obligation("declassify-result=internal") permit (principal, action == Action::"files/write", resource);',
    /^the obligation `declassify-result` needs a reason; write `@reason\("…"\)`/,
  ],
  [
    'an endorsement with an empty reason',
    '@id("a") @reason(" ") @obligation("endorse-result=changes") permit (principal, action == Action::"files/write", resource);',
    /^the obligation `endorse-result` needs a reason|^the annotation `@reason` has no value$/,
  ],
  [
    'a declassification to the highest',
    '@id("a") @reason("r") @obligation("declassify-result=secret") permit (principal, action == Action::"files/write", resource);',
    /or its value is none of its own/,
  ],
  [
    'an endorsement up to what is grave',
    '@id("a") @reason("r") @obligation("endorse-result=grave") permit (principal, action == Action::"files/write", resource);',
    /or its value is none of its own/,
  ],
  ...[
    'action',
    'action in Action::"read"',
    'action in [Action::"files/write", Action::"read"]',
    'action == Action::"write"',
  ].map((scope): [string, string, RegExp] => [
    `a declassification of whatever tool: ${scope}`,
    `@id("a") @reason("r") @obligation("redact-result=card, declassify-result=internal") permit (principal, ${scope}, resource);`,
    /^the obligation `declassify-result` needs its tools by name/,
  ]),
  // Approval, positively only
  [
    'a negated approval',
    '@id("a") permit (principal, action, resource) when { !context.approved };',
    /^`context.approved` may only be required/,
  ],
  [
    'a negated approval in a forbid',
    '@id("a") forbid (principal, action, resource) when { !context.approved };',
    /^`context.approved` may only be required.*unless { context.approved }`$/,
  ],
  [
    'a forbid once approved',
    '@id("a") forbid (principal, action, resource) when { context.approved };',
    /^`context.approved` may only be required/,
  ],
  [
    'a permit unless approved',
    '@id("a") permit (principal, action, resource) unless { context.approved };',
    /^`context.approved` may only be required/,
  ],
  [
    'approval compared with false',
    '@id("a") permit (principal, action, resource) when { context.approved == false };',
    /^`context.approved` may only be required/,
  ],
  [
    'approval as a test',
    '@id("a") permit (principal, action, resource) when { if context.approved then false else true };',
    /^`context.approved` may only be required/,
  ],
  [
    'approval in a set',
    '@id("a") permit (principal, action, resource) when { [context.approved].contains(false) };',
    /^`context.approved` may only be required/,
  ],
  [
    'approval in a record',
    '@id("a") permit (principal, action, resource) when { {a: context.approved}.a == false };',
    /^`context.approved` may only be required/,
  ],
  [
    'approval by another spelling',
    '@id("a") permit (principal, action, resource) when { !(context["approved"]) };',
    /^`context.approved` may only be required/,
  ],
  [
    'approval asked for',
    '@id("a") permit (principal, action, resource) when { context has approved };',
    /^`context.approved` may only be required/,
  ],
  [
    'the context as a whole',
    '@id("a") permit (principal, action, resource) when { (if true then context else context).approved };',
    /^`context` as a whole would hold the approval/,
  ],
  // What Cedar says in words of its own
  [
    'a word of the language as a name',
    '@id("a") permit (principal, action == Action::"notes/save", resource) when { context.input.then == "x" };',
    /^this identifier is reserved and cannot be used: then; a name that is a word of Cedar's own stands in brackets: `\["then"\]`$/,
  ],
  [
    'a member of a list of objects',
    '@id("a") permit (principal, action == Action::"notes/save", resource) when { context.input has lines && context.input.lines.qty > 1 };',
    /^a list has no members of its own; ask what it holds as a whole/,
  ],
  [
    'an amount that is a text',
    '@id("a") permit (principal, action == Action::"notes/save", resource) when { context.input has title && context.input.title > 5 };',
    /look at `context.task.costCents`$/,
  ],
  // Out of sight
  [
    'a free-form argument',
    '@id("a") permit (principal, action == Action::"notes/save", resource) when { context.input.meta == {} };',
    /^policy cannot see `context.input.meta` of `notes\/save`: it is a free-form object/,
  ],
  [
    'a free-form argument behind `has`',
    '@id("a") forbid (principal, action in Action::"write", resource) when { context.input has meta };',
    /^policy cannot see `context.input.meta` of `notes\/save`/,
  ],
  [
    'a whole of which a part is not seen',
    '@id("a") permit (principal, action == Action::"notes/save", resource) when { context.input has body && context.input.body == {text: "x"} };',
    /^policy cannot see `context.input.body` of `notes\/save`: its schema states no type/,
  ],
  [
    'an entity that the policy names itself',
    '@id("a") forbid (principal, action, resource) when { Agent::"x".shared };',
    /^it looks into an entity that it names itself/,
  ],
  [
    'its groups',
    '@id("a") forbid (principal, action, resource) when { Agent::"x" in Team::"y" };',
    /^it looks into an entity that it names itself/,
  ],
];

describe('E-8 a policy set is refused, with file, line and what to write', async () => {
  const lines = refused.map(([, policy]) =>
    policy.replace('@id("a")', () => `@id("x${Math.random().toString(36).slice(2)}")`),
  );
  const loaded = await load([good, ...lines].join('\n'));
  const said = problemsOf(loaded);
  refused.forEach(([name, , message], index) => {
    test(name, () => {
      const place = `p.cedar:${index + 2}: `;
      const own = said.filter(line => line.startsWith(place)).map(line => line.slice(place.length));
      assert.ok(
        own.some(line => message.test(line)),
        `said: ${own.join(' | ')}`,
      );
    });
  });
  test('and nothing is said about the line that is right', () => {
    assert.deepEqual(
      said.filter(line => line.startsWith('p.cedar:1: ')),
      [],
    );
  });
});

const unreadable: readonly (readonly [string, string, RegExp])[] = [
  [
    'half a file',
    `${good}\n@id("b") permit (principal, act`,
    /^p.cedar:2: the policy that begins here has no end; write `;` after it$/,
  ],
  [
    'a string without an end',
    `${good}\n@id("b) permit (principal, action, resource);`,
    /^p.cedar:2: a string has no end$/,
  ],
  [
    'a strange character',
    `${good}\n@id("b") permit (principal, action, resource) when { 1 ≤ 2 };`,
    /^p.cedar:2: the character "≤" means nothing here$/,
  ],
  ['a loose semicolon', `${good};`, /there is no policy before this `;`$/],
  [
    'no effect',
    '@id("a") allow (principal, action, resource);',
    /^p.cedar:1: a policy begins with `permit` or `forbid`/,
  ],
  ['no scope', '@id("a") permit;', /a scope `\(principal, action, resource\)` is missing$/],
  [
    'DF8 an integer beyond 2^53',
    `${good}\n@id("b") permit (principal, action, resource)\nwhen { context.task.calls < 9007199254740992 };`,
    /^p.cedar:3: an integer lies beyond ±\(2\^53−1\)/,
  ],
  [
    'DF2 65 nested parentheses',
    `@id("a") permit (principal, action, resource) when { ${'('.repeat(65)}true${')'.repeat(65)} };`,
    /nests deeper than 64; split it/,
  ],
  [
    'DF2 many nested ifs',
    `@id("a") permit (principal, action, resource) when { ${'if true then true else '.repeat(65)}true };`,
    /nests deeper than 64/,
  ],
];

for (const [name, text, message] of unreadable)
  test(`E-7 unreadable: ${name}`, async () => {
    const said = problemsOf(await load(text));
    assert.ok(
      said.some(line => message.test(line)),
      `said: ${said.join(' | ')}`,
    );
  });

describe('E-9 a set that permits nothing does not start', () => {
  test('no file', async () => {
    const loaded = await loadPolicies({ sources: [], catalogue });
    assert.deepEqual(problemsOf(loaded), ['there is no policy; start from `policies/default.cedar`']);
  });
  test('an empty file', async () => {
    assert.deepEqual(problemsOf(await load('// all gone\n')), [
      'p.cedar: there is no policy; start from `policies/default.cedar`',
    ]);
  });
  test('forbids only', async () => {
    const said = problemsOf(await load('@id("a") forbid (principal, action, resource);'));
    assert.deepEqual(said, ['p.cedar: no policy permits anything; start from `policies/default.cedar`']);
  });
});

describe('a policy that can never apply is a warning', async () => {
  const loaded = await load(
    [
      good,
      '@id("b") forbid (principal, action, resource in Segment::"finanse");',
      '@id("c") forbid (principal == Agent::"a9", action, resource);',
      '@id("d") permit (principal, action == Action::"files/read", resource) when { context.task.kind == "x" && 1 > 2 };',
      '@id("e") @approver("operator") permit (principal, action in Action::"write", resource);',
      '@id("f") permit (principal, action in Action::"admin", resource);',
      '@id("g") @task("suspend") forbid (principal, action, resource) when { context.risk.score > 50 } unless { context.approved };',
      '@id("h") @task("suspend") forbid (principal, action, resource) when { context.risk.score > 90 };',
    ].join('\n'),
    castAgents,
  );
  const said = loaded.warnings.map(showProblem);
  const expected: readonly (readonly [string, RegExp])[] = [
    ['a typo in a segment', /^p.cedar:2: it applies to no tool of the catalogue; did you mean `finance`\?$/],
    ['a typo in an agent', /^p.cedar:3: it applies to no agent that is configured; did you mean `a1`\?$/],
    ['terms without an approval', /^p.cedar:5: `@approver` does nothing/],
    ['a suspension that a yes takes away', /^p.cedar:7: `@task` does nothing/],
  ];
  test('it is loaded all the same', () => assert.ok(loaded.ok, problemsOf(loaded).join()));
  for (const [name, message] of expected)
    test(name, () =>
      assert.ok(
        said.some(line => message.test(line)),
        said.join(' | '),
      ),
    );
  test('a class that no tool is in yet is no warning', () =>
    assert.deepEqual(
      said.filter(line => line.includes(':6:')),
      [],
    ));
});

test('the digest follows names and texts, and not the order of files', async () => {
  const sources = [
    { file: 'a.cedar', text: good },
    { file: 'b.cedar', text: '@id("b") permit (principal, action, resource);' },
  ];
  const digests = await Promise.all(
    [sources, [...sources].reverse(), sources.map(({ file, text }) => ({ file, text: `${text} ` }))].map(async list => {
      const loaded = await loadPolicies({ sources: list, catalogue });
      return loaded.ok ? loaded.digest : 'refused';
    }),
  );
  assert.equal(digests[0], digests[1]);
  assert.notEqual(digests[0], digests[2]);
});

test('reasons carry file and line of the policy that decided', async () => {
  const loaded = await load(
    `\n\n// a comment; with a semicolon\n@reason("r")\n@id("here")\npermit (principal, action, resource);`,
  );
  assert.ok(loaded.ok);
  assert.deepEqual(loaded.engine.policy('here'), {
    id: 'here',
    effect: 'permit',
    file: 'p.cedar',
    line: 4,
    asks: false,
    annotations: { id: 'here', reason: 'r' },
  });
});

/** Each broke, or might break, an instance of the engine for good. */
const hostile: readonly (readonly [string, string])[] = [
  [
    '5,000 nested parentheses',
    `permit (principal, action, resource) when { ${'('.repeat(5_000)}true${')'.repeat(5_000)} };`,
  ],
  ['a chain of 20,000 members', `permit (principal, action, resource) when { context${'.a'.repeat(20_000)} };`],
  ['a chain of 10,000 conditions', `permit (principal, action, resource) when { ${'true && '.repeat(10_000)}true };`],
  ['a sum of 10,000 parts', `permit (principal, action, resource) when { ${'1 + '.repeat(10_000)}1 > 0 };`],
  ['2,000 clauses', `permit (principal, action, resource)${' when { true }'.repeat(2_000)};`],
  ['a set of sets', `permit (principal, action, resource) when { ${'['.repeat(64)}1${']'.repeat(64)}.isEmpty() };`],
  ['many negations', `permit (principal, action, resource) when { ${'!'.repeat(5_000)}true };`],
];

test('DF2 R12 hostile policies are refused or loaded, and whoever serves goes on serving', async context => {
  const serving = await load(good);
  assert.ok(serving.ok);
  const tool = castTools[0]?.tool ?? opaqueTool;
  const request = {
    agent: agentOf(),
    tool,
    input: { kind: 'object' as const, members: new Map() },
    task: fakeTaskFacts(),
    flow: fakeFlow(),
    env: environmentAt(0),
    risk: noRisk,
  };
  for (const [name, policy] of hostile) {
    const loaded = await load(`${good}\n@id("hostile") ${policy}`);
    context.diagnostic(`${name}: ${loaded.ok ? 'loaded' : (problemsOf(loaded)[0] ?? '').slice(0, 100)}`);
    const asked: CedarEngine = loaded.ok ? loaded.engine : serving.engine;
    assert.deepEqual(asked.evaluate(request, false).allowed, true, name);
    assert.equal(serving.engine.evaluate(request, false).allowed, true, name);
  }
});
