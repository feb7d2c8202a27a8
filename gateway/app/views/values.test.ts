import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { World } from '@sallyport/core/mediate/ports.ts';
import type { Way } from '@sallyport/core/model/way.ts';
import { fakeFlow } from '@sallyport/testkit/fakes/flow.ts';
import { fakeTool, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { fakeTaskFacts } from '@sallyport/testkit/fakes/task.ts';
import { valuesOf } from './values.ts';

type Given = Parameters<typeof valuesOf>;

const barges = fakeTool({ server: 'port', name: 'update_barge', classes: ['write', 'admin'] });

/** What is shown of a call whose arguments the decision found to come from a text. */
function shown(doubtful: readonly string[], input: string, pin = barges.pin): readonly (readonly unknown[])[] {
  const ways: Way[] = doubtful.map(argument => ({
    ...{ argument, role: 'choice', origin: 'text', backing: 'text', digest: argument, found: [] },
  }));
  const servers = new Map([['port', { tools: new Map([[barges.name, barges]]) }]]);
  const world = { digest: 'now', catalogue: { servers } } as unknown as World;
  const decided = { world: 'then', principal: 'ida', action: { server: 'port', tool: barges.name, pin } };
  const facts = { task: fakeTaskFacts(), flow: { ...fakeFlow(['untrusted']), ways } };
  const views = valuesOf(decided as unknown as Given[0], facts as unknown as Given[1], jsonObject(input), world);
  return views.map(({ argument, value }) => [argument, value]);
}

test('a flag that is off is shown where a text had it turned off, and says that it is', () => {
  assert.deepEqual(shown(['berth', 'watch'], '{"berth":"K-4","watch":false}'), [
    ['berth', 'K-4'],
    ['watch', 'false'],
  ]);
  assert.deepEqual(shown(['lock', 'watch'], '{"watch":false,"dry":false,"lock":true}'), [
    ['lock', 'true'],
    ['watch', 'false'],
  ]);
  assert.deepEqual(shown(['berth'], '{"watch":false,"berth":"K-4"}'), [['berth', 'K-4']]);
});

test('values are not shown beside arguments that they may not belong to', () => {
  assert.deepEqual(shown(['watch'], '{"berth":"K-4","watch":false}'), [['watch', undefined]]);
  assert.deepEqual(
    shown(['berth', 'pier'], '{"berth":"K-4"}').map(([, value]) => value),
    [undefined, undefined],
  );
  assert.deepEqual(shown(['berth'], '{"berth":"K-4"}', 'another'), [['berth', undefined]]);
});
