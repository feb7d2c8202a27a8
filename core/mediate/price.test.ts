import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeWorld, fakeAgent, fakeTool } from '@sallyport/testkit/fakes/ports.ts';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import { makeAction } from '../model/action.ts';
import type { Actor } from '../model/agent.ts';
import { emptyObject } from '../model/json.ts';
import { nothingLooked } from '../provenance/memories.ts';
import { gather } from './gather.ts';
import { priceOf } from './price.ts';

test('D-7 what a step would cost is told for this chain of agents, not for one in which the same agent only handed on', () => {
  const tool = fakeTool({ classes: ['write'] });
  const world = createFakeWorld({
    tool,
    evaluate: ({ agent, flow }) => {
      const allowed = agent.id !== 'asker' || !flow.untrusted;
      return { allowed, determining: allowed ? ['p'] : [], errors: [] };
    },
  }).ports.world();
  const addressed = { method: 'tools/call', server: tool.server, name: tool.name, input: emptyObject } as const;
  const action = makeAction(addressed, tool, text => text);
  const price = (over: Partial<Actor>) => {
    const actor = { ...fakeAgent, id: 'asker', ...over } as Actor;
    const known = { agent: fakeAgent, task: fakeTask, action, looked: nothingLooked, now: 0, actors: [actor] };
    return priceOf(gather(known), ['untrusted'], fakeTask, world);
  };
  assert.deepEqual(price({}), []);
  assert.deepEqual(price({ asks: true }), ['write:deny']);
  assert.deepEqual(price({}), []);
});
