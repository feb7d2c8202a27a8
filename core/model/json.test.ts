import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processorMillis } from '@sallyport/testkit/processor-time.ts';
import fc from 'fast-check';
import {
  callJsonLimits,
  type JsonFaultCode,
  normalText,
  parseJson,
  parseJsonBytes,
  plainJson,
  resultJsonLimits,
} from './json.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** What is refused: text, code, path. */
const refusedTexts: readonly [string, JsonFaultCode, string][] = [
  ['', 'empty', ''],
  ['  ', 'empty', ''],
  ['{"a":1,"a":2}', 'duplicate-member', 'a'],
  ['{"name":"ok","n\\u0061me":"bad"}', 'duplicate-member', 'name'],
  ['{"params":{"arguments":{"to":1,"to":2}}}', 'duplicate-member', 'params.arguments.to'],
  ['{"a":{"__proto__":{}}}', 'reserved-member', 'a.__proto__'],
  ['{"a":[{"__entity":{"type":"U","id":"admin"}}]}', 'reserved-member', 'a[0].__entity'],
  ['{"__extn":{"fn":"ip","arg":"127.0.0.1"}}', 'reserved-member', '__extn'],
  ['{"\\u005f_expr":"1"}', 'reserved-member', '__expr'],
  ['"\\ud800"', 'lone-surrogate', ''],
  ['{"\\udc00x":1}', 'lone-surrogate', ''],
  ['9007199254740992', 'number-out-of-range', ''],
  ['{"amount":9007199254740993}', 'number-out-of-range', 'amount'],
  ['-9007199254740993', 'number-out-of-range', ''],
  ['1e400', 'number-out-of-range', ''],
  ['1E-999', 'number-out-of-range', ''],
  ['1.00000000000000001', 'number-out-of-range', ''],
  ['{"amount":99.99999999999999999}', 'number-out-of-range', 'amount'],
  ['100000000000000001e-17', 'number-out-of-range', ''],
  [`1${'0'.repeat(100)}`, 'number-out-of-range', ''],
  ['01', 'syntax', ''],
  ['+1', 'syntax', ''],
  ['.5', 'syntax', ''],
  ['1.', 'syntax', ''],
  ['0x10', 'syntax', ''],
  ['NaN', 'syntax', ''],
  ['tru', 'syntax', ''],
  ['[1,]', 'syntax', '[1]'],
  ['{"a":1,}', 'syntax', ''],
  ["{'a':1}", 'syntax', ''],
  ['{a":1}', 'syntax', ''],
  ['{"a":1,b":2}', 'syntax', ''],
  ['{"a" 1}', 'syntax', 'a'],
  ['{} {}', 'syntax', ''],
  ['"a\nb"', 'syntax', ''],
  ['"\\x41"', 'syntax', ''],
  ['"open', 'syntax', ''],
  ['"open\\', 'syntax', ''],
  ['[', 'syntax', '[0]'],
  ['// comment\n1', 'syntax', ''],
  ['['.repeat(100) + ']'.repeat(100), 'too-deep', `${'[0]'.repeat(65)}`],
];

for (const [text, code, path] of refusedTexts) {
  test(`strict JSON refuses ${JSON.stringify(text.slice(0, 40))} as ${code}`, () => {
    const parsed = parseJson(text, callJsonLimits);
    assert.equal(parsed.ok, false);
    assert.deepEqual({ code: parsed.fault.code, path: parsed.fault.path }, { code, path });
  });
}

test('A-6 bytes that are not plain UTF-8 are refused before parsing', () => {
  const cases: readonly [Uint8Array, JsonFaultCode][] = [
    [bytes(0x22, 0xff, 0x22), 'invalid-utf8'],
    [bytes(0x22, 0xc0, 0xaf, 0x22), 'invalid-utf8'],
    [bytes(0x22, 0xed, 0xa0, 0x80, 0x22), 'invalid-utf8'],
    [bytes(0xef, 0xbb, 0xbf, 0x31), 'byte-order-mark'],
    [bytes(0xff, 0xfe, 0x31, 0x00), 'invalid-utf8'],
    [bytes(0x31, 0x00), 'syntax'],
  ];
  for (const [input, code] of cases) {
    const parsed = parseJsonBytes(input, callJsonLimits);
    assert.ok(!parsed.ok);
    assert.equal(parsed.fault.code, code);
  }
});

test('A-8 a depth, count or size bomb is refused quickly', () => {
  const bombs = [
    '['.repeat(100_000),
    `[${'1,'.repeat(200_000)}1]`,
    `"${'x'.repeat(5_000_000)}"`,
    `{"a":${'1'.repeat(1_000_000)}}`,
  ];
  for (const bomb of bombs) {
    const took = processorMillis(() => assert.equal(parseJson(bomb, callJsonLimits).ok, false));
    assert.ok(took < 1_000, `${took}`);
  }
});

test('A-10 member names of Object.prototype are members like any other', () => {
  const parsed = parseJson('{"constructor":1,"toString":2,"hasOwnProperty":3}', callJsonLimits);
  assert.ok(parsed.ok);
  const plain = plainJson(parsed.node) as Record<string, unknown>;
  assert.equal(plain.constructor, 1);
  assert.equal(Object.getPrototypeOf(plain), null);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

test('the normal form keeps member order and number text, and drops white space', () => {
  const parsed = parseJson(' {"b" : 1.50,\n"2":[ -0 , 1e3 ], "1" : "\\u0041\\/" } ', callJsonLimits);
  assert.ok(parsed.ok);
  assert.equal(normalText(parsed.node), '{"b":1.50,"2":[-0,1e3],"1":"A/"}');
});

test('whatever JSON.stringify writes is read back with the same meaning', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), value => {
      const text = JSON.stringify(value);
      const parsed = parseJson(text, resultJsonLimits);
      if (!parsed.ok) return ['number-out-of-range', 'lone-surrogate'].includes(parsed.fault.code);
      assert.deepEqual(JSON.parse(normalText(parsed.node)), JSON.parse(text));
      return true;
    }),
    { numRuns: 2_000 },
  );
});

test('the normal form is a fixed point', () => {
  fc.assert(
    fc.property(fc.json(), text => {
      const parsed = parseJson(text, resultJsonLimits);
      if (!parsed.ok) return;
      const normal = normalText(parsed.node);
      const again = parseJson(normal, resultJsonLimits);
      assert.ok(again.ok);
      assert.equal(normalText(again.node), normal);
    }),
    { numRuns: 2_000 },
  );
});

test('mutated texts are either refused or mean what JSON.parse says they mean', () => {
  const seed =
    '{"jsonrpc":"2.0","id":1,"params":{"name":"a__b","arguments":{"n":1.5,"s":"\\u00e9\\n","l":[true,null,{}]}}}';
  fc.assert(
    fc.property(fc.nat(seed.length - 1), fc.string({ maxLength: 3, unit: 'binary' }), fc.nat(4), (at, insert, cut) => {
      const text = seed.slice(0, at) + insert + seed.slice(at + cut);
      const parsed = parseJson(text, callJsonLimits);
      if (!parsed.ok) return;
      assert.deepEqual(JSON.parse(normalText(parsed.node)), JSON.parse(text));
    }),
    { numRuns: 20_000 },
  );
});
