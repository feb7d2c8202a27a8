import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { outerName, outerUri, routeName, routeUri, type Scope } from './names.ts';

const server = fc.stringMatching(/^[a-z0-9-]{1,24}$/);
const name = fc.string({ minLength: 1, maxLength: 40, unit: 'binary' });
const all: Scope = { kind: 'all' };

test('names and URIs survive the way out and back, whatever they hold', () => {
  fc.assert(
    fc.property(server, name, (id, own) => {
      assert.deepEqual(routeName(all, outerName(all, id, own)), { server: id, name: own });
      assert.deepEqual(routeUri(all, outerUri(all, id, own)), { server: id, name: own });
      const one: Scope = { kind: 'one', server: id };
      assert.deepEqual(routeName(one, outerName(one, id, own)), { server: id, name: own });
      assert.deepEqual(routeUri(one, outerUri(one, id, own)), { server: id, name: own });
    }),
  );
});

test('no two servers share a name', () => {
  fc.assert(
    fc.property(server, name, server, name, (a, x, b, y) => {
      fc.pre(a !== b || x !== y);
      assert.notEqual(outerName(all, a, x), outerName(all, b, y));
      assert.notEqual(outerUri(all, a, x), outerUri(all, b, y));
    }),
  );
});

test('a name that says no server goes nowhere', () => {
  for (const text of ['read_file', '__read_file', 'files__', 'FILES__x', 'a/b__x', `${'a'.repeat(25)}__x`, ''])
    assert.equal(routeName(all, text), undefined, text);
  for (const text of [
    'file:///a',
    'sallyport+:file:///a',
    'sallyport+files',
    'sallyport+files:',
    'Sallyport+files:x',
    'sallyport+a_b:x',
  ])
    assert.equal(routeUri(all, text), undefined, text);
});
