import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberBooks } from './number-books.ts';
import { readPersonal } from './read-personal.ts';

function found(text: string, name?: string): string[] {
  return readPersonal(text, name, numberBooks).map(({ kind, start, end }) => `${kind} ${text.slice(start, end)}`);
}

test('addresses and numbers of people are found as they stand in a text', () => {
  assert.deepEqual(found('Write to Ann.Lee+x@mail.example.org, or call +44 20 7946 0958.'), [
    'email Ann.Lee+x@mail.example.org',
    'phone +44 20 7946 0958',
  ]);
  assert.deepEqual(found('Tel. (212) 555-0147 / Handy: 0171 2345678'), ['phone (212) 555-0147', 'phone 0171 2345678']);
  assert.deepEqual(found('card 4111 1111 1111 1234, 4012 8888 8888 1881'), ['card 4012 8888 8888 1881']);
  assert.deepEqual(found('pay to GB82 WEST 1234 5698 7654 32 TODAY'), ['iban GB82 WEST 1234 5698 7654 32']);
});

test('numbers of registers count where they are written as their country writes them, or are called so', () => {
  for (const id of [
    '536-90-4399',
    '390.533.447-05',
    'RSSMRA85T10A562S',
    '756.9217.0769.85',
    '131052-308T',
    'AB123456C',
  ])
    assert.deepEqual(found(`It is ${id}.`), [`national-id ${id}`], id);
  assert.deepEqual(found('PESEL or national id 44051401359'), ['national-id 44051401359']);
  assert.deepEqual(found('44051401359', 'national_id'), ['national-id 44051401359']);
});

test('what is called by a name is a telephone number in any form', () => {
  assert.deepEqual(found('555-0101', 'phone'), ['phone 555-0101']);
  assert.deepEqual(found('030 901820', 'workPhone'), ['phone 030 901820']);
  assert.deepEqual(found('555-0101', 'room'), []);
});

test('dates, amounts, versions, orders and hosts are nobody’s', () => {
  for (const text of [
    'on 2026-11-22 at 10:30, or 22.11.2026, or 11/22/2026',
    'order 44051401359 of INV-2026-0042, 12,500.00 EUR, version 10.12.2201',
    'call the endpoint at 10.0.0.12:8080 in room 1204',
    'commit 4f2a9c81d0 of v1.22.333, M-100023, AC-1183-77',
    'x@y and @handle and +1 2',
  ])
    assert.deepEqual(found(text), [], text);
});

test('a long text of numbers is read in good time', () => {
  const dense = Array.from({ length: 2_000 }, (_, n) => `part 12-${1000 + n}-44 of order ${100_000 + n * 7919}`).join(
    '\n',
  );
  const started = performance.now();
  found(dense);
  assert.ok(performance.now() - started < 3_000);
});
