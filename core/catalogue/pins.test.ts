import assert from 'node:assert/strict';
import test from 'node:test';
import { loadScenarios, nodesOf, sha256 } from '@sallyport/testkit/catalogue/scenario.ts';
import { emptyObject } from '../model/json.ts';
import { pinBookText, readPinBook } from './pin-text.ts';
import { accept, type Met, meet, type PinChange, pinIn, recordsMax, type ServerPins } from './pins.ts';
import { readTools } from './read.ts';

/** `scenarios/attacks/b-changes.json`: what a server lists, step after step, and what happens to its pins. */
interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly steps: readonly Step[];
}

interface Step {
  readonly tools: readonly unknown[];
  /** Key, state, and words of the reason. */
  readonly changes: readonly (readonly [string, PinChange['state'], string])[];
  readonly whole?: boolean;
  /** Accepted after this listing, with the digest that it showed, and then expected to change as `changes` says. */
  readonly accept?: string;
  /** Accepted with the digest of the listing before: refused. */
  readonly stale?: string;
  /** Accepted with the right digest: refused all the same. */
  readonly never?: string;
}

const scenarios = loadScenarios<Scenario>('b-changes.json');

for (const { id, title, steps } of scenarios)
  test(`${id} ${title}`, () => {
    let pins: ServerPins | undefined;
    for (const [index, step] of steps.entries()) {
      const before = pins;
      const met = sight(before, step, index);
      pins = met.pins;
      let changes = met.changes;
      if (step.accept !== undefined) {
        const accepted = accept(pins, step.accept, shownPin(pins, step.accept), 'operator', index);
        assert.ok(accepted.ok);
        pins = accepted.value.pins;
        changes = [...changes, ...accepted.value.changes];
      }
      expectRefused(pins, step.stale, shownPin(before, step.stale), 'has changed the definition since you looked');
      expectRefused(pins, step.never, shownPin(pins, step.never), 'cannot be accepted');
      expectChanges(changes, step.changes);
      assert.deepEqual(reread(pins), pins, 'the pins survive being written and read');
    }
  });

test('the scenarios are all there', () => assert.ok(scenarios.length >= 24, `${scenarios.length} scenarios`));

test('G-5 a server that invents tools for ever does not grow the book', () => {
  let pins: ServerPins | undefined;
  for (let round = 0; round < 7; round++) {
    const tools = Array.from({ length: 1_000 }, (_, index) => ({
      name: `t.${round}.${index}`,
      inputSchema: { type: 'object' },
    }));
    pins = sight(pins, { tools, changes: [], whole: false }, round).pins;
  }
  assert.equal(pins?.records.size, recordsMax);
});

test('a pin book that cannot be read says where and why', () => {
  assert.deepEqual(readPinBook('{"v":1,"servers":'), { ok: false, why: 'expected a JSON value at character 17' });
  assert.deepEqual(readPinBook('{"v":2,"servers":{}}'), { ok: false, why: 'the member v is missing or wrong' });
  assert.deepEqual(
    readPinBook('{"v":1,"servers":{"a":{"firstContactAt":1,"capabilities":{},"records":{"x":{"kind":"tools"}}}}}'),
    {
      ok: false,
      why: 'the member kind is missing or wrong',
    },
  );
});

test('pins vouch for nothing where any member is missing or is of another kind, and the answer names it', () => {
  const pinned = { pin: 'p', at: 1, definition: {}, by: 'operator' };
  const candidate = { pin: 'q', at: 2, definition: {}, why: 'it changed', final: true };
  const record = { kind: 'tool', name: 'x', withdrawn: false, pinned, candidate };
  const server = { firstContactAt: 1, capabilities: {} };
  const read = (one: object, of: object = server): string => {
    const found = readPinBook(JSON.stringify({ v: 1, servers: { a: { ...of, records: { 'tool x': one } } } }));
    return found.ok ? 'read' : found.why;
  };
  const faulty = (whole: object, reading: (part: object) => string): void => {
    for (const name of Object.keys(whole))
      for (const wrong of [undefined, null, []])
        assert.equal(
          reading({ ...whole, [name]: wrong }),
          `the member ${name} is missing or wrong`,
          `${name}: ${wrong}`,
        );
  };
  assert.equal(read(record), 'read');
  const { pinned: _, candidate: __, ...bare } = record;
  assert.equal(read(bare), 'read', 'what was never accepted, and what nobody changed');
  faulty(bare, read);
  faulty(pinned, part => read({ ...record, pinned: part }));
  faulty(candidate, part => read({ ...record, candidate: part }));
  faulty(server, part => read(record, part));
  for (const servers of ['', ',"servers":[]', ',"servers":null'])
    assert.deepEqual(readPinBook(`{"v":1${servers}}`), { ok: false, why: 'the member servers is missing or wrong' });
});

function sight(pins: ServerPins | undefined, step: Step, now: number): Met {
  const { items } = readTools(nodesOf(step.tools), sha256);
  return meet(pins, { items, capabilities: emptyObject, whole: step.whole ?? true }, now);
}

function shownPin(pins: ServerPins | undefined, key: string | undefined): string {
  const record = key === undefined ? undefined : pins?.records.get(key);
  return record === undefined ? '' : pinIn(record);
}

function expectRefused(pins: ServerPins, key: string | undefined, pin: string, why: string): void {
  if (key === undefined) return;
  const answer = accept(pins, key, pin, 'operator', 0);
  assert.ok(!answer.ok && answer.refusal.why.includes(why), JSON.stringify(answer));
}

function expectChanges(actual: readonly PinChange[], expected: Step['changes']): void {
  assert.deepEqual(
    actual.map(({ key, state }) => [key, state]),
    expected.map(([key, state]) => [key, state]),
  );
  for (const [index, [, , part]] of expected.entries())
    assert.ok(actual[index]?.why.includes(part), `${actual[index]?.why} - does not say: ${part}`);
}

function reread(pins: ServerPins): ServerPins | undefined {
  const read = readPinBook(pinBookText(new Map([['s', pins]])));
  assert.ok(read.ok, JSON.stringify(read));
  return read.book.get('s');
}
