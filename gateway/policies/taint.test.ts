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
import { environmentAt } from '@sallyport/core/policy/environment.ts';
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

/** Mostly mild: where everything is bad already, nothing shows that one thing more is. */
const mostly = <T>(mild: T, any: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(mild) }, { weight: 1, arbitrary: any });
const rank = mostly(0, fc.integer({ min: 0, max: 4 }));
const seldom = mostly(false, fc.constant(true));
const scene = fc.record({
  tool: fc.constantFrom(...tools),
  untrusted: fc.boolean(),
  destinations: rank,
  objects: rank,
  amounts: rank,
  commands: rank,
  contents: rank,
  outsiders: mostly(0, fc.integer({ min: 0, max: 2 })),
  leaving: mostly(0, fc.constantFrom(0, 2, 3)),
  told: seldom,
  secret: seldom,
  people: mostly<Label[]>(
    [],
    fc.subarray<Label>(['tenant:a', 'tenant:b', 'tenant:*', 'internal', 'confidential', 'secret', 'unlabelled']),
  ),
  elsewhere: seldom,
  strayed: seldom,
  handles: mostly<string[]>([], fc.subarray(['content', 'object', 'destination', 'command', 'egress', 'code'])),
  hasPurpose: fc.boolean(),
  asked: mostly<'asked' | 'delegated' | 'related' | 'no'>('asked', fc.constantFrom('delegated', 'related', 'no')),
  manifest: mostly<'none' | 'names' | 'omits'>('none', fc.constantFrom('names', 'omits')),
  ambient: seldom,
  ceiling: mostly(3, fc.integer({ min: 0, max: 3 })),
  yields: mostly(0, fc.integer({ min: 0, max: 3 })),
});
type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

const order: readonly Answer[] = ['permit', 'ask', 'deny'];

test('F-1 more taint never makes the default pack milder: not a label more, not a worse backing', () => {
  const worsened = fc.record({
    untrusted: seldom,
    told: seldom,
    secret: seldom,
    label: mostly<Label | undefined>(
      undefined,
      fc.constantFrom('tenant:b', 'tenant:*', 'internal', 'confidential', 'secret', 'unlabelled'),
    ),
    elsewhere: seldom,
    strayed: seldom,
    handle: mostly<string | undefined>(undefined, fc.constantFrom('content', 'destination', 'command', 'egress')),
    which: fc.constantFrom(...backings, ...leaks),
    by: mostly(0, fc.integer({ min: 1, max: 4 })),
  });
  const seen = { permit: 0, ask: 0, deny: 0, stricter: 0 };
  fc.assert(
    fc.property(scene, worsened, fc.boolean(), (from, { label, which, by, handle, ...more }, yes) => {
      const worse: Scene = {
        ...from,
        untrusted: from.untrusted || more.untrusted,
        told: from.told || more.told,
        secret: from.secret || more.secret,
        elsewhere: from.elsewhere || more.elsewhere,
        strayed: from.strayed || more.strayed,
        handles: handle === undefined ? from.handles : [...from.handles, handle],
        people: label === undefined ? from.people : [...from.people, label],
        [which]: Math.min(which in leakRanks ? leakRanks[which as keyof typeof leakRanks] : 4, from[which] + by),
      };
      const [before, after] = [answerOf(from, yes), answerOf(worse, yes)];
      assert.ok(order.indexOf(after) >= order.indexOf(before), JSON.stringify([from.tool.classes, yes, from, worse]));
      seen[before]++;
      if (after !== before) seen.stricter++;
    }),
    { numRuns: 1_500, seed: 5 },
  );
  // A run that hardly ever sees a change, or one of the answers, would prove little.
  for (const [what, count] of Object.entries(seen)) assert.ok(count >= 60, `${what}: ${count} of 1,500`);
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

/** The highest that there are. */
const leakRanks = { outsiders: 2, leaving: 3 } as const;

function answerOf(given: Scene, yes = false): Answer {
  return decide(requestOf(given), yes, engine).decision.answer;
}

function requestOf({
  tool,
  untrusted,
  people,
  hasPurpose,
  asked,
  manifest,
  ambient,
  ceiling,
  ...ranks
}: Scene & { readonly tool: Tool }): PolicyRequest {
  const over: Partial<FlowFacts> = ranks;
  return {
    agent: agentOf(),
    tool,
    input: emptyObject,
    task: fakeTaskFacts({
      ...(ambient ? { kind: 'ambient', openerProof: 'gateway' } : { kind: 'opened', openerProof: 'operator' }),
      ...{ hasManifest: manifest !== 'none', inManifest: manifest === 'names', ceiling },
      hasPurpose,
      asked: hasPurpose && asked === 'asked',
      delegated: hasPurpose && asked === 'delegated',
      related: hasPurpose && (asked === 'asked' || asked === 'related'),
    }),
    flow: fakeFlow(untrusted ? ['untrusted', ...people] : people, over),
    env: environmentAt(0),
    risk: noRisk,
  };
}
