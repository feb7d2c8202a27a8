import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { before, test } from 'node:test';
import type { Answer } from '@sallyport/core/model/decision.ts';
import { emptyObject } from '@sallyport/core/model/json.ts';
import type { Label } from '@sallyport/core/model/label.ts';
import { actionClasses, type Tool } from '@sallyport/core/model/tool.ts';
import { decide } from '@sallyport/core/policy/decide.ts';
import { type FlowFacts, noRisk, type PolicyEngine, type PolicyRequest } from '@sallyport/core/policy/engine.ts';
import { fakeFlow } from '@sallyport/testkit/fakes/flow.ts';
import { fakeTaskFacts } from '@sallyport/testkit/fakes/task.ts';
import { agentOf, catalogueOf, toolOf } from '@sallyport/testkit/policy/scene.ts';
import fc from 'fast-check';
import { loadPolicies } from '../engines/cedar/load.ts';

const file = resolve(import.meta.dirname, '../../policies/default.cedar');
const sets = Array.from({ length: 60 }, (_, n) =>
  actionClasses.filter((_class, at) => (((n + 1) * 37) >> at) & 1),
).filter(classes => classes.length > 0);
const tools = sets.map((classes, n) => toolOf({ server: 'any', name: `t${n}`, classes }));
let engine: PolicyEngine;

before(async () => {
  const loaded = await loadPolicies({
    sources: [{ file, text: readFileSync(file, 'utf8') }],
    catalogue: catalogueOf(tools),
  });
  assert.ok(loaded.ok);
  engine = loaded.engine;
});

const rank = fc.integer({ min: 0, max: 4 });
const scene = fc.record({
  tool: fc.constantFrom(...tools),
  untrusted: fc.boolean(),
  destinations: rank,
  objects: rank,
  amounts: rank,
  commands: rank,
  contents: rank,
  outsiders: fc.integer({ min: 0, max: 2 }),
  leaving: fc.constantFrom(0, 2, 3),
  told: fc.boolean(),
  secret: fc.boolean(),
  people: fc.subarray<Label>(['tenant:a', 'tenant:b', 'tenant:*', 'internal', 'confidential', 'secret', 'unlabelled']),
  hasPurpose: fc.boolean(),
  asked: fc.constantFrom('asked', 'delegated', 'related', 'no'),
});
type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

const order: readonly Answer[] = ['permit', 'ask', 'deny'];

test('F-1 more taint never makes the default pack milder: not a label more, not a worse backing', () => {
  const worsened = fc.record({
    untrusted: fc.boolean(),
    told: fc.boolean(),
    secret: fc.boolean(),
    label: fc.constantFrom<Label>('tenant:b', 'tenant:*', 'internal', 'confidential', 'secret', 'unlabelled'),
    which: fc.constantFrom(...backings, ...leaks),
    by: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(scene, worsened, (from, { untrusted, told, secret, label, which, by }) => {
      const worse: Scene = {
        ...from,
        untrusted: from.untrusted || untrusted,
        told: from.told || told,
        secret: from.secret || secret,
        people: [...from.people, label],
        [which]: Math.min(4, from[which] + by),
      };
      assert.ok(
        order.indexOf(answerOf(worse)) >= order.indexOf(answerOf(from)),
        JSON.stringify([from.tool.classes, from, worse]),
      );
    }),
    { numRuns: 700, seed: 5 },
  );
});

test('F-2 F-3 F-9 where nothing can be matched, nothing tainted leaves, is paid, deleted, shared or run without a question', () => {
  fc.assert(
    fc.property(scene, from => {
      const leaves =
        from.tool.classes.some(name => !['read', 'write', 'egress'].includes(name)) ||
        from.tool.classes.includes('egress');
      fc.pre(leaves);
      const blind: Scene = { ...from, untrusted: true, destinations: 3, objects: 3, amounts: 3, commands: 3 };
      assert.notEqual(answerOf(blind), 'permit', JSON.stringify(from));
    }),
    { numRuns: 400, seed: 5 },
  );
});

test('F-1 after untrusted content a task without words is not milder than one whose words ask for nothing like it', () => {
  fc.assert(
    fc.property(scene, from => {
      const tainted: Scene = { ...from, untrusted: true };
      const spoken = answerOf({ ...tainted, hasPurpose: true, asked: 'no' });
      const silent = answerOf({ ...tainted, hasPurpose: false });
      // What only known words make strict: an address that nobody gave, before anything was read as well as after.
      assert.ok(order.indexOf(silent) >= order.indexOf(spoken), JSON.stringify(tainted));
    }),
    { numRuns: 700, seed: 5 },
  );
});

const backings = ['destinations', 'objects', 'amounts', 'commands', 'contents'] as const;
const leaks = ['outsiders', 'leaving'] as const;

function answerOf(given: Scene): Answer {
  return decide(requestOf(given), false, engine).decision.answer;
}

function requestOf({
  tool,
  untrusted,
  people,
  hasPurpose,
  asked,
  ...ranks
}: Scene & { readonly tool: Tool }): PolicyRequest {
  const over: Partial<FlowFacts> = ranks;
  return {
    agent: agentOf(),
    tool,
    input: emptyObject,
    task: fakeTaskFacts({
      kind: 'opened',
      openerProof: 'operator',
      hasPurpose,
      asked: hasPurpose && asked === 'asked',
      delegated: hasPurpose && asked === 'delegated',
      related: hasPurpose && (asked === 'asked' || asked === 'related'),
    }),
    flow: fakeFlow(untrusted ? ['untrusted', ...people] : people, over),
    env: { now: 0 },
    risk: noRisk,
  };
}
