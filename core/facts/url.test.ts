import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopbackHost, staysOnThisMachine } from './url.ts';

const hostname = (host: string): string => new URL(`http://${host}/`).hostname;

test('what goes out in the clear stays on this machine, whoever resolves names; what must not be reached is more', () => {
  for (const host of ['127.0.0.1', '127.9.8.7', '0x7f.1', '2130706433', 'localhost', 'LOCALHOST', '[::1]'])
    assert.deepEqual([staysOnThisMachine(hostname(host)), isLoopbackHost(hostname(host))], [true, true], host);
  for (const host of ['a.localhost', 'localhost.', '0.0.0.0', '[::]', '[::ffff:127.0.0.1]', '[::7f00:1]'])
    assert.deepEqual([staysOnThisMachine(hostname(host)), isLoopbackHost(hostname(host))], [false, true], host);
  for (const host of ['127.0.0.1.example', 'localhost.example', 'mylocalhost', '128.0.0.1', '[::2]', '10.0.0.1'])
    assert.deepEqual([staysOnThisMachine(hostname(host)), isLoopbackHost(hostname(host))], [false, false], host);
});
