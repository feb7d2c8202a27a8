import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Manifest, noManifest } from '../model/task.ts';
import { contains, covers, isStated, meet, narrows, patternFault } from './manifest.ts';

const stated = (over: Partial<Manifest>): Manifest => ({ ...noManifest, ...over });
const tool = (name: string) => ({ tool: name, resources: undefined, destinations: undefined });

describe('what a manifest contains', () => {
  test('nothing is in one that states nothing', () => {
    assert.equal(isStated(noManifest), false);
    assert.equal(contains(noManifest, tool('files/read')), false);
  });

  test('tools by their name or by their server, and `[]` is none', () => {
    const manifest = stated({ tools: ['files/*', 'mail/send'] });
    assert.equal(contains(manifest, tool('files/read')), true);
    assert.equal(contains(manifest, tool('mail/send')), true);
    assert.equal(contains(manifest, tool('mail/send_all')), false);
    assert.equal(contains(manifest, tool('filesystem/read')), false);
    assert.equal(contains(stated({ tools: [] }), tool('files/read')), false);
  });

  test('every part that is stated has to hold, and what nobody knows is in none', () => {
    const manifest = stated({ tools: ['mail/*'], destinations: ['*@example.org'] });
    const mail = (destinations: string[] | undefined) => ({ ...tool('mail/send'), destinations });
    assert.equal(contains(manifest, mail(['anna@example.org'])), true);
    assert.equal(contains(manifest, mail(['anna@example.org', 'eve@evil.example'])), false);
    assert.equal(contains(manifest, mail(undefined)), false, 'an unknown destination');
    assert.equal(contains(manifest, mail([])), true, 'an action that is known to tell nobody');
  });

  test('A-17 a `*` stands for something plain: no climbing, no escapes, no host within an address', () => {
    const within = (word: string): boolean => covers('resources', 'file:///reports/*', word);
    assert.equal(within('file:///reports/2030/q1.txt'), true);
    for (const word of ['../x', 'a/../../etc/passwd', '..', './a', 'a/.', '%2e%2e/x', 'a%2Fb', 'a\\..\\b', '..?x'])
      assert.equal(within(`file:///reports/${word}`), false, word);
    for (const word of ['.. ', "..'", '..\t"', 'a/..\u200b', '%252e%252e/x', 'a%25252fb'])
      assert.equal(within(`file:///reports/${word}`), false, JSON.stringify(word));
    assert.equal(within("file:///reports/ann's list.txt"), true);
    assert.equal(covers('resources', '/a/.*', '/a/..'), false);
    assert.equal(covers('resources', '/a/report.txt', '/a/report.txs'), false, 'a name is no pattern');
    assert.equal(covers('tools', 'files/read', 'files/reap'), false);
    assert.equal(covers('destinations', 'ann@example.org', 'bnn@example.org'), false);
    assert.equal(covers('destinations', 'example.org', 'xample.org'), false);
    for (const word of ['www.example.org', 'a.b.example.org', '*.a.example.org'])
      assert.equal(covers('destinations', '*.example.org', word), true, word);
    for (const word of ['example.org', 'evilexample.org', 'evil.com/.example.org', 'a@b.example.org', '.example.org'])
      assert.equal(covers('destinations', '*.example.org', word), false, word);
    for (const word of ['@example.org', 'eve@evil.com,a@example.org', '"a b"@example.org', 'a@b@example.org'])
      assert.equal(covers('destinations', '*@example.org', word), false, word);
  });
});

describe('one manifest within another', () => {
  test('names the part that would reach beyond', () => {
    const parent = stated({ tools: ['files/*'], resources: ['/reports/*'] });
    const child = (over: Partial<Manifest>): Manifest => ({ ...parent, ...over });
    assert.equal(narrows(parent, parent), undefined);
    assert.equal(
      narrows(parent, child({ tools: ['files/read'], resources: ['/reports/2030/*', '/reports/a'] })),
      undefined,
    );
    assert.equal(narrows(parent, child({ tools: ['files/*', 'mail/send'] })), 'tools');
    assert.equal(narrows(parent, child({ resources: ['/*'] })), 'resources');
    assert.equal(narrows(parent, child({ resources: ['/reports/../*'] })), 'resources');
    assert.equal(narrows(parent, child({ resources: undefined })), 'resources', 'not stated is wider than stated');
    assert.equal(narrows(noManifest, parent), undefined, 'a parent that states nothing bounds nothing');
  });

  test('where two bound one task, what both name is left', () => {
    const a = stated({ tools: ['files/*', 'mail/send'] });
    const b = stated({ tools: ['files/read', 'mail/*', 'web/get'], destinations: ['*.example.org'] });
    assert.deepEqual(meet(a, b), {
      tools: ['mail/send', 'files/read'],
      resources: undefined,
      destinations: ['*.example.org'],
    });
  });
});

test('the form of each list', () => {
  assert.equal(patternFault('tools', 'files/*'), undefined);
  assert.equal(patternFault('tools', 'files/read_*'), 'must be SERVER/TOOL or SERVER/*');
  assert.equal(patternFault('resources', '/reports/*'), undefined);
  assert.match(patternFault('resources', '*') ?? '', /may only end it/);
  assert.match(patternFault('resources', '/a*b') ?? '', /may only end it/);
  assert.equal(patternFault('destinations', '*@example.org'), undefined);
  assert.match(patternFault('destinations', '*') ?? '', /may only begin it/);
  assert.match(patternFault('destinations', 'a b') ?? '', /without spaces/);
});
