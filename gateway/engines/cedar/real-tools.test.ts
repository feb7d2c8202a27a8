import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Catalogue, type Tool, toolKey } from '@sallyport/core/model/tool.ts';
import { noRisk } from '@sallyport/core/policy/engine.ts';
import { environmentAt } from '@sallyport/core/policy/environment.ts';
import type { FactType } from '@sallyport/core/policy/fact-type.ts';
import { type ActionSchema, policySchema } from '@sallyport/core/policy/schema.ts';
import { fakeFlow } from '@sallyport/testkit/fakes/flow.ts';
import { fakeTaskFacts } from '@sallyport/testkit/fakes/task.ts';
import { agentOf, catalogueOf, readObject, toolOf } from '@sallyport/testkit/policy/scene.ts';
import { loadPolicies } from './load.ts';
import { showProblem } from './problem.ts';

/** Tool lists of real servers, over stdio, as a client gets them. */
const servers: readonly (readonly [string, string[]])[] = [
  ['everything', ['stdio']],
  ['filesystem', [tmpdir()]],
  ['memory', []],
];
const children: ChildProcess[] = [];
let catalogue: Catalogue;

async function toolsOf(server: string, args: readonly string[]): Promise<Tool[]> {
  const file = fileURLToPath(import.meta.resolve(`@modelcontextprotocol/server-${server}/dist/index.js`));
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'ignore'] });
  children.push(child);
  const send = (message: object): void => void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const clientInfo = { name: 'test', version: '1' };
  send({ id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo } });
  send({ method: 'notifications/initialized' });
  send({ id: 2, method: 'tools/list', params: {} });
  for await (const line of createInterface(child.stdout)) {
    const message = JSON.parse(line) as { id?: number; result?: { tools?: { name: string; inputSchema: object }[] } };
    if (message.id === 2)
      return (message.result?.tools ?? []).map(({ name, inputSchema }) =>
        toolOf({ server, name, classes: ['read'], schema: inputSchema }),
      );
  }
  throw new Error(`${server} gave no list of tools`);
}

/** Names that grammars stumble over. */
const uglyNames = [
  'get-sum',
  'a.b',
  'a/b/c',
  '1st',
  'in',
  'if',
  'permit',
  'true',
  '__cedar',
  'read',
  'Action',
  '-',
  '..',
  'x'.repeat(128),
];
const uglyMembers = [
  'my-key',
  '$id',
  'two words',
  'if',
  'in',
  'like',
  '1',
  '',
  'é',
  '"',
  '\\',
  'a\nb',
  'context',
  'principal',
  'constructor',
  'toString',
];

before(async () => {
  const lists = await Promise.all(servers.map(([server, args]) => toolsOf(server, args)));
  const properties = Object.fromEntries(uglyMembers.map(name => [name, { type: 'string' }]));
  const ugly = uglyNames.map(name =>
    toolOf({
      server: 'ugly',
      name,
      classes: ['write', 'admin'],
      schema: { type: 'object', properties, required: uglyMembers },
    }),
  );
  catalogue = catalogueOf([...lists.flat(), ...ugly]);
});
after(() => {
  for (const child of children) child.kill();
});

/** A condition that is well typed and says nothing: it is there to make the engine read the argument. */
function touching(path: string, type: FactType): string {
  switch (type.kind) {
    case 'string':
      return `${path} like "*"`;
    case 'long':
      return `${path} <= 9007199254740991`;
    case 'decimal':
      return `${path}.lessThan(decimal("1.0"))`;
    case 'bool':
      return `(${path} || !${path})`;
    case 'datetime':
      return `${path} == ${path}`;
    case 'set':
      return `(${path}.isEmpty() || !${path}.isEmpty())`;
    case 'record':
      return `${path} == ${path}`;
  }
}

function policyFor({ key, input }: ActionSchema, index: number): string {
  const conditions = [...input.attributes].map(([name, { type, required }]) => {
    const member = `context.input[${JSON.stringify(name)}]`;
    const touched = touching(member, type);
    return required ? touched : `(context.input has ${JSON.stringify(name)} && ${touched} || true)`;
  });
  return `@id("p${index}") permit (principal, action == Action::${JSON.stringify(key)}, resource) when { ${['true', ...conditions].join(' && ')} };`;
}

describe('real tools and ugly names', () => {
  test('every tool of the real servers is there, with typed arguments', () => {
    const { actions } = policySchema(catalogue);
    for (const key of ['everything/get-sum', 'everything/get-env', 'filesystem/write_file', 'memory/create_entities'])
      assert.ok(actions.has(key), key);
    assert.ok(actions.size > 30 + uglyNames.length, `${actions.size} actions`);
    const write = actions.get('filesystem/write_file');
    assert.deepEqual(
      [...(write?.input.attributes ?? [])].map(([name, { type, required }]) => [name, type.kind, required]),
      [
        ['path', 'string', true],
        ['content', 'string', true],
      ],
    );
    for (const { key, opaque } of actions.values()) assert.deepEqual(opaque, [], key);
  });

  test('a policy naming every argument of every tool validates strictly, and decides', async () => {
    const actions = [...policySchema(catalogue).actions.values()];
    const text = actions.map(policyFor).join('\n');
    const loaded = await loadPolicies({ sources: [{ file: 'p.cedar', text }], catalogue });
    assert.ok(loaded.ok, loaded.ok ? '' : loaded.problems.slice(0, 5).map(showProblem).join('\n'));
    const input = readObject(JSON.stringify(Object.fromEntries(uglyMembers.map(name => [name, 'x']))));
    for (const [index, { tool, key }] of actions.entries()) {
      if (tool.server !== 'ugly') continue;
      const task = fakeTaskFacts({ principal: 'user:x' });
      const request = { agent: agentOf(), tool, input, task, flow: fakeFlow(), env: environmentAt(0), risk: noRisk };
      const { allowed, determining, errors } = loaded.engine.evaluate(request, false);
      assert.deepEqual(
        { allowed, determining, errors },
        { allowed: true, determining: [`p${index}`], errors: [] },
        key,
      );
    }
  });

  test('a tool is named by its exact name and by no other', async () => {
    const text = `@id("p") permit (principal, action == Action::${JSON.stringify(toolKey('ugly', 'get_sum'))}, resource);`;
    const loaded = await loadPolicies({ sources: [{ file: 'p.cedar', text }], catalogue });
    assert.equal(loaded.ok, false);
    assert.match(loaded.ok ? '' : loaded.problems.map(showProblem).join(), /did you mean `Action::"ugly\/get-sum"`\?/);
  });
});
