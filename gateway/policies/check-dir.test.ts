import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Tool } from '@sallyport/core/model/tool.ts';
import { catalogueOf, toolOf } from '@sallyport/testkit/policy/scene.ts';
import { showProblem } from '../engines/cedar/problem.ts';
import { type CheckedDir, checkPolicyDir } from './check-dir.ts';
import { readPolicyCases } from './policy-case.ts';

const pay = toolOf({
  server: 'bank',
  name: 'pay',
  classes: ['money'],
  schema: {
    type: 'object',
    properties: { amount: { type: 'number' }, to: { type: 'string' } },
    required: ['amount', 'to'],
  },
});
const inText = toolOf({
  server: 'bank',
  name: 'refund',
  classes: ['money'],
  schema: { type: 'object', properties: { cents: { type: 'string' } } },
});
const nothingMore = { cents: undefined, result: undefined, currency: undefined, currencyArgument: undefined };
const refund: Tool = { ...inText, cost: { ...nothingMore, centsMax: undefined, argument: 'cents', unit: 'hundredth' } };
const catalogue = catalogueOf([pay, refund]);

const policies = `@id("small")
permit (principal in AgentClass::"support", action == Action::"bank/pay", resource)
when { context.input.amount.lessThanOrEqual(decimal("50.00")) };
@id("large")
@approver("operator")
permit (principal in AgentClass::"support", action == Action::"bank/pay", resource)
when { context.approved };
@id("by-day") permit (principal, action == Action::"bank/refund", resource)
when { context.env.weekday != "friday" || context.env.local.toTime() < duration("17h30m") };
@id("too-much") forbid (principal, action == Action::"bank/refund", resource)
when { context.task.spendCents + context.task.costCents > 20000 };
@id("reads") permit (principal, action in Action::"read", resource);
`;

const cases = `cases:
  - { name: small, tool: bank/pay, agent: { classes: [support] }, input: { amount: 50, to: x }, answer: permit, rule: small }
  - { name: large, tool: bank/pay, agent: { classes: [support] }, input: '{"amount": 50.01, "to": "x"}', answer: ask, rule: large }
  - name: too exact
    tool: bank/pay
    agent: { classes: [support] }
    input: { amount: 20.00001, to: x }
    answer: deny
    rule: policy-error
  - { name: another agent, tool: bank/pay, input: { amount: 1, to: x }, approved: true, answer: deny, rule: default-deny }
  - { name: a class, classes: [read], answer: permit, rule: [reads] }
  - { name: friday noon, tool: bank/refund, input: { cents: "20000" }, local: "2026-11-27T17:29:59", answer: permit }
  - { name: friday evening, tool: bank/refund, input: { cents: "20000" }, local: "2026-11-27T17:30", answer: deny, rule: default-deny }
  - { name: saturday in UTC, tool: bank/refund, input: { cents: "20000" }, now: "2026-11-28T17:30:00Z", answer: permit }
  - { name: a cent too much, tool: bank/refund, input: { cents: "20001" }, answer: deny, rule: too-much }
  - { name: too much in all, tool: bank/refund, input: { cents: "1" }, spendCents: 20000, answer: deny, rule: too-much }
  - { name: no amount, tool: bank/refund, input: { cents: "2e" }, answer: deny }
  - { name: wrong answer, classes: [write], answer: permit }
  - { name: wrong rule, classes: [read], answer: permit, rule: small }
  - { name: wrong input, tool: bank/pay, input: { amount: 1 }, answer: deny }
  - { name: a misspelt tool, tool: bank/pya, answer: deny }
  - { name: a server that is not there, tool: mail/send, answer: deny }
`;

describe('E-7 E-9 a policy folder', () => {
  let dir: string;
  let checked: CheckedDir;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'policies-'));
    writeFileSync(join(dir, 'bank.cedar'), policies);
    writeFileSync(join(dir, 'bank.test.yaml'), cases);
    checked = await checkPolicyDir(dir, catalogue);
  });
  after(() => rmSync(dir, { recursive: true }));

  test('is checked as a whole', () => {
    assert.deepEqual(checked.problems, []);
    assert.equal(checked.policies, 5);
    assert.equal(checked.ok, false, 'some tests fail on purpose');
  });

  const expected: Readonly<Record<string, readonly ['passed' | 'failed' | 'skipped', RegExp]>> = {
    small: ['passed', /^$/],
    large: ['passed', /^$/],
    'too exact': ['passed', /^$/],
    'another agent': ['passed', /^$/],
    'a class': ['passed', /^$/],
    'friday noon': ['passed', /^$/],
    'friday evening': ['passed', /^$/],
    'saturday in UTC': ['passed', /^$/],
    'a cent too much': ['passed', /^$/],
    'too much in all': ['passed', /^$/],
    'no amount': ['failed', /^the call is refused before policy: `cents` is no amount of money/],
    'wrong answer': ['failed', /^expected permit; got deny by default-deny$/],
    'wrong rule': ['failed', /^expected permit by small; got permit by reads$/],
    'wrong input': ['failed', /^the call is refused before policy: arguments.to is required$/],
    'a misspelt tool': ['failed', /did you mean `bank\/pay`\?$/],
    'a server that is not there': ['skipped', /^the server `mail` is not in the catalogue$/],
  };
  for (const [name, [outcome, message]] of Object.entries(expected))
    test(`case: ${name}`, () => {
      const result = checked.tests.find(row => row.name === name);
      assert.equal(result?.outcome, outcome, result?.message);
      assert.match(result?.message ?? '', message);
      assert.ok((result?.line ?? 0) > 1);
    });

  test('that is not there, or holds nothing, is a problem', async () => {
    const missing = await checkPolicyDir(join(dir, 'typo'), catalogue);
    assert.match(missing.problems.map(showProblem).join(), /typo cannot be read/);
    const empty = mkdtempSync(join(tmpdir(), 'policies-'));
    const nothing = await checkPolicyDir(empty, catalogue);
    assert.match(nothing.problems.map(showProblem).join(), /holds no \*\.cedar file/);
    rmSync(empty, { recursive: true });
  });
});

describe('a policy test file is read strictly', () => {
  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ['not YAML', 'cases: [', /^t.yaml:1: /],
    ['no cases', 'rows: []', /one list, `cases`/],
    [
      'a misspelt field',
      'cases:\n  - { name: x, classes: [read], anwser: permit, answer: permit }',
      /^t.yaml:2: `cases\[0\].anwser` is not known here \(did you mean `answer`\?\)/,
    ],
    ['no answer', 'cases:\n  - { name: x, classes: [read] }', /`cases\[0\].answer` is required/],
    ['a wrong answer', 'cases:\n  - { name: x, classes: [read], answer: allow }', /must be one of permit, ask, deny/],
    ['a wrong class', 'cases:\n  - { name: x, classes: [reed], answer: ask }', /must be some of read, write/],
    ['tool and classes', 'cases:\n  - { name: x, tool: a/b, classes: [read], answer: ask }', /and not both/],
    ['neither', 'cases:\n  - { name: x, answer: ask }', /and not both/],
    [
      'input that is no mapping',
      'cases:\n  - { name: x, classes: [read], input: [1], answer: ask }',
      /must be a mapping/,
    ],
    [
      'an ambient manifest',
      'cases:\n  - { name: x, classes: [read], task: ambient, manifest: names, answer: ask }',
      /counts only in a task/,
    ],
    [
      'DF8 a large integer',
      'cases:\n  - { name: x, tool: a/b, input: \'{"n":9007199254740993}\', answer: ask }',
      /a number cannot be held exactly/,
    ],
    ['a bad date', 'cases:\n  - { name: x, classes: [read], now: tomorrow, answer: ask }', /is not a date/],
  ];
  for (const [name, text, message] of wrong)
    test(name, () => {
      const { cases: read, problems } = readPolicyCases('t.yaml', text);
      assert.deepEqual(read, []);
      assert.match(problems.map(showProblem).join('\n'), message);
    });
});
