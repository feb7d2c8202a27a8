import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs';
import type { Answer } from '@sallyport/core/model/decision.ts';
import { decide } from '@sallyport/core/policy/decide.ts';
import { noRisk, type PolicyRequest } from '@sallyport/core/policy/engine.ts';
import { environmentAt } from '@sallyport/core/policy/environment.ts';
import { policySchema } from '@sallyport/core/policy/schema.ts';
import { CedarEngine } from '@sallyport/gateway/engines/cedar/engine.ts';
import { parsePolicy } from '@sallyport/gateway/engines/cedar/examine.ts';
import { freshCedar } from '@sallyport/gateway/engines/cedar/instance.ts';
import { loadedPolicy, readPolicy } from '@sallyport/gateway/engines/cedar/parsed.ts';
import { splitPolicies, withoutScope } from '@sallyport/gateway/engines/cedar/policy-text.ts';
import { fakeFlow } from '@sallyport/testkit/fakes/flow.ts';
import { fakeTaskFacts } from '@sallyport/testkit/fakes/task.ts';
import { agentOf, catalogueOf, readObject, toolOf } from '@sallyport/testkit/policy/scene.ts';
import { seeded } from '@sallyport/testkit/random.ts';
import { judge } from './bars.ts';
import { median, quantile } from './statistics.ts';

/**
 * One decision (`evaluate` once or twice, and the fold of `decide`) at 100 and at 10,000 policies of which 20 could apply,
 * at 100 of which 36 could, and with the default pack alone, the engine asked each time: the same request again and again, and 200 of all sorts in turn; the pack
 * once more where it has answered the same question before;
 * against one bare call of the engine with the same 100 policies pre-parsed, the request's three
 * entities and its whole context, as a plain integration would make it. In turns, in one run; medians of the rounds.
 */
export interface DecisionFigures {
  readonly name: string;
  readonly p50Micros: number;
  readonly p99Micros: number;
  /** The p50 of each round. */
  readonly p50s: readonly number[];
  /** Of the p50 to that of the bare call. */
  readonly ratio: number;
}

const rounds = 3;
const perRound = 4_000;
const pack = readFileSync(resolve(import.meta.dirname, '../policies/default.cedar'), 'utf8');

const tools = Array.from({ length: 40 }, (_, index) =>
  toolOf({
    server: `server-${index % 5}`,
    name: `tool_${index}`,
    classes: index % 2 === 0 ? ['write'] : ['read'],
    schema: {
      type: 'object',
      properties: {
        path: { type: 'string' },
        amount: { type: 'number' },
        tags: { type: 'array', items: { type: 'string' } },
      },
      required: ['path'],
    },
  }),
);
const [tool] = tools;
const agent = agentOf({ classes: ['support'], team: 'north', owner: 'user:emma' });

/** `count` policies: the pack's, of which 20 could apply, `own` of this tool or class, and as many of others as are missing. */
function policiesOf(count: number, own: number): string[] {
  const applying = Array.from({ length: own }, (_, index) => {
    const scope = index % 2 === 0 ? 'action == Action::"server-0/tool_0"' : 'action in Action::"write"';
    const principal = index % 4 === 0 ? 'principal in AgentClass::"support"' : 'principal';
    const condition =
      index % 3 === 0 ? `context.task.calls > ${1_000 + index}` : `context.task.principal == "user:${index}"`;
    return `@id("own-${index}") ${index % 3 === 0 ? 'forbid' : 'permit'} (${principal}, ${scope}, resource) when { ${condition} };`;
  });
  const others = Array.from(
    { length: count - own - splitPolicies({ file: 'pack', text: pack }).policies.length },
    (_, index) => {
      const key = `server-${(index % 39) % 5}/tool_${index % 39}`;
      const target = key === 'server-0/tool_0' ? 'server-4/tool_39' : key;
      return `@id("other-${index}") permit (principal, action == Action::"${target}", resource) when { context.input.path like "/tmp/${index}/*" };`;
    },
  );
  return [pack, ...applying, ...others];
}

const opened = {
  kind: 'opened',
  openerProof: 'operator',
  hasManifest: true,
  inManifest: true,
  ageSeconds: 60,
  calls: 12,
};

function requestFor(task: Partial<PolicyRequest['task']>, untrusted: boolean): PolicyRequest {
  if (tool === undefined) throw new Error('there is no tool');
  return {
    agent,
    tool,
    input: readObject('{"path":"/home/emma/notes/today.md","amount":12.5,"tags":["a","b"]}'),
    task: fakeTaskFacts({ ...opened, ...task }),
    flow: fakeFlow(untrusted ? ['untrusted'] : []),
    env: environmentAt(Date.now()),
    risk: noRisk,
  };
}

const outside = { inManifest: false };
const requests: readonly (readonly [Answer, PolicyRequest])[] = [
  ['permit', requestFor({}, true)],
  ['ask', requestFor(outside, false)],
  ['deny', requestFor(outside, true)],
];

/** Of all sorts: tasks that ask for it and tasks that do not, values from anywhere. */
function mixedRequests(): PolicyRequest[] {
  const random = seeded(7);
  const paths = ['/home/emma/notes/today.md', '/home/emma/.ssh/id_ed25519', '/etc/cron.d/nightly', 'report.csv'];
  return Array.from({ length: 200 }, () => {
    const asked = random.chance(0.5);
    const flow = {
      ...fakeFlow(random.chance(0.6) ? ['untrusted'] : []),
      ...{ destinations: random.below(5), objects: random.below(5), contents: random.below(5) },
      ...{ told: random.chance(0.1), elsewhere: random.chance(0.1), secret: random.chance(0.05) },
    };
    const task = {
      ...{ asked, related: asked || random.chance(0.3), hasPurpose: random.chance(0.7), delegated: random.chance(0.1) },
      ...{ inManifest: random.chance(0.8), crossesSegment: random.chance(0.1), calls: random.below(100) },
    };
    const input = readObject(JSON.stringify({ path: random.pick(paths), amount: random.below(100), tags: ['a', 'b'] }));
    const risk = random.chance(0.1) ? { score: 45, signals: ['burst' as const] } : noRisk;
    return { ...requestFor(task, false), flow, input, risk };
  });
}

function benchDecision(): DecisionFigures[] {
  const texts = {
    'the default pack': [pack],
    '100 policies': policiesOf(100, 0),
    '100, of which 36 apply': policiesOf(100, 16),
    '10,000 policies': policiesOf(10_000, 0),
  };
  const bare = bareCall(texts['100 policies'].join('\n'));
  const subjects: (readonly [string, () => void])[] = [];
  const engines: readonly (readonly [string, CedarEngine])[] = [
    ...Object.entries(texts).map(([set, text]) => [set, engineOf(text, 'always')] as const),
    ['the pack, asked before', engineOf([pack], 'once')],
  ];
  for (const [set, engine] of engines) {
    for (const [answer, request] of requests) {
      const { decision } = decide(request, false, engine);
      if (decision.answer !== answer) throw new Error(`expected ${answer}, got ${JSON.stringify(decision)}`);
      subjects.push([`${set}, ${answer}`, () => void decide(request, false, engine)]);
    }
    if (set !== 'the pack, asked before') subjects.push([`${set}, all sorts`, inTurn(mixedRequests(), engine)]);
  }
  const taken = new Map<string, number[][]>();
  for (let round = 0; round < rounds; round++)
    for (const [name, run] of [['bare call', bare] as const, ...subjects])
      taken.set(name, [...(taken.get(name) ?? []), timed(run)]);
  const p50s = (name: string): number[] => (taken.get(name) ?? []).map(micros => quantile(micros, 0.5));
  const p50 = (name: string): number => median(p50s(name));
  return [...taken].map(([name, all]) => ({
    name,
    p50Micros: p50(name),
    p50s: p50s(name),
    p99Micros: median(all.map(micros => quantile(micros, 0.99))),
    ratio: p50(name) / p50('bare call'),
  }));
}

function inTurn(mixed: readonly PolicyRequest[], engine: CedarEngine): () => void {
  let at = 0;
  return () => {
    const request = mixed[at++ % mixed.length];
    if (request !== undefined) decide(request, false, engine);
  };
}

/** As the gateway makes it, but for the strict validation of the set, which is no part of a decision. */
function engineOf(texts: readonly string[], asking: 'once' | 'always'): CedarEngine {
  const cedar = freshCedar();
  const schema = policySchema(catalogueOf(tools));
  const places = texts.flatMap(text => splitPolicies({ file: 'bench.cedar', text }).policies);
  const policies = places.map(place => {
    const parsed = readPolicy(place, parsePolicy({ text: place.text, unscoped: withoutScope(place) }, cedar), schema);
    if (parsed === undefined) throw new Error(`a policy cannot be read: ${place.text}`);
    return loadedPolicy(parsed);
  });
  const engine = new CedarEngine({ policies, schema, asking });
  return engine;
}

function timed(run: () => void): number[] {
  for (let index = 0; index < perRound / 2; index++) run();
  const micros: number[] = [];
  for (let index = 0; index < perRound; index++) {
    const before = performance.now();
    run();
    micros.push((performance.now() - before) * 1000);
  }
  return micros;
}

function bareCall(text: string): () => void {
  const cedar = freshCedar();
  const { policies } = splitPolicies({ file: 'bench.cedar', text });
  const staticPolicies = Object.fromEntries(policies.map((policy, index) => [`p${index}`, policy.text]));
  if (cedar.preparsePolicySet('all', { staticPolicies }).type !== 'success') throw new Error('the set does not parse');
  const call: StatefulAuthorizationCall = {
    principal: { type: 'Agent', id: agent.id },
    action: { type: 'Action', id: 'server-0/tool_0' },
    resource: { type: 'Tool', id: 'server-0/tool_0' },
    context: {
      input: {
        path: '/home/emma/notes/today.md',
        amount: { __extn: { fn: 'decimal', arg: '12.5' } },
        tags: ['a', 'b'],
      },
      task: { ...fakeTaskFacts(opened), segments: [] },
      flow: { labels: [], untrusted: false },
      approved: false,
      env: { now: { __extn: { fn: 'datetime', arg: new Date().toISOString() } } },
    },
    entities: [
      entity(
        'Agent',
        agent.id,
        { proof: 'bearer', trust: 2, shared: false, vendor: false },
        ['AgentClass', 'support'],
        ['Team', 'north'],
      ),
      entity('Tool', 'server-0/tool_0', { pinned: true }, ['Server', 'server-0'], ['Segment', 'server-0']),
      entity('Action', 'server-0/tool_0', {}, ['Action', 'write']),
    ],
    preparsedPolicySetId: 'all',
  };
  return () => void cedar.statefulIsAuthorized(call);
}

function entity(
  type: string,
  id: string,
  attrs: Record<string, string | number | boolean>,
  ...parents: [string, string][]
): StatefulAuthorizationCall['entities'][number] {
  return {
    uid: { type, id },
    attrs,
    parents: parents.map(([parentType, parentId]) => ({ type: parentType, id: parentId })),
  };
}

if (import.meta.main) {
  const figures = benchDecision();
  for (const { name, p50Micros, p99Micros, ratio } of figures)
    console.log(
      `${name.padEnd(34)} p50 ${p50Micros.toFixed(0).padStart(4)} µs   p99 ${p99Micros.toFixed(0).padStart(4)} µs   ${ratio.toFixed(2)} × bare call`,
    );
  const p50s = (name: string): readonly number[] => figures.find(figure => figure.name === name)?.p50s ?? [];
  const micros = { unit: 'µs', digits: 0 };
  judge([
    ...requests.map(([answer]) => ({
      ...{ ...micros, name: `100 policies, ${answer}`, figures: p50s(`100 policies, ${answer}`) },
      atMost: answer === 'permit' ? 250 : 450,
    })),
    ...requests.map(([answer]) => ({
      ...{ name: `10,000 policies, ${answer}`, unit: '× 100 policies', digits: 2, atMost: 1.5 },
      figures: p50s(`10,000 policies, ${answer}`).map(
        (p50, round) => p50 / (p50s(`100 policies, ${answer}`)[round] ?? 0),
      ),
    })),
  ]);
}
