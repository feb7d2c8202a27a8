import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressesIn, hostIn } from './shape.ts';

const digits = fc.stringMatching(/^[1-9]\d{1,3}$/);
const grouped = fc
  .tuple(fc.constantFrom('', '+'), fc.array(digits, { minLength: 3, maxLength: 6 }), fc.constantFrom(' ', '-', '.', ''))
  .map(([plus, groups, between]) => `${plus}${groups.join(between)}`);

test('a telephone number in a text is found however it is grouped', () => {
  assert.deepEqual(addressesIn('send the code to 612 345 678, please', 20), ['612 345 678']);
  assert.deepEqual(addressesIn('(030) 123 456', 20), ['(030) 123 456']);
  fc.assert(
    fc.property(grouped, number => {
      fc.pre(number.replace(/\D/g, '').length >= 7 && !/^\d{1,4}[.-]\d{1,2}[.-]\d{2}/.test(number));
      assert.ok(addressesIn(`call ${number} now`, 20).includes(number), number);
    }),
  );
});

test('a host is what every reader of an address takes for it, or nobody’s name', () => {
  for (const [text, host] of [
    ['https://www.example.org:8443/a?b', 'example.org'],
    ['ann@example.org', 'example.org'],
    ['https://example.org@evil.example/', 'evil.example'],
    ['https://example.org/a\\b', 'example.org'],
    ['https://evil.example\\@example.org/', 'evil.example\\@example.org'],
    ['https://example.org\\@evil.example/', 'example.org\\@evil.example'],
  ] as const)
    assert.equal(hostIn(text), host, text);
});
