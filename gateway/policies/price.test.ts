import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { before, describe, test } from 'node:test';
import type { World } from '@sallyport/core/mediate/ports.ts';
import { priced, priceOf } from '@sallyport/core/mediate/price.ts';
import { emptyObject } from '@sallyport/core/model/json.ts';
import type { Label } from '@sallyport/core/model/label.ts';
import { priceText } from '@sallyport/core/model/price.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import type { ActionClass } from '@sallyport/core/model/tool.ts';
import { noRisk, type PolicyEngine, type PolicyRequest } from '@sallyport/core/policy/engine.ts';
import { environmentAt } from '@sallyport/core/policy/environment.ts';
import { worstLabels } from '@sallyport/core/provenance/labels/label.ts';
import { fakeFlow } from '@sallyport/testkit/fakes/flow.ts';
import { fakeTask, fakeTaskFacts } from '@sallyport/testkit/fakes/task.ts';
import { agentOf, catalogueOf, toolOf } from '@sallyport/testkit/policy/scene.ts';
import { loadPolicies } from '../engines/cedar/load.ts';

const file = resolve(import.meta.dirname, '../../policies/default.cedar');
const kinds: Record<string, readonly ActionClass[]> = {
  read_note: ['read'],
  save_note: ['write'],
  send_mail: ['write', 'message'],
  fetch_page: ['read', 'egress'],
  pay: ['write', 'money'],
};
const tools = Object.entries(kinds).map(([name, classes]) => toolOf({ server: 'office', name, classes }));
const catalogue = catalogueOf(tools);
let engine: PolicyEngine;
let asked = 0;

before(async () => {
  const loaded = await loadPolicies({ sources: [{ file, text: readFileSync(file, 'utf8') }], catalogue });
  assert.ok(loaded.ok);
  const own = loaded.engine;
  engine = {
    evaluate: (request, approved) => {
      asked++;
      return own.evaluate(request, approved);
    },
    couldPermit: (agent, tool) => own.couldPermit(agent, tool),
    policy: id => own.policy(id),
  };
});

describe('the price of a step, with the default pack', () => {
  test('reading what anybody could have written makes sending ask', () => {
    assert.deepEqual(price({}), ['message:ask']);
    assert.equal(priceText(price({})), 'from then on message asks');
  });

  test('what the task is marked with already costs nothing, and nothing is worked out', () => {
    const before = asked;
    assert.deepEqual(price({ labels: worstLabels }), []);
    assert.equal(asked, before);
  });

  test('with a manifest it is what the manifest names that counts', () => {
    assert.deepEqual(price({ manifest: ['office/send_mail', 'office/read_note'] }), []);
  });

  test('it is worked out once for a state, and anew in another world', () => {
    price({ principal: 'user:once' });
    const before = asked;
    price({ principal: 'user:once' });
    assert.equal(asked, before);
    const other: PolicyEngine = { ...engine, evaluate: () => ({ allowed: true, determining: ['p'], errors: [] }) };
    assert.deepEqual(price({ principal: 'user:once' }, other), [], 'where everything is allowed it costs nothing');
  });

  test('policy is told of it', () => {
    const request = requestFor({});
    assert.deepEqual(priced(request, worstLabels, fakeTask, worldOf(engine)).flow.cost, ['message:ask']);
  });

  test('a rule that fails on a made-up call is no price', () => {
    const failing: PolicyEngine = {
      ...engine,
      evaluate: () => ({ allowed: false, determining: [], errors: [{ policy: 'p', message: 'no such attribute' }] }),
    };
    assert.deepEqual(price({}, failing), []);
  });
});

test('a price in words', () => {
  assert.equal(priceText([]), undefined);
  assert.equal(
    priceText(['message:ask', 'egress:ask', 'money:deny']),
    'from then on message and egress ask, and money is denied',
  );
});

interface Given {
  readonly labels?: readonly Label[];
  readonly manifest?: readonly string[];
  readonly principal?: string;
}

function price(given: Given, by: PolicyEngine = engine): readonly string[] {
  const task: Task = { ...fakeTask, manifest: { ...fakeTask.manifest, tools: given.manifest } };
  return priceOf(requestFor(given), worstLabels, task, worldOf(by));
}

function requestFor({ labels = [], manifest, principal = 'user:emma' }: Given): PolicyRequest {
  const stated = manifest === undefined ? {} : { kind: 'opened', openerProof: 'operator', hasManifest: true };
  const [tool] = tools;
  assert.ok(tool);
  return {
    agent: agentOf(),
    tool,
    input: emptyObject,
    task: fakeTaskFacts({ ...stated, principal }),
    flow: fakeFlow(labels),
    env: environmentAt(0),
    risk: noRisk,
  };
}

function worldOf(by: PolicyEngine): World {
  return { digest: 'world', engine: by, catalogue, modes: { fallback: 'enforce', scopes: new Map() } };
}
