import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FactType } from '@sallyport/core/policy/fact-type.ts';
import { readObject } from '@sallyport/testkit/policy/scene.ts';
import { inputValue } from '../../engines/cedar/value.ts';
import { type CedarType, cedarValue, NoSuchValue } from './cedar-value.ts';
import { Exact } from './facts.ts';

const mantissas = [
  '0',
  '-0',
  '1',
  '-7',
  '10',
  '1.5',
  '0.0',
  '0.12345',
  '1.00000',
  '9007199254740991',
  '9007199254740992',
];
const exponents = [
  '',
  'e0',
  'E+0',
  'e1',
  'e-1',
  'e4',
  'e-4',
  'e-5',
  'e15',
  'e0003',
  'e-0003',
  'e1000',
  'e-9999',
  'e00003',
];

const kinds: readonly (readonly [string, CedarType, FactType])[] = [
  ['Long', { type: 'Long' }, { kind: 'long' }],
  ['decimal', { type: 'Extension', name: 'decimal' }, { kind: 'decimal' }],
];

for (const [name, stated, known] of kinds)
  test(`D-7 a number that the gateway can put before policy as ${name} is the same number to the checker, however it is written`, () => {
    let told = 0;
    for (const text of mantissas.flatMap(mantissa => exponents.map(exponent => `${mantissa}${exponent}`))) {
      const put = valueOrNothing(() => inputValue(readObject(`{"n":${text}}`), record(known), undefined));
      if (put === undefined) continue;
      told++;
      const checked = valueOrNothing(() => ({ n: cedarValue(stated, new Exact(text)) }));
      assert.deepEqual(plain(checked), plain(put), text);
    }
    assert.ok(told > 40, `${told}`);
  });

test('D-7 what has no exact form is said to have none', () => {
  for (const text of ['0.12345', '1e-5'])
    assert.throws(() => cedarValue({ type: 'Extension', name: 'decimal' }, new Exact(text)), NoSuchValue);
  for (const text of ['0.5', '9007199254740992', '1e16'])
    assert.throws(() => cedarValue({ type: 'Long' }, new Exact(text)), NoSuchValue);
});

function record(type: FactType): Parameters<typeof inputValue>[1] {
  return { kind: 'record', attributes: new Map([['n', { type, required: true }]]) };
}

/** As the engine reads it: there is one zero. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null).replace('-0.0000', '0.0000'));
}

function valueOrNothing<T>(made: () => T): T | undefined {
  try {
    return made();
  } catch {
    return undefined;
  }
}
