import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopbackHost, readUrls, staysOnThisMachine } from './url.ts';

const hostname = (host: string): string => new URL(`http://${host}/`).hostname;

test('what goes out in the clear stays on this machine, whoever resolves names; what must not be reached is more', () => {
  for (const host of ['127.0.0.1', '127.9.8.7', '0x7f.1', '2130706433', 'localhost', 'LOCALHOST', '[::1]'])
    assert.deepEqual([staysOnThisMachine(hostname(host)), isLoopbackHost(hostname(host))], [true, true], host);
  for (const host of ['a.localhost', 'localhost.', '0.0.0.0', '[::]', '[::ffff:127.0.0.1]', '[::7f00:1]'])
    assert.deepEqual([staysOnThisMachine(hostname(host)), isLoopbackHost(hostname(host))], [false, true], host);
  for (const host of ['127.0.0.1.example', 'localhost.example', 'mylocalhost', '128.0.0.1', '[::2]', '10.0.0.1'])
    assert.deepEqual([staysOnThisMachine(hostname(host)), isLoopbackHost(hostname(host))], [false, false], host);
});

/** What each is read as, without a scheme and with one. */
const metadata = '169.254.169.254';
const spellings: readonly (readonly [text: string, host: string])[] = [
  ['169.254.169.254/latest', metadata],
  ['169.254.169.254./latest', metadata],
  ['169.254.169.254:80', metadata],
  ['2852039166/latest', metadata],
  ['2852039166:80/latest', metadata],
  ['2852039166./latest', metadata],
  ['0xA9FEA9FE/latest', metadata],
  ['025177524776/latest', metadata],
  ['0251.0376.0251.0376/latest', metadata],
  ['0xa9.254.0xa9.254/latest', metadata],
  ['169.16689662/latest', metadata],
  ['169.254.43518/latest', metadata],
  ['169\u3002254\uff0e169\uff61254/latest', metadata],
  ['\uff11\uff16\uff19.254.169.254/latest', metadata],
  ['\u2460\u2465\u2468.254.169.254/latest', metadata],
  ['user@169.254.169.254/latest', metadata],
  ['user:password@2852039166/latest', metadata],
  ['[::ffff:169.254.169.254]/latest', '[::ffff:a9fe:a9fe]'],
  ['[0:0:0:0:0:ffff:a9fe:a9fe]/latest', '[::ffff:a9fe:a9fe]'],
  ['[64:ff9b::a9fe:a9fe]/latest', '[64:ff9b::a9fe:a9fe]'],
  ['127.1/x', '127.0.0.1'],
  ['127.0.1:8080/x', '127.0.0.1'],
  ['2130706433/x', '127.0.0.1'],
  ['LOCALHOST./x', 'localhost'],
];

for (const [text, host] of spellings)
  test(`C-1 ${text} leads to ${host}, also in a text and with a scheme`, () => {
    for (const written of [text, `curl ${text}`, `http://${text}`, `see "http://${text}"`]) {
      const { hosts, internal } = readUrls([written]);
      assert.deepEqual([hosts, internal], [[host], true], written);
    }
  });

test('numbers and fractions that are no address of something internal are none', () => {
  const others = ['2852039166', '10/2', '1.2/3', '3.14/x', '10.5/docs', '2026/11/23', '20261123/12', '4155551234/x'];
  for (const text of [...others, '1683000000/x', '2130706433/31', '127.0/8', 'a2852039166/x', '1.2852039166/x'])
    assert.deepEqual(readUrls([text]).hosts, [], text);
});
