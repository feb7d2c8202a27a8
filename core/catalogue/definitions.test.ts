import assert from 'node:assert/strict';
import test from 'node:test';
import { loadScenarios, nodesOf, sha256 } from '@sallyport/testkit/catalogue/scenario.ts';
import { type Reading, readTools } from './read.ts';

/** `scenarios/attacks/b-definitions.json`: lists of tools as a server sends them, and what has to become of each. */
interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly tools: readonly unknown[];
  readonly expect: {
    readonly refused?: readonly (readonly [string, string])[];
    readonly quarantined?: readonly (readonly [string, string])[];
    readonly clean?: readonly string[];
    readonly members?: readonly string[];
  };
}

const scenarios = loadScenarios<Scenario>('b-definitions.json');
const millisMax = 500;

for (const { id, title, tools, expect } of scenarios)
  test(`${id} ${title}`, () => {
    const started = performance.now();
    const reading = readTools(nodesOf(tools), sha256);
    assert.ok(performance.now() - started < millisMax, 'it was read within its time');
    expectPairs(refusedIn(reading), expect.refused ?? []);
    expectPairs(quarantinedIn(reading), expect.quarantined ?? []);
    assert.deepEqual(cleanIn(reading), expect.clean ?? []);
    if (expect.members !== undefined)
      assert.deepEqual([...(reading.items[0]?.definition.members.keys() ?? [])], expect.members);
  });

test('the scenarios are all there', () => {
  assert.ok(scenarios.length >= 55, `${scenarios.length} scenarios`);
  assert.deepEqual([...new Set(scenarios.map(({ id }) => id))], ['B-1', 'B-2', 'B-4']);
});

function expectPairs(
  actual: readonly (readonly [string, string])[],
  expected: readonly (readonly [string, string])[],
): void {
  assert.deepEqual(
    actual.map(([name]) => name.replace(/…$/, '')),
    expected.map(([name]) => name),
  );
  for (const [index, [, part]] of expected.entries()) {
    const why = actual[index]?.[1] ?? '';
    assert.ok(why.includes(part), `${why} - does not say: ${part}`);
    assert.match(why, /^[ -~…\p{L}\p{N}\p{S}]*$/u, 'a reason can be printed anywhere');
  }
}

function refusedIn(reading: Reading): (readonly [string, string])[] {
  return reading.refused.map(({ shown, why }) => [shown, why] as const);
}

function quarantinedIn(reading: Reading): (readonly [string, string])[] {
  return reading.items
    .filter(({ concerns }) => concerns.length > 0)
    .map(({ name, concerns }) => [name, concerns.map(({ why }) => why).join('; ')] as const);
}

function cleanIn(reading: Reading): string[] {
  return reading.items.filter(({ concerns }) => concerns.length === 0).map(({ name }) => name);
}
