import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeBase64url } from './base64url.ts';
import { agentFor, type Evidence, type Selector } from './evidence.ts';
import { readKeySet } from './key-set.ts';
import { parseSpiffeId } from './spiffe-id.ts';

test('DF13 base64url: what was encoded comes back, and no other text gives the same bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
      const text = Buffer.from(bytes).toString('base64url');
      assert.deepEqual(decodeBase64url(text), new Uint8Array(bytes));
    }),
    { seed: 20_261_122 },
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'AZaz09-_=+/ \n.'), maxLength: 12 }), text => {
      const bytes = decodeBase64url(text);
      if (bytes !== undefined) assert.equal(Buffer.from(bytes).toString('base64url'), text);
    }),
    { seed: 20_261_122, numRuns: 2_000 },
  );
});

describe('which agent', () => {
  const evidence: Evidence = {
    ...{ kind: 'oidc', trust: 'ci', subject: 's', issuer: 'i', expiresAt: 0, id: undefined },
    attributes: new Map([
      ['repository_id', '7'],
      ['ref', 'refs/heads/main'],
    ]),
  };
  const selector = (agent: string, equals: Record<string, string>, trust = 'ci'): Selector => ({
    ...{ agent, trust, equals: new Map(Object.entries(equals)) },
  });
  const who = (...selectors: readonly Selector[]): string => {
    const found = agentFor(evidence, selectors);
    return found.ok ? found.value : found.fault.reason;
  };
  test('the one whose selector agrees in everything', () => {
    assert.equal(who(selector('a', { repository_id: '7' }), selector('b', { repository_id: '8' })), 'a');
    assert.equal(who(selector('a', { repository_id: '7', ref: 'refs/heads/main' })), 'a');
    assert.equal(who(selector('a', { repository_id: '7' }), selector('a', { ref: 'refs/heads/*' })), 'a');
  });
  test('none where nothing agrees, or only in part, or under another trust', () => {
    assert.equal(who(), 'no-agent');
    assert.equal(who(selector('a', {})), 'no-agent');
    assert.equal(who(selector('a', { repository_id: '7', ref: 'refs/tags/1' })), 'no-agent');
    assert.equal(who(selector('a', { repository_id: '7' }, 'other')), 'no-agent');
    assert.equal(who(selector('a', { REPOSITORY_ID: '7' })), 'no-agent');
    assert.equal(who(selector('a', { constructor: '' })), 'no-agent');
  });
  test('none where several do', () =>
    assert.equal(who(selector('a', { repository_id: '7' }), selector('b', { ref: 'refs/heads/main' })), 'many-agents'));
  test('a wildcard is a whole part of a path, and not nothing', () => {
    assert.equal(who(selector('a', { ref: 'refs/heads/*' })), 'a');
    assert.equal(who(selector('a', { ref: 'refs/heads/main/*' })), 'no-agent');
    assert.equal(who(selector('a', { ref: 'refs/he*' })), 'no-agent');
  });
});

test('SPIFFE IDs have one spelling', () => {
  assert.deepEqual(parseSpiffeId('spiffe://example.org/ns/a'), { domain: 'example.org', path: '/ns/a' });
  assert.deepEqual(parseSpiffeId('spiffe://example.org'), { domain: 'example.org', path: '' });
  const wrong = [
    'spiffe://',
    'SPIFFE://a/b',
    'spiffe://A/b',
    'spiffe://a:1/b',
    'spiffe://u@a/b',
    'spiffe://a/b/',
    'spiffe://a//b',
  ];
  const more = [
    'spiffe://a/./b',
    'spiffe://a/../b',
    'spiffe://a/%62',
    'spiffe://a/b?c',
    'spiffe://a/b#c',
    'https://a/b',
    'spiffe:/a/b',
  ];
  for (const text of [
    ...wrong,
    ...more,
    `spiffe://a/${'b'.repeat(2_048)}`,
    `spiffe://${'a'.repeat(256)}/b`,
    'spiffe://a/b\n',
  ])
    assert.equal(parseSpiffeId(text), undefined, text.slice(0, 40));
});

describe('sets of keys', () => {
  const key = { kty: 'EC', crv: 'P-256', x: 'a', y: 'b', kid: 'k' };
  const read = (keys: readonly object[], use: 'sig' | 'spiffe' = 'sig') => readKeySet(JSON.stringify({ keys }), use);
  const count = (...args: Parameters<typeof read>): number | string => {
    const set = read(...args);
    return set.ok ? set.value.keys.length : set.fault.reason;
  };
  test('keys of unknown kinds are left out, ambiguous or private ones end the whole set', () => {
    assert.equal(count([key, { kty: 'new' }, { ...key, kid: 'x', use: 'enc' }, { ...key, kid: 'y', crv: 'P-999' }]), 1);
    assert.equal(count([]), 0);
    for (const keys of [[key, key], [{ ...key, d: 'secret' }], [{ kty: 'oct', k: 'secret' }]])
      assert.equal(count(keys), 'keys-unavailable');
    for (const text of ['', '{}', '[]', '{"keys":{}}', '{"keys":[],"keys":[]}'])
      assert.equal(readKeySet(text, 'sig').ok, false, text);
  });
  test('a bundle says what each key is for, and names it', () => {
    assert.equal(count([{ ...key, use: 'jwt-svid' }], 'spiffe'), 1);
    assert.equal(
      count([key, { ...key, kid: 'z', use: 'x509-svid' }, { ...key, kid: undefined, use: 'jwt-svid' }], 'spiffe'),
      0,
    );
    const bundle = readKeySet(
      JSON.stringify({ keys: [{ kty: 'EC', use: 'x509-svid', x5c: ['AAAA'] }], spiffe_refresh_hint: 7 }),
      'spiffe',
    );
    assert.ok(bundle.ok);
    assert.deepEqual([bundle.value.authorities, bundle.value.refreshHintSeconds], [['AAAA'], 7]);
  });
  test('short, odd and factorable RSA keys are none', () => {
    const n = Buffer.alloc(256, 0xab).toString('base64url');
    assert.equal(count([{ kty: 'RSA', n, e: 'AQAB' }]), 1);
    assert.equal(count([{ kty: 'RSA', n, e: 'AQ' }]), 0);
    assert.equal(count([{ kty: 'RSA', n: Buffer.alloc(128, 0xab).toString('base64url'), e: 'AQAB' }]), 0);
  });
});
