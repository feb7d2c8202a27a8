import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeFlow } from '@sallyport/testkit/fakes/flow.ts';
import { fakeAgent, fakeTool, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { fakeTaskFacts } from '@sallyport/testkit/fakes/task.ts';
import type { Backing, Found, Role, Way } from '../model/way.ts';
import { type FlowFacts, noRisk, type PolicyRequest } from '../policy/engine.ts';
import { decidingValues, waysTriedMax } from './deciding.ts';
import { withWays } from './facts.ts';
import { plainName, wordsForAgent, wordsForPeople } from './way-words.ts';

function way(argument: string, role: Role, backing: Backing, found: readonly Found[] = []): Way {
  const origin = backing === 'principal' ? 'prompt' : backing === 'nobody' ? 'unknown' : 'text';
  return { argument, role, backing, origin, found, digest: argument };
}

/** Asks by each of these rules whose condition holds. */
function decidedBy(ways: readonly Way[], rules: Readonly<Record<string, (flow: FlowFacts) => boolean>>) {
  let evaluations = 0;
  const engine = {
    evaluate: ({ flow }: PolicyRequest) => {
      evaluations++;
      const determining = Object.keys(rules).filter(name => rules[name]?.(flow));
      return { allowed: determining.length === 0, determining, errors: [] };
    },
  };
  const flow = withWays({ ...fakeFlow(['untrusted']), destinationIsNew: true }, ways);
  const request: PolicyRequest = {
    ...{ agent: fakeAgent, tool: fakeTool(), input: jsonObject('{}'), task: fakeTaskFacts() },
    ...{ flow, env: { now: 0 }, risk: noRisk },
  };
  const reasons = Object.keys(rules).map(rule => ({ rule, text: '', fix: undefined }));
  const { ways: found, rules: named } = decidingValues(request, reasons, engine);
  return { values: found.map(({ argument }) => argument), rules: named, evaluations };
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
  assert.deepEqual(decidedBy([to, id], { always: () => true }), { values: [], rules: [], evaluations: 2 });
});

test('of several rules those are named that the values trip', () => {
  const found = decidedBy([to], { crossing: () => true, sending: ({ destinations }) => destinations > 0 });
  assert.deepEqual([found.values, found.rules], [['to'], ['sending']]);
});

test('R-5 how many evaluations it takes has a bound, and an engine that fails names nothing', () => {
  const many = Array.from({ length: 50 }, (_, at) => way(`to[${at}]`, 'destination', 'text'));
  const { values, evaluations } = decidedBy(many, { any: ({ destinations }) => destinations > 0 });
  assert.deepEqual([values.length, evaluations], [waysTriedMax, waysTriedMax + 2]);
  const failing = (): boolean => {
    throw new Error('broken');
  };
  assert.deepEqual(decidedBy([to], { failing }).values, []);
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

test('people are told of what the agent has not seen, and that nobody said anything where nobody did', () => {
  const told = wordsForPeople(way('to', 'destination', 'text', [{ ...seen, unseen: true }]), 'user:emma', true);
  assert.equal(told, "comes from what mail/read_inbox returned, which others wrote, and not from user:emma's words");
  assert.match(wordsForPeople(to, 'user:emma', false), /anything user:emma is known to have said/);
});

test('E-4 a name that reads like a sentence, or is long, stands in quotes', () => {
  for (const plain of ['to', 'recipients[0]', 'body (link)', 'mail/read_inbox', '$ref'])
    assert.equal(plainName(plain), plain);
  assert.equal(plainName('to is approved'), '"to is approved"');
  assert.equal(plainName('a" b\u202e'), '"a\\" b\\u{202e}"');
  assert.match(plainName('x'.repeat(90)), /^"x{63}…"$/);
});
