import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { Label } from '@sallyport/core/model/label.ts';
import { type Labelling, unlabelled } from '@sallyport/core/model/labelling.ts';
import type { CatalogueServer, Tool } from '@sallyport/core/model/tool.ts';
import { allow, fakeTool, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { openNode, restartNode, type TestNode } from '@sallyport/testkit/rooms/node.ts';
import { agentA } from '@sallyport/testkit/rooms/tasks.ts';
import fc from 'fast-check';

/** Servers that many agents write to and read from, and a vault whose content is labelled. */
const shared = ['memory', 'tickets', 'files'] as const;
const keys = ['a', 'b', 'c'] as const;
const agentOf = (n: number): Agent => ({ ...agentA, id: `agent-${n}`, principal: `user:${n}` });

describe('what one task writes keeps its labels for whoever reads it', () => {
  test('F-4 by exact name: another agent that reads it inherits them, and one that reads something else does not', async () => {
    const node = house();
    await act(node, 0, 'vault', 'read');
    await act(node, 0, 'memory', 'put', 'a');
    await act(node, 1, 'memory', 'get', 'b');
    assert.deepEqual(labelsOf(node, 1), ['internal']);
    await act(node, 1, 'memory', 'get', 'a');
    assert.deepEqual(labelsOf(node, 1), ['internal', 'secret', 'untrusted']);
    const read = node.journal.entries.at(-1);
    assert.ok(read?.kind === 'performed');
    assert.deepEqual(
      read.inherited?.map(({ label, server, tool }) => `${label} ${server}/${tool}`),
      ['untrusted vault/read', 'secret vault/read'],
      'the record says where they came from',
    );
  });

  test('F-4 without a name a read inherits all that was written there, and what was written without one is inherited by all', async () => {
    const node = house();
    await act(node, 0, 'vault', 'read');
    await act(node, 0, 'tickets', 'put', 'a');
    await act(node, 1, 'tickets', 'search');
    assert.ok(labelsOf(node, 1).includes('secret'));
    await act(node, 0, 'files', 'add');
    await act(node, 2, 'files', 'get', 'c');
    assert.ok(labelsOf(node, 2).includes('secret'));
    await act(node, 3, 'memory', 'search');
    assert.deepEqual(labelsOf(node, 3), ['internal'], 'another server holds nothing of it');
  });

  test('F-4 a name that can be read in more than one way is no name', async () => {
    for (const odd of ['./a', 'x/../a', 'A%61', 'a/', ' a', '..']) {
      const node = house();
      await act(node, 0, 'vault', 'read');
      await act(node, 0, 'memory', 'put', odd);
      await act(node, 1, 'memory', 'get', 'a');
      assert.ok(labelsOf(node, 1).includes('secret'), odd);
    }
    const folded = house();
    await act(folded, 0, 'vault', 'read');
    await act(folded, 0, 'memory', 'put', 'Plan Ａ');
    await act(folded, 1, 'memory', 'get', 'plan a');
    assert.ok(labelsOf(folded, 1).includes('secret'));
    await act(folded, 0, 'memory', 'put', '/notes/b');
    await act(folded, 2, 'memory', 'get', 'file:///Notes/b');
    assert.ok(labelsOf(folded, 2).includes('secret'));
  });

  test('reading leaves nothing, and so does what was refused', async () => {
    const node = house(request => (request.tool.name === 'put' ? 'deny' : 'permit'));
    await act(node, 0, 'vault', 'read');
    await act(node, 0, 'memory', 'put', 'a');
    await act(node, 0, 'memory', 'get', 'a');
    await act(node, 1, 'memory', 'search');
    assert.deepEqual(labelsOf(node, 1), ['internal']);
  });

  test('a tool of which an operator says that it keeps nothing leaves nothing and inherits nothing, also after a restart', async () => {
    let node = house();
    await act(node, 0, 'vault', 'read');
    await act(node, 0, 'memory', 'count');
    await act(node, 1, 'memory', 'search');
    assert.deepEqual(labelsOf(node, 1), ['internal']);
    await act(node, 0, 'memory', 'add');
    await act(node, 2, 'memory', 'count');
    assert.deepEqual(labelsOf(node, 2), ['internal']);
    const other = house();
    await act(other, 0, 'vault', 'read');
    await act(other, 0, 'memory', 'count');
    node = withTools(await restartNode(other, { evaluate: () => allow }));
    await act(node, 1, 'memory', 'search');
    assert.deepEqual(labelsOf(node, 1), ['internal']);
  });

  test('F-4 labels survive any chain of agents, stores and restarts', async () => {
    const step = fc.record({
      server: fc.constantFrom(...shared),
      key: fc.constantFrom(...keys, undefined),
      searched: fc.boolean(),
      restarts: fc.boolean(),
      noise: fc.array(
        fc.tuple(fc.constantFrom(...shared), fc.constantFrom('put', 'get', 'search'), fc.constantFrom(...keys)),
        {
          maxLength: 3,
        },
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async chain => {
        let node = house();
        await act(node, 0, 'vault', 'read');
        await act(node, 0, 'vault', 'ledger');
        for (const [n, { server, key, searched, restarts, noise }] of chain.entries()) {
          await act(node, n, server, key === undefined ? 'add' : 'put', key);
          for (const [at, tool, about] of noise) await act(node, 99, at, tool, about);
          if (restarts) node = withTools(await restartNode(node, { evaluate: () => allow }));
          const byName = key !== undefined && !searched;
          await act(node, n + 1, server, byName ? 'get' : 'search', byName ? key : undefined);
          for (const label of ['secret', 'untrusted', 'tenant:acme', 'readers:*@house.example'] as const)
            assert.ok(labelsOf(node, n + 1).includes(label), `${label} after ${n + 1} steps`);
        }
      }),
      { numRuns: 60 },
    );
  });
});

function house(decide: (request: { readonly tool: Tool }) => 'permit' | 'deny' = () => 'permit'): TestNode {
  const no = { allowed: false, determining: ['p'], errors: [] };
  return withTools(openNode({ evaluate: request => (decide(request) === 'permit' ? allow : no) }));
}

function withTools(node: TestNode): TestNode {
  const own: Labelling = { ...unlabelled, integrity: 'first_party', sensitivity: 'internal' };
  const named = { ...own, resource: 'key' };
  const servers = shared.map(server =>
    serverOf(server, [
      tool(server, 'put', 'write', named),
      tool(server, 'get', 'read', named),
      tool(server, 'add', 'write', own),
      tool(server, 'search', 'read', own),
      tool(server, 'count', 'write', { ...own, stores: false }),
    ]),
  );
  const vault = serverOf('vault', [
    tool('vault', 'read', 'read', { ...unlabelled, sensitivity: 'secret' }),
    tool('vault', 'ledger', 'read', { ...unlabelled, tenant: 'acme', readers: ['*@house.example'] }),
  ]);
  const catalogue = { servers: new Map([vault, ...servers].map(server => [server.id, server])) };
  node.world.now = { ...node.world.now, catalogue };
  return node;
}

function tool(server: string, name: string, kind: 'read' | 'write', labelling: Labelling): Tool {
  const properties = labelling.resource === undefined ? '' : '"key":{"type":"string"}';
  const definition = jsonObject(`{"name":"${name}","inputSchema":{"type":"object","properties":{${properties}}}}`);
  const trustedResult = labelling.integrity === 'first_party';
  return fakeTool({ server, name, definition, classes: [kind], segment: 'all', trustedResult, labelling });
}

function serverOf(id: string, tools: readonly Tool[]): CatalogueServer {
  const none = { prompts: [], resourceTemplates: [], instructions: undefined, capabilities: jsonObject('{}') };
  return { id, segment: 'all', tools: new Map(tools.map(each => [each.name, each])), ...none };
}

async function act(node: TestNode, agent: number, server: string, name: string, key?: string): Promise<void> {
  const wanted = name === 'put' || name === 'get' ? { key } : {};
  await node.call({ server, name, input: jsonObject(JSON.stringify(wanted)) }, agentOf(agent));
}

function labelsOf(node: TestNode, agent: number): Label[] {
  const task = [...node.state.tasks.values()].find(({ task: each }) => each.agent === agentOf(agent).id)?.task;
  return [...(task?.labels ?? [])].sort();
}
