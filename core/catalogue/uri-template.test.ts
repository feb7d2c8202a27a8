import assert from 'node:assert/strict';
import test from 'node:test';
import { mayExpandTo } from './uri-template.ts';

test('a template covers what any of its expressions could be filled with, and nothing else', () => {
  const covered: readonly (readonly [string, string])[] = [
    ['note://{id}', 'note://1'],
    ['note://{id}', 'note://'],
    ['file:///{+path}', 'file:///a/b'],
    ['repo://{owner}/{name}/issues/{n}', 'repo://a/b/issues/3'],
    ['search://all{?q,page}', 'search://all?q=1&page=2'],
    ['note://fixed', 'note://fixed'],
    ['{+any}', 'what://ever'],
    ['note://{id}', 'NOTE://1'],
    ['note://{id}', 'no\tte://1'],
    ['data://{id}', `data://${'x'.repeat(10_000)}`],
  ];
  for (const [template, uri] of covered) assert.ok(mayExpandTo(template, uri), `${template} ${uri}`);
  const apart: readonly (readonly [string, string])[] = [
    ['note://{id}', 'other://1'],
    ['note://{id}/text', 'note://1'],
    ['repo://{owner}/{name}/issues/{n}', 'repo://a/b/pulls/3'],
    ['a{x}b{y}b', 'ab'],
    ['note://fixed', 'note://fixed/more'],
    ['ab{x}ba', 'aba'],
  ];
  for (const [template, uri] of apart) assert.ok(!mayExpandTo(template, uri), `${template} ${uri}`);
});
