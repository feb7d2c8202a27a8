import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type GuardRules, guard, headersMax } from './guard.ts';
import { createRouter } from './router.ts';

const rules: GuardRules = { hosts: new Set(['127.0.0.1:7420']), origins: new Set(['http://127.0.0.1:7420']) };
const host = ['Host', '127.0.0.1:7420'];

function faultOf(rawHeaders: string[], method = 'POST', target = '/mcp', version = '1.1'): string {
  const result = guard({ method, target, version, rawHeaders }, rules);
  return result.ok ? 'ok' : `${result.fault.status} ${result.fault.code} ${result.fault.field}`;
}

test('A-16 every header stands once, in whatever case, unless it is a list', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9-]{0,20}$/), name => {
      const twice = guard(
        { method: 'POST', target: '/', version: '1.1', rawHeaders: [...host, name, 'a', name.toUpperCase(), 'b'] },
        rules,
      );
      if (name.toLowerCase() === 'host') assert.equal(twice.ok, false);
      else if (!twice.ok) assert.match(twice.fault.code, /^(?:duplicate-header|upgrade-not-offered)$/);
      else assert.equal(twice.value.headers.get(name.toLowerCase()), 'a, b');
    }),
  );
  for (const name of ['Authorization', 'mcp-session-id', 'Content-Type', 'Origin', 'mcp-param-region', 'x-unheard-of'])
    assert.equal(faultOf([...host, name, 'a', name, 'a']), `400 duplicate-header ${name.toLowerCase()}`);
  assert.equal(faultOf([...host, 'Accept', 'a/b', 'accept', 'c/d']), 'ok');
});

test('A-16 a header whose name some readers take for another is refused', () => {
  for (const name of ['X_Forwarded-For', 'mcp_session_id', '_'])
    assert.equal(faultOf([...host, name, 'a']), `400 header-name ${name.toLowerCase()}`);
});

test('A-16 exactly 100 headers pass', () => {
  const many = (count: number): string[] => [
    ...host,
    ...Array.from({ length: count - 1 }, (_, at) => [`a${at}`, '']).flat(),
  ];
  assert.equal(faultOf(many(headersMax)), 'ok');
  assert.equal(faultOf(many(headersMax + 1)), '431 too-many-headers headers');
});

test('A-16 a body is taken where the method has one', () => {
  for (const method of ['GET', 'DELETE', 'HEAD', 'OPTIONS']) {
    assert.equal(faultOf([...host, 'Content-Length', '0'], method), 'ok');
    assert.equal(faultOf([...host, 'Content-Length', '1'], method), '400 body-not-allowed body');
    assert.equal(faultOf([...host, 'Transfer-Encoding', 'chunked'], method), '400 body-not-allowed body');
  }
  assert.equal(faultOf([...host, 'Content-Length', '1']), 'ok');
});

test('A-16 a body of HTTP/1.0 has no chunks, and no other version is spoken', () => {
  const chunked = [...host, 'Transfer-Encoding', 'chunked'];
  assert.equal(faultOf(chunked, 'POST', '/mcp', '1.1'), 'ok');
  assert.equal(faultOf(chunked, 'POST', '/mcp', '1.0'), '400 transfer-encoding transfer-encoding');
  assert.equal(faultOf([...host, 'Content-Length', '1'], 'POST', '/mcp', '1.0'), 'ok');
  for (const version of ['0.9', '2.0', '1.2', ''])
    assert.equal(faultOf(host, 'POST', '/mcp', version), '505 http-version request');
});

test('an absolute target is its path, if its authority is the host', () => {
  const head = { method: 'GET', target: 'http://127.0.0.1:7420/a?b#c', version: '1.1', rawHeaders: host };
  const result = guard(head, rules);
  assert.ok(result.ok);
  assert.deepEqual([result.value.path, result.value.query], ['/a', 'b#c']);
});

test('A-17 below a prefix, only plain segments are found', () => {
  const router = createRouter();
  router.under('/api/v1/', () => {});
  const found = (path: string): string | undefined => router.find(path)?.rest;
  assert.equal(found('/api/v1/tasks/t_1'), 'tasks/t_1');
  for (const path of [
    '/api/v1/',
    '/api/v1',
    '/api/v1/a//b',
    '/api/v1/../x',
    '/api/v1/a/.',
    '/api/v1/%41',
    '/api/v1/a;b',
    '/api/v1/a\\b',
    '/api/v1/a b',
    '/api/v1/é',
    '//api/v1/a',
    '/x/api/v1/a',
    '/api/v1/a\n',
  ])
    assert.equal(found(path), undefined, path);
});
