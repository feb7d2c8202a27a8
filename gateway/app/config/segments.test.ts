import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import type { World } from '@sallyport/core/mediate/ports.ts';
import type { Reply } from '@sallyport/core/mediate/reply.ts';
import type { Tool } from '@sallyport/core/model/tool.ts';
import { fakeCall, fakeTool, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { fakeOrder } from '@sallyport/testkit/fakes/task.ts';
import { theOperator } from '@sallyport/testkit/fakes/the-operator.ts';
import { openNode, said, type TestNode } from '@sallyport/testkit/rooms/node.ts';
import { agentA } from '@sallyport/testkit/rooms/tasks.ts';
import type { ReachQuery } from '../../api/control.ts';
import { loadPolicies } from '../../engines/cedar/load.ts';
import { createReach } from '../control/reach.ts';
import { parseConfig } from './config.ts';
import { segmentIds } from './segments.ts';

const pack = resolve(import.meta.dirname, '../../../policies/default.cedar');
const definition = (name: string) =>
  jsonObject(`{"name":"${name}","inputSchema":{"type":"object","properties":{"x":{"type":"string"}}}}`);
const tool = (server: string, name: string, segment: string, classes: Tool['classes']): Tool =>
  fakeTool({ server, name, segment, classes, definition: definition(name) });
const tools = [
  tool('files', 'read_file', 'office', ['read']),
  tool('calendar', 'list_events', 'office', ['read']),
  tool('bank', 'list_accounts', 'bank', ['read']),
  tool('bank', 'close_account', 'bank', ['write', 'destructive']),
];

/** The default pack over two segments. */
async function house(): Promise<TestNode> {
  const node = openNode();
  const servers: World['catalogue']['servers'] = new Map(
    [...new Set(tools.map(({ server }) => server))].map(id => {
      const own = tools.filter(({ server }) => server === id);
      return [
        id,
        {
          ...{ id, segment: own[0]?.segment ?? id, tools: new Map(own.map(each => [each.name, each])) },
          ...{ prompts: [], resourceTemplates: [], instructions: undefined, capabilities: jsonObject('{}') },
        },
      ];
    }),
  );
  const sources = [{ file: 'default.cedar', text: readFileSync(pack, 'utf8') }];
  const loaded = await loadPolicies({ sources, catalogue: { servers } });
  assert.ok(loaded.ok);
  node.world.now = { ...node.world.now, catalogue: { servers }, engine: loaded.engine };
  return node;
}

const call = (node: TestNode, server: string, name: string, x = '1', token?: string): Promise<Reply> =>
  node.call(fakeCall({ server, name, input: jsonObject(`{"x":"${x}"}`), taskToken: token }));

async function ruleOf(reply: Promise<Reply>): Promise<string> {
  const answer = await reply;
  if (answer.kind !== 'refusal') return answer.kind;
  return `${answer.refusal.code} ${answer.refusal.rule ?? ''}`.trim();
}

async function approve(node: TestNode, reply: Promise<Reply>): Promise<void> {
  const answer = await reply;
  assert.ok(answer.kind === 'refusal' && answer.approval !== undefined, 'nobody was asked');
  assert.ok((await node.approvals.answer(answer.approval, said('approved'))).ok);
}

const crossing = 'needs-approval ask-before-crossing';

describe('segments', () => {
  test('a task works where it first acted: the rest of that segment is free, a step into another asks, reading too', async () => {
    const node = await house();
    assert.equal(await ruleOf(call(node, 'files', 'read_file')), 'result');
    assert.equal(await ruleOf(call(node, 'calendar', 'list_events')), 'result');
    assert.equal(await ruleOf(call(node, 'bank', 'list_accounts')), crossing);
  });

  test('F an approved action in one segment is used to try for the next, and fails at every step', async () => {
    const node = await house();
    assert.equal(await ruleOf(call(node, 'files', 'read_file')), 'result');
    await approve(node, call(node, 'bank', 'list_accounts', 'a'));
    assert.equal(await ruleOf(call(node, 'bank', 'list_accounts', 'a')), 'result', 'the one step that was approved');
    const sent = node.sent.length;
    // The very same again, another argument, another tool: nothing of the yes is left.
    assert.equal(await ruleOf(call(node, 'bank', 'list_accounts', 'a')), crossing);
    assert.equal(await ruleOf(call(node, 'bank', 'list_accounts', 'b')), crossing);
    assert.equal(await ruleOf(call(node, 'bank', 'close_account')), crossing);
    assert.equal(node.sent.length, sent, 'something was sent without a yes');
    assert.deepEqual([...node.state.tasks.values()][0]?.task.segments, ['office'], 'the task stands where it stood');
    // Nor does a token of another task, opened where the first one stands, help.
    const opened = await node.control.open(fakeOrder({ segments: ['office'] }), theOperator);
    assert.equal(await ruleOf(call(node, 'bank', 'list_accounts', 'a', opened.ok ? opened.value.token : '')), crossing);
  });

  test('an endorsement that was given in one segment is of no use for a step into another', async () => {
    const node = await house();
    await call(node, 'files', 'read_file');
    const [id] = node.state.tasks.keys();
    const record = node.state.tasks.get(id ?? 't_');
    assert.ok(record);
    const endorsement = {
      entry: 'e_1',
      endorsed: { kind: 'tool', server: 'bank', tool: 'list_accounts' },
      reach: 'grave',
      by: 'emma',
      why: '',
      at: 0,
    } as const;
    node.state.tasks.set(record.task.id, { ...record, task: { ...record.task, endorsements: [endorsement] } });
    const seen: number[] = [];
    const look = node.line.flow.look;
    Object.assign(node.line.flow, {
      look: (...args: Parameters<typeof look>) => {
        seen.push(args[0].endorsements.length);
        return look(...args);
      },
    });
    await call(node, 'bank', 'list_accounts');
    await call(node, 'files', 'read_file');
    assert.deepEqual(seen, [0, 1]);
  });

  test('of two first steps at once, into two segments, one is the first', async () => {
    const node = await house();
    const rules = await Promise.all([
      ruleOf(call(node, 'files', 'read_file')),
      ruleOf(call(node, 'bank', 'list_accounts')),
    ]);
    assert.deepEqual(rules.filter(rule => rule === 'result').length, 1, rules.join());
    assert.match(rules.find(rule => rule !== 'result') ?? '', /segment-taken|ask-before-crossing/);
    assert.equal([...node.state.tasks.values()][0]?.task.segments?.length, 1);
  });

  test('can: what whoever holds the agent could reach from where it stands', async () => {
    const node = await house();
    await call(node, 'files', 'read_file');
    const reach = createReach({
      agents: [agentA],
      taskOf: () => undefined,
      standsIn: () => [...node.state.tasks.values()][0]?.task ?? assert.fail(),
      world: () => node.world.now,
      servers: [],
      actorsOf: () => [],
      isStopped: (_task, _agent, server) => server === 'calendar',
      flow: node.line.flow,
      stores: node.line.stores,
      digest: text => text,
      now: () => node.clock.now,
    });
    const nothing = { agent: undefined, task: undefined, server: undefined, credential: undefined };
    const found = await reach({ ...nothing, agent: agentA.id });
    assert.ok(found.ok);
    const strays: [Partial<ReachQuery>, string, fix: string][] = [
      [{ agent: 'nobody' }, 'is no configured agent', 'see: sallyport agents ls'],
      [{ agent: agentA.id, task: 't_none' }, 'is no task of this agent', `see: sallyport tasks --agent ${agentA.id}`],
      [{ server: 'none' }, 'is no configured server', 'see: sallyport status'],
      [{ credential: 'none' }, 'is no credential that a server is given', 'see: sallyport credentials'],
    ];
    for (const [query, message, fix] of strays) {
      const stray = await reach({ ...nothing, ...query });
      assert.ok(!stray.ok);
      assert.deepEqual([stray.error.message, stray.error.fix], [message, fix]);
    }
    const [agent] = found.value.agents;
    assert.deepEqual(agent?.standsIn, ['office']);
    const flat = agent?.segments.flatMap(({ segment, here, servers }) =>
      servers.flatMap(({ tools: own }) => own.map(each => [segment, here, each.tool, each.reach])),
    );
    assert.deepEqual(flat, [
      ['office', true, 'files/read_file', 'free'],
      ['office', true, 'calendar/list_events', 'no'],
      ['bank', false, 'bank/list_accounts', 'ask'],
      ['bank', false, 'bank/close_account', 'ask'],
    ]);
  });
});

describe('the section `segments`', () => {
  test('there are those of servers, of tools that lie elsewhere, of other agents, and of clients’ own tools', () => {
    const yaml = `segments: { office: { servers: [a] }, bank: { tools: [a/pay] } }
servers: { a: { command: c }, b: { command: c } }
`;
    const config = parseConfig('/x/sallyport.yaml', yaml);
    assert.deepEqual([...segmentIds(config)].sort(), ['b', 'bank', 'office']);
    assert.ok(segmentIds({ ...config, hooks: [{}] }).has('workspace'));
  });

  const config = (segments: string, more = '') =>
    `{ segments: ${segments}, servers: { a: { command: c, ${more} }, b: { command: c } }, credentials: { k: { file: f } } }`;
  const fault = (text: string): string => {
    try {
      parseConfig('sallyport.yaml', text);
      return '';
    } catch (thrown) {
      return (thrown as Error).message;
    }
  };

  test('places servers, tools and credentials', () => {
    const { servers } = parseConfig(
      's.yaml',
      config('{ s: { servers: [a], tools: ["b/t"], credentials: [k] } }', 'env: { K: { credential: k } }'),
    );
    assert.deepEqual(
      servers.map(({ id, segment, tools: own }) => [id, segment, own?.t?.segment]),
      [
        ['a', 's', undefined],
        ['b', 'b', 's'],
      ],
    );
  });

  test('a member that is not there, or in two, or a credential of another segment, stops the start', () => {
    const wrong: [string, RegExp][] = [
      [config('{ s: { servers: [c] } }'), /has the server c, and there is none/],
      [config('{ s: { tools: ["c/t"] } }'), /has the tool c\/t, and there is none/],
      [config('{ s: { credentials: [q] } }'), /has the credential q, and there is none/],
      [config('{ s: { servers: [a] }, t: { servers: [a] } }'), /lies in `s` already/],
      [config('{ s: { servers: [a] } }', 'segment: t'), /names `t` as its segment/],
      [config('{ S: { servers: [a] } }'), /no name of a segment/],
      [config('{ s: { server: [a] } }'), /did you mean `servers`/],
      [
        config('{ s: { servers: [b], credentials: [k] } }', 'env: { K: { credential: k } }'),
        /credential k, which the server a of `a` is given/,
      ],
      [
        `${config('{ s: { servers: [b], credentials: [k] } }').slice(0, -1)}, a2a: { p: { url: "https://p.example", headers: { A: { credential: k } } } } }`,
        /credential k, which the other agent p of `p` is given/,
      ],
    ];
    for (const [text, message] of wrong) assert.match(fault(text), message);
  });
});
