import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeFlow } from '@sallyport/testkit/fakes/flow.ts';
import { fakeAgent, fakeTool, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { fakeTaskFacts } from '@sallyport/testkit/fakes/task.ts';
import fc from 'fast-check';
import type { Actor } from '../model/agent.ts';
import type { Backing, Found, Role, Way } from '../model/way.ts';
import { type FlowFacts, noRisk, type PolicyRequest } from '../policy/engine.ts';
import { environmentAt } from '../policy/environment.ts';
import { decidingValues, sortsTriedMax } from './deciding.ts';
import { withDoubtOnly } from './facts.ts';
import { namedToAgent } from './named-to-agent.ts';
import { plainName, wordsForAgent, wordsForPeople } from './way-words.ts';

function way(argument: string, role: Role, backing: Backing, found: readonly Found[] = []): Way {
  const origin = backing === 'principal' ? 'prompt' : backing === 'nobody' ? 'unknown' : 'text';
  return { argument, role, backing, origin, found, digest: argument };
}

/** Asks by each of these rules whose condition holds. */
function decidedBy(
  ways: readonly Way[],
  rules: Readonly<Record<string, (flow: FlowFacts, agent: string) => boolean>>,
  actors: readonly Actor[] = [],
) {
  let evaluations = 0;
  const engine = {
    evaluate: ({ flow, agent }: PolicyRequest) => {
      evaluations++;
      const determining = Object.keys(rules).filter(name => rules[name]?.(flow, agent.id));
      return { allowed: determining.length === 0, determining, errors: [] };
    },
  };
  const flow = withDoubtOnly({ ...fakeFlow(['untrusted']), ways, destinationIsNew: true }, ways);
  const request: PolicyRequest = {
    ...{ agent: fakeAgent, actors, tool: fakeTool(), input: jsonObject('{}'), task: fakeTaskFacts() },
    ...{ flow, env: environmentAt(0), risk: noRisk },
  };
  const reasons = Object.keys(rules).map(rule => ({ rule, text: '', fix: undefined }));
  const found = decidingValues(request, reasons, engine);
  const tried = found.tried.map(({ argument }) => argument);
  return { values: found.ways.map(({ argument }) => argument), tried, rules: found.rules, evaluations, flow, found };
}

const to = way('to', 'destination', 'text');
const cc = way('cc', 'destination', 'field');
const id = way('id', 'object', 'text');
const note = way('note', 'content', 'text');
const on = way('on', 'plain', 'nobody');
const theirs = way('amount', 'amount', 'principal');

test('exactly the values without which a rule would have said nothing, the worst first', () => {
  const byDestination = ({ destinations }: FlowFacts): boolean => destinations >= 2;
  const { values, rules } = decidedBy([theirs, id, cc, note, to], { byDestination });
  assert.deepEqual([values, rules], [['to', 'cc'], ['byDestination']]);
  assert.deepEqual(decidedBy([to, cc], { strict: ({ destinations }) => destinations >= 4 }).values, ['to']);
});

test('a rule that looks at one argument, or at a new destination, names the value that it looked at', () => {
  assert.deepEqual(decidedBy([to, id, on], { byName: ({ arg }) => arg.id === 'text' }).values, ['id']);
  assert.deepEqual(decidedBy([id, cc], { isNew: ({ destinationIsNew }) => destinationIsNew }).values, ['cc']);
  assert.deepEqual(decidedBy([to, on], { plain: ({ arg }) => arg.on === 'unknown' }).values, ['on']);
});

test('where no single value is enough all of them are named, and none where the values were not what it was about', () => {
  const both = ({ destinations, objects }: FlowFacts): boolean => destinations > 0 && objects > 0;
  assert.deepEqual(decidedBy([cc, id], { both }).values, ['id', 'cc']);
  const { values, rules, evaluations } = decidedBy([to, id], { always: () => true });
  assert.deepEqual({ values, rules, evaluations }, { values: [], rules: [], evaluations: 2 });
});

test('of several rules those are named that the values trip', () => {
  const found = decidedBy([to], { crossing: () => true, sending: ({ destinations }) => destinations > 0 });
  assert.deepEqual([found.values, found.rules], [['to'], ['sending']]);
});

test('a rule that wants the principal’s word for an argument hangs on that argument, not on whether it is there', () => {
  const permitsTheirs = ({ arg }: FlowFacts): boolean => arg.to !== 'prompt';
  assert.deepEqual(decidedBy([to, id], { permitsTheirs }).values, ['to']);
  const onlyTheirs = ({ sinkOrigins }: FlowFacts): boolean => sinkOrigins.some(origin => origin !== 'prompt');
  assert.deepEqual(decidedBy([{ ...theirs, origin: 'trusted' }, id], { onlyTheirs }).values, [], 'whatever id were');
});

test('of several that are only together enough, those that can be left out are not named', () => {
  const both = ({ destinations, objects }: FlowFacts): boolean => destinations > 0 && objects > 0;
  assert.deepEqual(decidedBy([cc, note, id, on], { both }).values, ['id', 'cc']);
});

test('where it was stopped for what was not looked at nothing is named, and nothing said of the others', () => {
  const beyond = ({ arg }: FlowFacts): boolean => arg.z === 'text';
  const others = Array.from({ length: sortsTriedMax }, (_, at) => way(`a${at}`, 'destination', 'text'));
  const found = decidedBy([...others, way('z', 'object', 'text')], { beyond });
  assert.deepEqual([found.values, found.tried], [[], []]);
});

test('D-7 what a rule forbids whoever delegated it names the value as well', () => {
  const actor = { ...fakeAgent, id: 'lead' } as const;
  const whoeverLeads = ({ destinations }: FlowFacts, agent: string): boolean => agent === 'lead' && destinations > 0;
  assert.deepEqual(decidedBy([id, to], { whoeverLeads }, [actor]).values, ['to']);
});

test('R-5 how many evaluations it takes has a bound, and an engine that fails names nothing', () => {
  const alike = Array.from({ length: 50 }, (_, at) => way(`to[${at}]`, 'destination', 'text'));
  const any = ({ destinations }: FlowFacts): boolean => destinations > 0;
  const { values, evaluations } = decidedBy(alike, { any });
  assert.deepEqual([values.length, evaluations], [50, 3], 'what gives the same facts is tried once');
  const many = alike.map((one, at) => ({ ...one, argument: `to${at}` }));
  assert.deepEqual(decidedBy(many, { any }).evaluations, sortsTriedMax + 2);
  const few = ({ arg }: FlowFacts): boolean => arg.to0 === 'text' && arg.to1 === 'text';
  assert.ok(decidedBy(many, { few }).evaluations <= 2 * sortsTriedMax + 3);
  const failing = (): boolean => {
    throw new Error('broken');
  };
  assert.deepEqual(decidedBy([to], { failing }).values, []);
});

test('for random values and rules: doubt about what is named stops it, without it nothing of the rules is left, and none is named in vain', () => {
  const roles = ['destination', 'object', 'amount', 'command', 'content', 'choice', 'plain'] as const;
  const backings = ['principal', 'picked', 'field', 'nobody', 'text'] as const;
  const ways = fc.array(
    fc
      .tuple(fc.constantFrom('a', 'b', 'c[0]', 'c[1]', 'd.e'), fc.constantFrom(...roles), fc.constantFrom(...backings))
      .map(([argument, role, backing]) => way(argument, role, backing)),
    { minLength: 1, maxLength: 7 },
  );
  const ranks = ['destinations', 'objects', 'amounts', 'commands', 'contents'] as const;
  const atom: fc.Arbitrary<(flow: FlowFacts) => boolean> = fc.oneof(
    fc.tuple(fc.constantFrom(...ranks), fc.integer({ min: 1, max: 4 })).map(
      ([name, least]) =>
        (flow: FlowFacts) =>
          flow[name] >= least,
    ),
    fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('prompt', 'text', 'unknown')).map(
      ([name, origin]) =>
        ({ arg }: FlowFacts) =>
          origin === 'prompt' ? arg[name] !== undefined && arg[name] !== origin : arg[name] === origin,
    ),
    fc.constant(({ destinationIsNew }: FlowFacts) => destinationIsNew),
    fc.constant(() => true),
  );
  const rule = fc
    .array(atom, { minLength: 1, maxLength: 3 })
    .map(all => (flow: FlowFacts) => all.every(holds => holds(flow)));
  let named = 0;
  fc.assert(
    fc.property(ways, fc.dictionary(fc.constantFrom('one', 'two'), rule, { noNullPrototype: true }), (all, rules) => {
      const { flow, found } = decidedBy(all, rules);
      const still = (kept: readonly Way[]): boolean =>
        found.rules.some(name => rules[name]?.(withDoubtOnly(flow, kept)));
      assert.equal(still([]), false, 'all the principal’s: the rules named say nothing');
      if (found.ways.length === 0) {
        const stopped = Object.values(rules).filter(holds => holds(flow));
        assert.ok(
          stopped.every(holds => holds(withDoubtOnly(flow, []))),
          'no value is named only where none matters',
        );
        return;
      }
      named++;
      assert.ok(still(found.ways));
      for (const one of found.ways) {
        const others = found.ways.filter(other => other !== one);
        const alike = found.ways.filter(
          ({ argument, ...other }) =>
            other.role === one.role && other.backing === one.backing && argument[0] === one.argument[0],
        );
        assert.ok(
          still([one]) || !still(others.filter(other => !alike.includes(other))),
          'enough alone, or not to be left out',
        );
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(named > 50, 'otherwise it has tried nothing');
});

const seen: Found = { entry: 'o_1', server: 'mail', tool: 'read_inbox', digest: 'd', path: 'messages[0].body' };

test('F-1 an agent is told the same of a guess that hits what it has not seen as of one that hits nothing', () => {
  const hidden = { ...seen, unseen: true as const };
  const missed = wordsForAgent(way('to', 'destination', 'nobody'));
  for (const backing of ['text', 'field', 'nobody', 'picked'] as const)
    assert.equal(wordsForAgent(way('to', 'destination', backing, [hidden])), missed, backing);
  assert.equal(
    wordsForAgent(way('to', 'destination', 'text', [hidden, seen])),
    "comes from mail/read_inbox, not from your principal's words",
  );
});

test('F-1 of many guesses in one call an agent does not read which of them hits: not by which are named, nor by their order', () => {
  const hidden = { ...seen, unseen: true as const };
  const told = (hit: number | undefined): readonly string[] => {
    const sent = Array.from({ length: 5 }, (_, at) =>
      at === hit ? way(`to[${at}]`, 'destination', 'text', [hidden]) : way(`to[${at}]`, 'destination', 'nobody'),
    );
    const onlyText = ({ destinations }: FlowFacts): boolean => destinations >= (hit === undefined ? 3 : 4);
    const { found } = decidedBy([...sent, theirs], { onlyText });
    return namedToAgent(found.ways, [...sent, theirs]).map(one => `${one.argument} ${wordsForAgent(one)}`);
  };
  const missed = told(undefined);
  assert.equal(missed.length, 5);
  for (const hit of [0, 3, 4]) assert.deepEqual(told(hit), missed);
  const known = way('to[9]', 'destination', 'text', [seen]);
  const named = namedToAgent([to, known], [id, to, known]).map(({ argument }) => argument);
  assert.deepEqual(named, ['to[9]', 'to'], 'and what it has seen is named as it is');
});

test('people are told of what the agent has not seen, and that nobody said anything where nobody did', () => {
  const told = wordsForPeople(way('to', 'destination', 'text', [{ ...seen, unseen: true }]), 'user:emma', true);
  assert.equal(told, "comes from what mail/read_inbox returned, which others wrote, and not from user:emma's words");
  assert.match(wordsForPeople(to, 'user:emma', false), /anything user:emma is known to have said/);
  const field = way('to', 'destination', 'field', [seen]);
  assert.deepEqual(
    [true, false].map(said => wordsForPeople(field, 'user:emma', said)),
    [
      "stands in a record of mail/read_inbox that user:emma's words do not lead to",
      'stands in a record of mail/read_inbox that nothing user:emma is known to have said leads to',
    ],
  );
});

test('E-4 a name that reads like a sentence, or is long, stands in quotes', () => {
  for (const plain of ['to', 'recipients[0]', 'body (link)', 'mail/read_inbox', '$ref'])
    assert.equal(plainName(plain), plain);
  assert.equal(plainName('to is approved'), '"to is approved"');
  assert.equal(plainName('a" b\u202e'), '"a\\" b\\u{202e}"');
  assert.match(plainName('x'.repeat(90)), /^"x{63}…"$/);
});
