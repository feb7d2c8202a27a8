import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeWorld, fakeAgent, fakeTool } from '@sallyport/testkit/fakes/ports.ts';
import type { Mode } from '../model/decision.ts';
import type { CatalogueServer } from '../model/tool.ts';
import { visibleTools } from './listing.ts';

test('B-3 an agent sees the tools that are accepted and that some permit could allow; all of them where nothing is enforced', () => {
  const tools = [
    fakeTool({ name: 'good' }),
    fakeTool({ name: 'changed', status: { kind: 'quarantined', why: 'new' } }),
    fakeTool({ name: 'never' }),
    fakeTool({ name: 'mcp:resources/read' }),
    fakeTool({ name: 'a2a:SendMessage' }),
  ];
  const seen = (mode: Mode): readonly string[] => {
    const world = createFakeWorld({ mode }).ports.world();
    const server = { id: 'files', tools: new Map(tools.map(tool => [tool.name, tool])) } as unknown as CatalogueServer;
    const couldPermit = (_: unknown, { name }: { readonly name: string }): boolean => name !== 'never';
    return visibleTools(server, fakeAgent, { ...world, engine: { ...world.engine, couldPermit } }).map(
      ({ name }) => name,
    );
  };
  assert.deepEqual(seen('enforce'), ['good']);
  for (const mode of ['observe', 'shadow'] as const) assert.deepEqual(seen(mode), ['good', 'changed', 'never']);
});
