import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fakeFlow } from '@sallyport/testkit/fakes/flow.ts';
import { fakeAgent, fakeTool, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { fakeTaskFacts } from '@sallyport/testkit/fakes/task.ts';
import { type Evaluation, noRisk, type PolicyEngine, type PolicyRequest } from './engine.ts';
import { environmentAt } from './environment.ts';
import { changesMax, explain } from './explain.ts';

const request: PolicyRequest = {
  agent: fakeAgent,
  tool: fakeTool(),
  input: jsonObject('{}'),
  task: fakeTaskFacts(),
  flow: fakeFlow(['untrusted']),
  env: environmentAt(0),
  risk: noRisk,
};

/** Permits exactly where `holds` does. */
function engineOf(holds: (request: PolicyRequest, approved: boolean) => boolean): PolicyEngine {
  const evaluate = (asked: PolicyRequest, approved: boolean): Evaluation => {
    const allowed = holds(asked, approved);
    return { allowed, determining: [allowed ? 'p' : 'f'], errors: [] };
  };
  const policy: PolicyEngine['policy'] = id =>
    id === 'f' || id === 'p'
      ? { id, effect: id === 'f' ? 'forbid' : 'permit', file: 'a.cedar', line: 7, annotations: { reason: 'because' } }
      : undefined;
  return { evaluate, policy, couldPermit: () => true };
}

function changesFor(
  holds: (request: PolicyRequest, approved: boolean) => boolean,
  over: Partial<PolicyRequest> = {},
): string[] {
  return explain({ ...request, ...over }, false, engineOf(holds)).changes.map(({ text }) => text);
}

describe('the smallest change that would permit', () => {
  test('none for what is permitted', () =>
    assert.deepEqual(
      changesFor(() => true),
      [],
    ));
  test('none where no change helps', () =>
    assert.deepEqual(
      changesFor(() => false),
      [],
    ));
  test('a yes', () =>
    assert.deepEqual(
      changesFor((_, approved) => approved),
      ['If a person had approved this action, it would be permitted.'],
    ));
  test('no untrusted content, and the labels go with it', () =>
    assert.deepEqual(
      changesFor(({ flow }) => !flow.untrusted && flow.labels.length === 0),
      ['If the task had not read untrusted content, it would be permitted.'],
    ));
  test('a manifest that names it, and then the task is opened by somebody', () =>
    assert.deepEqual(
      changesFor(
        ({ task }) => task.inManifest && task.hasManifest && task.kind === 'opened' && task.openerProof === 'operator',
      ),
      ['If the task had named this tool in its manifest, it would be permitted.'],
    ));
  test('an accepted definition', () => {
    const tool = fakeTool({ status: { kind: 'quarantined', why: 'changed' } });
    assert.deepEqual(
      changesFor(() => true, { tool }),
      ['If an operator had accepted the definition of this tool, it would be permitted.'],
    );
  });
  test('each fact by itself, where it is not so already', () => {
    const opened = fakeTaskFacts({ kind: 'opened', openerProof: 'operator', hasPurpose: true });
    const alone: readonly [string, Partial<PolicyRequest>, (request: PolicyRequest) => boolean][] = [
      [
        'the principal had asked for this',
        { task: opened },
        ({ task }) => task.asked && task.related && !task.hasManifest,
      ],
      [
        'the principal had given every value that decides',
        { flow: { ...fakeFlow(), amounts: 2 } },
        ({ flow }) => flow.amounts === 0,
      ],
      [
        'the task had been opened by its principal',
        { task: { ...opened, kind: 'nightly', openerProof: 'claimed' } },
        ({ task }) => task.kind === 'nightly' && task.openerProof === 'operator' && !task.inManifest,
      ],
      [
        'everybody whom this goes to had been among its readers',
        { flow: { ...fakeFlow(), outsiders: 2 } },
        ({ flow }) => flow.outsiders === 0,
      ],
      [
        'the task had no manifest',
        { task: { ...opened, hasManifest: true, inManifest: true } },
        ({ task }) => !task.hasManifest && !task.inManifest,
      ],
      [
        'the agent had done what it usually does',
        { risk: { score: 40, signals: ['burst'] } },
        ({ risk }) => risk.score === 0 && risk.signals.length === 0,
      ],
    ];
    for (const [words, over, holds] of alone) {
      assert.deepEqual(changesFor(holds, over), [`If ${words}, it would be permitted.`]);
    }
    const isSo: Partial<PolicyRequest> = { task: { ...opened, asked: true, related: true }, flow: fakeFlow() };
    const tried = new Set<string>();
    changesFor(({ task, flow, risk, tool }, approved) => {
      tried.add(JSON.stringify([task, flow, risk, tool.status, approved]));
      return false;
    }, isSo);
    assert.equal(tried.size, 4, 'only a yes and a manifest are not so already, each or both');
  });
  test('two facts where one is not enough', () =>
    assert.deepEqual(
      changesFor(({ flow, task }, approved) => !flow.untrusted && task.kind === 'opened' && approved),
      [
        'If a person had approved this action and the task had named this tool in its manifest and the task had not read untrusted content, it would be permitted.',
        'If a person had approved this action and the task had not read untrusted content and the task had been opened by its principal, it would be permitted.',
      ],
    ));
  test('no more than a few', () =>
    assert.ok(changesFor(({ task }) => task.hasManifest || task.kind === 'opened').length <= changesMax));
  test('is decided with the yes that is at hand', () =>
    assert.equal(
      explain(
        request,
        true,
        engineOf((_, approved) => approved),
      ).answer,
      'permit',
    ));
});

test('reasons carry the place of their policy, and the gateway’s own have none', () => {
  assert.deepEqual(
    explain(
      request,
      false,
      engineOf(() => false),
    ).reasons,
    [{ rule: 'f', text: 'because', fix: undefined, effect: 'forbid', file: 'a.cedar', line: 7 }],
  );
  const tool = fakeTool({ status: { kind: 'quarantined', why: 'changed' } });
  assert.deepEqual(
    explain(
      { ...request, tool },
      false,
      engineOf(() => true),
    ).reasons.map(({ rule, file }) => [rule, file]),
    [['quarantined', undefined]],
  );
});

test('a broken engine is explained as a fault, not thrown', () => {
  const broken: PolicyEngine = {
    evaluate: () => assert.fail('broken'),
    policy: () => undefined,
    couldPermit: () => false,
  };
  const { answer, changes } = explain(request, false, broken);
  assert.deepEqual([answer, changes], ['deny', []]);
});
