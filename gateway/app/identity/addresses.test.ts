import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leadsHere } from './addresses.ts';

const own = {
  bases: ['https://gate.example', 'http://127.0.0.1:7420'],
  hosts: ['desk.example:8080'],
  ports: [7420, 8443],
};

test('C-2 pages of this gateway are known by every spelling of this machine, and by the names it was given', () => {
  for (const url of [
    'http://127.0.0.1:7420/approvals/ap_1',
    'http://127.1:7420/',
    'http://2130706433:7420/',
    'https://localhost:8443/',
    'http://LOCALHOST.:7420/',
    'http://a.localhost:7420/',
    'http://[::1]:7420/',
    'http://[::ffff:127.0.0.1]:7420/',
    'http://0.0.0.0:7420/',
    'https://gate.example/oauth/authorize',
    'https://gate.example.:443/',
    'http://desk.example:8080/',
  ])
    assert.ok(leadsHere(new URL(url), own), url);
});

test('other programs of this machine, and other ports of our names, are not ours', () => {
  for (const url of [
    'http://127.0.0.1:3000/callback',
    'http://localhost/',
    'https://gate.example:9443/',
    'https://gate.example.evil.example/',
    'https://desk.example/',
    'https://files.example:7420/',
  ])
    assert.ok(!leadsHere(new URL(url), own), url);
});
