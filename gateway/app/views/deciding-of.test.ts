import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { World } from '@sallyport/core/mediate/ports.ts';
import type { DecisionId } from '@sallyport/core/model/ids.ts';
import type { Way } from '@sallyport/core/model/way.ts';
import { noRisk, type PolicyRequest } from '@sallyport/core/policy/engine.ts';
import { environmentAt } from '@sallyport/core/policy/environment.ts';
import { decidingValues } from '@sallyport/core/provenance/deciding.ts';
import { withDoubtOnly } from '@sallyport/core/provenance/facts.ts';
import { fakeFlow } from '@sallyport/testkit/fakes/flow.ts';
import { fakeAgent, fakeTool, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { fakeTaskFacts } from '@sallyport/testkit/fakes/task.ts';
import { DecidingOf } from './deciding-of.ts';

const reasons = [{ rule: 'destination-from-text', text: '', fix: undefined }];

/** Asks where a recipient comes from a text; as each reading of the record makes one, with lists of its own. */
function requestOf(arguments_: readonly string[]): PolicyRequest {
  const ways: Way[] = arguments_.map(argument => ({
    ...{ argument, role: argument === 'note' ? 'content' : 'destination', backing: 'text', origin: 'text' },
    ...{ found: [], digest: argument },
  }));
  return {
    ...{ agent: fakeAgent, actors: [], tool: fakeTool(), input: jsonObject('{}'), task: fakeTaskFacts() },
    ...{ flow: withDoubtOnly({ ...fakeFlow(['untrusted']), ways }, ways), env: environmentAt(0), risk: noRisk },
  };
}

function countingWorld(digest: string): { readonly world: World; readonly evaluations: () => number } {
  let evaluations = 0;
  const engine: Pick<World['engine'], 'evaluate'> = {
    evaluate: ({ flow }) => {
      evaluations++;
      const asks = flow.ways.some(({ role, backing }) => role === 'destination' && backing === 'text');
      return { allowed: !asks, determining: asks ? ['destination-from-text'] : [], errors: [] };
    },
  };
  return { world: { digest, engine } as unknown as World, evaluations: () => evaluations };
}

const asked = { id: 'd_1' as DecisionId, reasons };

test('What a decision hung on is found once, and told with the values of whoever asks', () => {
  const { world, evaluations } = countingWorld('world');
  const memory = new DecidingOf();
  const first = memory.of(asked, requestOf(['to', 'note', 'cc']), world);
  const once = evaluations();
  assert.ok(once > 0);
  const request = requestOf(['to', 'note', 'cc']);
  const again = memory.of(asked, request, world);
  assert.equal(evaluations(), once);
  assert.deepEqual(again, first);
  assert.deepEqual(again, decidingValues(request, reasons, world.engine));
  // A view looks for its own values among them.
  for (const way of again.tried) assert.ok(request.flow.ways.includes(way));
  assert.deepEqual(
    again.ways.map(({ argument }) => argument),
    ['to', 'cc'],
  );
});

test('Another decision, or another world, is asked anew; and what was remembered first is forgotten first', () => {
  const { world, evaluations } = countingWorld('one');
  const memory = new DecidingOf();
  const count = (id: string, inWorld: World): number => {
    const before = evaluations();
    memory.of({ ...asked, id: id as DecisionId }, requestOf(['to']), inWorld);
    return evaluations() - before;
  };
  assert.ok(count('d_1', world) > 0);
  assert.equal(count('d_1', world), 0);
  assert.ok(count('d_2', world) > 0);
  assert.ok(count('d_1', { ...world, digest: 'two' }) > 0);
  for (let other = 3; other < 520; other++) count(`d_${other}`, world);
  assert.ok(count('d_1', world) > 0);
  assert.equal(count('d_519', world), 0);
});
