import assert from 'node:assert/strict';
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { castTools } from '@sallyport/testkit/policy/cast.ts';
import { catalogueOf } from '@sallyport/testkit/policy/scene.ts';
import { until } from '@sallyport/testkit/upstream/fixture.ts';
import { type Examined, Examiner } from './examine.ts';
import { expectSet } from './examine-apart.ts';
import { loadPolicies, readAhead } from './load.ts';
import { sample } from './sample-set.ts';

/** What a start waits for less, by the order in which things happen. */

/** The types of Node do not tell of it. */
const { WebAssembly: wasm } = globalThis as unknown as {
  readonly WebAssembly: { readonly Instance: new (...from: unknown[]) => { readonly exports: object } };
};

/** The engine's instances from here on, and which of its functions they are asked for, as they come. */
function watchEngines(t: TestContext, happened: string[]): void {
  const { Instance } = wasm;
  t.mock.method(wasm, 'Instance', function made(...from: unknown[]) {
    happened.push('engine');
    const exports = Object.entries(new Instance(...from).exports).map(([name, value]) => {
      if (typeof value !== 'function') return [name, value];
      const called = (...given: unknown[]): unknown => {
        if (/^[a-z]+[A-Z]|^validate$/.test(name)) happened.push(name);
        return (value as (...given: unknown[]) => unknown)(...given);
      };
      return [name, called];
    });
    return { exports: Object.fromEntries(exports) };
  });
}

test('the set has left for its reader before the gateway makes its own engine beside it', async t => {
  const happened: string[] = [];
  watchEngines(t, happened);
  const { fork } = childProcess;
  t.mock.method(childProcess, 'fork', (...started: Parameters<typeof fork>) => {
    const child = fork(...started);
    const send = child.send.bind(child) as (set: unknown, onSent: (error: Error | null) => void) => boolean;
    const slowly = (set: unknown, onSent: (error: Error | null) => void): boolean =>
      send(set, async error => {
        // As with a pipe that is smaller than the set.
        for (let turns = 0; turns < 10; turns++) await setImmediate();
        happened.push('sent');
        onSent(error);
      });
    return Object.assign(child, { send: slowly });
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const text = '@id("reads") permit (principal, action in Action::"read", resource);';
  const catalogue = catalogueOf(castTools.map(({ tool }) => tool));
  const loaded = await loadPolicies({ sources: [{ file: 'p.cedar', text }], catalogue });
  assert.ok(loaded.ok);
  const order = happened.filter(what => what === 'sent' || what === 'engine');
  assert.deepEqual(order, ['sent', 'engine']);
});

test('the process that reads sets has parsed and validated one before it listens for the first', async t => {
  const happened: string[] = [];
  watchEngines(t, happened);
  t.mock.method(process, 'on', (event: string) => {
    happened.push(`listens for ${event}`);
    return process;
  });
  await import('./examine-child.ts');
  const last = happened.indexOf('listens for message');
  assert.equal(happened[0], 'engine');
  for (const needed of ['policyToJson', 'validate']) {
    const at = happened.indexOf(needed);
    assert.ok(at > 0 && at < last, `${needed} in ${happened.join()}`);
  }
});

test('what is asked first is parsed a moment after the set was taken, when nobody waits for it', async t => {
  const happened: string[] = [];
  watchEngines(t, happened);
  const parsed = (): number => happened.filter(what => what === 'preparsePolicySet').length;
  const text = '@id("reads") permit (principal, action in Action::"read", resource);';
  const catalogue = catalogueOf(castTools.map(({ tool }) => tool));
  const loaded = await loadPolicies({ sources: [{ file: 'p.cedar', text }], catalogue });
  assert.ok(loaded.ok);
  assert.equal(parsed(), 2, 'the canary, and the whole set');
  await until('a slice is parsed', () => parsed() > 2);
});

test('a text that came ahead of its set is parsed once', t => {
  const happened: string[] = [];
  watchEngines(t, happened);
  const examiner = new Examiner();
  const [first, second] = ['"a"', '"b"'].map(id => {
    const text = `@id(${id}) permit (principal, action, resource);`;
    return { text, unscoped: text };
  }) as [Examined, Examined];
  const parses = (): number => happened.filter(what => what === 'policyToJson').length;
  examiner.parse([first]);
  const each = parses();
  const findings = examiner.examine([first, second], sample.schema);
  assert.equal(parses(), 2 * each);
  assert.deepEqual(
    findings.map(({ json, errors }) => [json?.annotations, errors.length]),
    [
      [{ id: 'a' }, 0],
      [{ id: 'b' }, 0],
    ],
  );
});

test('the process that waits has what is sent ahead before the set, and answers for the set alone', async () => {
  expectSet();
  const text = '@id("reads") permit (principal, action in Action::"read", resource);';
  readAhead([{ file: 'other.cedar', text: 'permit (' }]);
  readAhead([{ file: 'p.cedar', text }]);
  const catalogue = catalogueOf(castTools.map(({ tool }) => tool));
  const loaded = await loadPolicies({ sources: [{ file: 'p.cedar', text }], catalogue });
  assert.ok(loaded.ok);
  assert.deepEqual(
    loaded.set.policies.map(({ info }) => info.id),
    ['reads'],
  );
});
