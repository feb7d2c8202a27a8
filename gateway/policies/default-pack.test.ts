import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { before, describe, test } from 'node:test';
import type { Answer } from '@sallyport/core/model/decision.ts';
import { emptyObject } from '@sallyport/core/model/json.ts';
import { type ActionClass, actionClasses } from '@sallyport/core/model/tool.ts';
import { decide } from '@sallyport/core/policy/decide.ts';
import { noRisk } from '@sallyport/core/policy/engine.ts';
import { environmentAt } from '@sallyport/core/policy/environment.ts';
import { explain } from '@sallyport/core/policy/explain.ts';
import { fakeFlow } from '@sallyport/testkit/fakes/flow.ts';
import { fakeTaskFacts } from '@sallyport/testkit/fakes/task.ts';
import { agentOf, catalogueOf, toolOf } from '@sallyport/testkit/policy/scene.ts';
import { formatPolicies } from '../engines/cedar/format.ts';
import { type Loaded, loadPolicies } from '../engines/cedar/load.ts';
import { splitPolicies } from '../engines/cedar/policy-text.ts';
import { workspace } from '../transports/hook/tools.ts';
import { checkPolicyDir } from './check-dir.ts';
import { type PolicyCase, readPolicyCases } from './policy-case.ts';
import { runPolicyTests } from './run-cases.ts';

const dir = resolve(import.meta.dirname, '../../policies');
const file = join(dir, 'default.cedar');
const text = readFileSync(file, 'utf8');
const tools = actionClasses.map(name => toolOf({ server: 'any', name, classes: [name] }));
const catalogue = catalogueOf(tools);
let cases: readonly PolicyCase[] = [];
let loaded: Extract<Loaded, { ok: true }>;

before(async () => {
  const testFile = join(dir, 'default.test.yaml');
  cases = readPolicyCases(testFile, readFileSync(testFile, 'utf8')).cases;
  const result = await loadPolicies({ sources: [{ file, text }], catalogue });
  assert.ok(result.ok);
  loaded = result;
});

describe('the default pack', () => {
  test('loads without a warning and passes its own tests', async () => {
    const { ok, problems, warnings, tests } = await checkPolicyDir(dir, catalogue);
    assert.deepEqual(
      { problems, warnings, failed: tests.filter(({ outcome }) => outcome !== 'passed') },
      { problems: [], warnings: [], failed: [] },
    );
    assert.ok(ok && tests.length >= 30);
  });

  test('is short, says why and what to do, and leaves it to others to name whom to ask', () => {
    const policies = loaded.engine.policies();
    assert.ok(policies.length <= 28, `${policies.length} policies`);
    for (const { id, effect, annotations } of policies) {
      assert.ok(annotations.reason, `${id} has no @reason`);
      if (effect === 'forbid') assert.ok(annotations.fix, `${id} has no @fix`);
      const asks = loaded.set.policies.find(policy => policy.info.id === id)?.text.includes('context.approved');
      if (asks) assert.deepEqual([annotations.approver, annotations.expires], [undefined, '10m'], id);
    }
  });

  test('asks an operator, and whom a rule of the company names where that asks as well', async () => {
    const own = `@id("payments-are-finances") @reason("finance sees every payment") @approver("finance")
      forbid (principal, action in Action::"money", resource) unless { context.approved };`;
    const sources = [
      { file, text },
      { file: 'own.cedar', text: own },
    ];
    const both = await loadPolicies({ sources, catalogue });
    assert.ok(both.ok);
    const tool = tools.find(({ name }) => name === 'money') ?? assert.fail();
    for (const [engine, approvers, rules] of [
      [loaded.engine, ['operator'], []],
      [both.engine, ['finance'], ['payments-are-finances']],
    ] as const) {
      const { decision } = decide(
        {
          agent: agentOf({}),
          tool,
          input: emptyObject,
          task: fakeTaskFacts(),
          flow: fakeFlow(),
          env: environmentAt(0),
          risk: noRisk,
        },
        false,
        engine,
      );
      assert.ok(decision.answer === 'ask', JSON.stringify(decision));
      assert.deepEqual([decision.approval.approvers, decision.approval.and], [approvers, undefined]);
      assert.ok(decision.reasons.length > rules.length, 'the pack asks');
      for (const rule of rules) assert.ok(decision.reasons.some(reason => reason.rule === rule));
    }
  });

  test('names no tool, segment or configured server', () => {
    const names = splitPolicies({ file, text }).policies.flatMap(policy => [
      ...policy.text.matchAll(/\b(\w+)::"([^"]*)"/g),
    ]);
    assert.ok(names.length > 10);
    for (const [, type, id] of names.filter(([, type, id]) => type !== 'Server' || id !== workspace))
      assert.ok(type === 'Action' && (actionClasses as readonly (string | undefined)[]).includes(id), `${type} ${id}`);
  });

  test('is laid out as `policy fmt` lays it out', () => {
    const formatted = formatPolicies({ file, text });
    assert.deepEqual(formatted, { ok: true, text, changed: false });
  });

  test('has no policy that its tests would not miss', async () => {
    for (const { info } of loaded.set.policies) {
      const set = { ...loaded.set, policies: loaded.set.policies.filter(policy => policy.info.id !== info.id) };
      const failed = (await runPolicyTests(set, catalogue, cases)).filter(({ outcome }) => outcome === 'failed');
      assert.ok(failed.length > 0, `nothing fails without ${info.id}`);
    }
  });

  test('denies a quarantined tool whatever the task', () => {
    for (const tool of tools) {
      const decided = decide(
        requestFor({ ...tool, status: { kind: 'quarantined', why: 'its description changed' } }),
        true,
        loaded.engine,
      );
      assert.deepEqual(
        decided.decision.reasons.map(({ rule }) => rule),
        ['quarantined'],
      );
    }
  });

  test('I11 decides every combination of classes and facts as it is meant to', async () => {
    const combinations = Array.from({ length: 2 ** actionClasses.length - 1 }, (_, bits) =>
      actionClasses.filter((_class, index) => ((bits + 1) >> index) & 1),
    );
    const every = combinations.map(classes => toolOf({ server: 'any', name: classes.join('.'), classes }));
    const result = await loadPolicies({ sources: [{ file, text }], catalogue: catalogueOf(every) });
    assert.ok(result.ok);
    for (const tool of every)
      for (const manifest of ['none', 'names', 'omits'] as const)
        for (const untrusted of [false, true])
          for (const approved of [false, true]) {
            const { decision } = decide(requestFor(tool, { manifest, untrusted }), approved, result.engine);
            const expected = meant(tool.classes, manifest, untrusted, approved);
            assert.equal(
              decision.answer,
              expected,
              JSON.stringify({ classes: tool.classes, manifest, untrusted, approved }),
            );
          }
  });

  test('tells a person what would have to be otherwise for a detour', () => {
    const write = tools[1];
    assert.ok(write);
    const { answer, reasons, changes } = explain(
      requestFor(write, { manifest: 'omits', untrusted: true }),
      false,
      loaded.engine,
    );
    assert.equal(answer, 'deny');
    const [reason] = reasons;
    assert.equal(reason?.rule, 'no-detour-after-untrusted');
    assert.equal(reason?.file, file);
    assert.match(text.split('\n')[(reason?.line ?? 0) - 1] ?? '', /@id\("no-detour-after-untrusted"\)/);
    assert.deepEqual(
      changes.map(change => change.text),
      [
        'If the task had named this tool in its manifest, it would be permitted.',
        'If the task had no manifest, it would be permitted.',
      ],
    );
  });
});

type Manifest = 'none' | 'names' | 'omits';

/** The pack in other words, for calls without values. Untrusted content never makes it milder. */
function meant(classes: readonly ActionClass[], manifest: Manifest, untrusted: boolean, approved: boolean): Answer {
  const can = (...names: ActionClass[]): boolean => names.some(name => classes.includes(name));
  const onlyReads = classes.every(name => name === 'read');
  if (manifest === 'omits' && untrusted && !onlyReads) return 'deny';
  const asked = manifest === 'names';
  const needsYes =
    (can('money', 'admin', 'destructive', 'code') && !asked) ||
    (can('egress', 'message') && untrusted && !asked && !can('read')) ||
    (manifest === 'omits' && !onlyReads);
  return needsYes && !approved ? 'ask' : 'permit';
}

function requestFor(
  tool: (typeof tools)[number],
  { manifest, untrusted }: { readonly manifest: Manifest; readonly untrusted: boolean } = {
    manifest: 'none',
    untrusted: false,
  },
): Parameters<typeof decide>[0] {
  return {
    agent: agentOf(),
    tool,
    input: emptyObject,
    task: fakeTaskFacts({
      kind: 'opened',
      openerProof: 'operator',
      hasManifest: manifest !== 'none',
      inManifest: manifest === 'names',
      asked: manifest === 'names',
      related: manifest === 'names',
    }),
    flow: fakeFlow(untrusted ? ['untrusted'] : []),
    env: environmentAt(0),
    risk: noRisk,
  };
}
