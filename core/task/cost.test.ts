import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import type { Cost } from '../model/cost.ts';
import { costIn, costOf } from './cost.ts';

const cost = (over: Partial<Cost>): Cost => ({
  ...{ cents: undefined, argument: undefined, result: undefined, unit: 'whole' },
  ...{ currencyArgument: undefined, currency: undefined, centsMax: undefined },
  ...over,
});
const cents = (over: Partial<Cost>, input: string): number | string => {
  const found = costOf(cost(over), jsonObject(input), 'bank/pay');
  return found.ok ? found.value : found.refusal.why;
};

test('amounts are exact, whatever the spelling of the number', () => {
  const amount = (text: string) => cents({ argument: 'amount' }, `{"amount":${text}}`);
  const spelt = ['10', '10.00', '"10"', '1e1', '1000e-2', '10.000000000000000000000000000000'];
  assert.deepEqual(
    spelt.map(amount),
    spelt.map(() => 1_000),
  );
  assert.deepEqual([amount('0.1'), amount('0.29'), amount('1.005'), amount('0.000000000001')], [10, 29, 101, 1]);
  assert.equal(amount('90071992547409.91'), 9_007_199_254_740_991);
  assert.equal(cents({ argument: 'amount', unit: 'hundredth' }, '{"amount":250}'), 250);
});

test('what does not say what it costs is not done', () => {
  const odd = ['null', '"ten"', '"1,000"', '[1]', '{}', '"1e99"', '""', 'true', '" 1"'];
  const why = '`amount` is no amount of money, and says what it costs';
  for (const text of odd) assert.equal(cents({ argument: 'amount' }, `{"amount":${text}}`), why, text);
  for (const text of ['-1', '"-1"', '-0.01', '-1e9'])
    assert.match(String(cents({ argument: 'amount' }, `{"amount":${text}}`)), /^`amount` is negative/, text);
  assert.equal(cents({ argument: 'amount' }, '{}'), '`amount` says what it costs, and is missing');
  const refused = costOf(cost({ argument: 'amount' }), jsonObject('{"amount":-1}'), 'bank/pay');
  assert.match((!refused.ok && refused.refusal.fix) || '', /^give every amount as a plain number that is not negative/);
  const otherwise = { argument: 'amount', centsMax: 700 };
  for (const text of ['{}', '{"amount":null}'])
    assert.equal(cents(otherwise, text), 700, 'what an operator sets aside instead');
});

test('K-9 an amount that is said in a way nobody can read is not taken for one that is not said', () => {
  const otherwise = { argument: 'amount', centsMax: 700 };
  for (const text of ['"1,000"', '" 1000"', '"+1000"', '"1e99"', '[1000]', '{"of":1000}', '-1', '""', 'true'])
    assert.match(String(cents(otherwise, `{"amount":${text}}`)), /is no amount of money|is negative/, text);
  const nested = { argument: 'order.lines.*.price', centsMax: 700 };
  for (const text of ['1000', '{"lines":{"first":{"price":1000}}}', '{"lines":["1000"]}'])
    assert.match(String(cents(nested, `{"order":${text}}`)), /is no amount of money/, text);
  for (const text of ['null', '{}', '{"lines":[]}', '{"lines":[{},{"price":null}]}'])
    assert.equal(cents(nested, `{"order":${text}}`), 700, text);
});

test('items of a list are added up, and one that says nothing spoils the sum', () => {
  const lines = (text: string) => cents({ argument: 'lines.*.price', cents: 5 }, `{"lines":${text}}`);
  assert.equal(lines('[{"price":1},{"price":"2.50"}]'), 355);
  assert.match(String(lines('[{"price":1},{"price":"free"}]')), /is no amount of money/);
  assert.match(String(lines('[{"price":1},{}]')), /is missing/);
  assert.match(String(lines('[]')), /is missing/);
});

test('an amount in another currency is refused, also where none is named', () => {
  const wanted = { argument: 'amount', currencyArgument: 'currency', currency: 'EUR' };
  assert.equal(cents(wanted, '{"amount":1,"currency":"eur"}'), 100);
  for (const text of ['{"amount":1,"currency":"JPY"}', '{"amount":1}', '{"amount":1,"currency":["EUR"]}'])
    assert.equal(cents(wanted, text), '`currency` is not EUR, in which its task counts', text);
  const each = '{"lines":[{"price":1,"currency":"EUR"},{"price":1}]}';
  const ofEach = { ...wanted, argument: 'lines.*.price', currencyArgument: 'lines.*.currency' };
  assert.match(String(cents(ofEach, each)), /is not EUR/);
});

test('what it came to stands in the result, structured or not', () => {
  const found = (text: string) => costIn(cost({ result: 'charged.total', cents: 1 }), jsonObject(text));
  assert.equal(found('{"structuredContent":{"charged":{"total":3.5}}}'), 351);
  assert.equal(found('{"charged":{"total":"2"}}'), 201);
  assert.equal(found('{"structuredContent":{},"charged":{"total":"2"}}'), undefined);
  assert.equal(costIn(cost({}), jsonObject('{}')), undefined);
  const lines = costIn(cost({ result: 'lines.*.price' }), jsonObject('{"lines":[{"price":1},{}]}'));
  assert.equal(lines, undefined, 'of which a part is not known is not known');
});
