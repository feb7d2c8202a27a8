import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CertificateTerms, type Certified, certify } from '@sallyport/testkit/identity/certificates.ts';
import { verifyChain } from './certificate.ts';

const id = 'spiffe://example.org/ns/billing/sa/invoice';
const root = certify({ name: 'root', ca: true });
const middle = certify({ name: 'middle', ca: true, issuer: root });
const leaf = (terms: Partial<CertificateTerms> = {}) =>
  certify({ name: 'leaf', issuer: middle, names: [`URI:${id}`], ...terms });
const text = (...chain: readonly Certified[]) => chain.map(one => one.der.toString('base64'));

function reason(
  chain: readonly string[],
  authorities: readonly Certified[] | undefined = [root],
  now = Date.now(),
): string {
  const result = verifyChain(chain, 'example.org', authorities && text(...authorities), now);
  return result.ok ? result.value.subject : result.fault.reason;
}

test('an X.509-SVID rests on an authority of its trust domain, directly or over others', () => {
  assert.equal(reason(text(leaf(), middle)), id);
  assert.equal(reason(text(leaf({ issuer: root }))), id);
  assert.equal(reason(text(leaf()), [middle]), id);
});

test('D-1 what does not lead to an authority, or leads over somebody who is none', () => {
  const other = certify({ name: 'root', ca: true });
  assert.equal(reason(text(leaf(), middle), [other]), 'signature', 'an authority of the same name');
  assert.equal(reason(text(leaf())), 'signature', 'without what lies between');
  for (const use of [{}, { keyUsage: false }] as const) {
    const workload = certify({ name: 'workload', issuer: root, names: ['URI:spiffe://example.org/other'], ...use });
    assert.equal(reason(text(leaf({ issuer: workload }), workload)), 'signature', 'signed by a workload');
  }
  const none = verifyChain(text(leaf(), middle), 'example.org', undefined, Date.now());
  assert.equal(none.ok ? '' : none.fault.reason, 'keys-unavailable');
});

test('the ID is the one URI, in its one spelling, of this trust domain, and not an authority', () => {
  assert.equal(reason(text(leaf({ names: [] }), middle)), 'subject');
  assert.equal(reason(text(leaf({ names: [`URI:${id}`, 'URI:spiffe://example.org/b'] }), middle)), 'subject');
  assert.equal(reason(text(leaf({ names: ['URI:https://example.org/a'] }), middle)), 'subject');
  assert.equal(reason(text(leaf({ names: ['DNS:example.org'] }), middle)), 'subject');
  assert.equal(reason(text(leaf({ names: [`DNS:x, URI:${id}`] }), middle)), 'subject', 'a name that holds another one');
  assert.equal(reason(text(leaf({ names: ['URI:spiffe://other.org/a'] }), middle)), 'issuer');
  assert.equal(reason(text(leaf({ ca: true }), middle)), 'key-unfit');
});

test('D-5 every certificate of the way holds now', () => {
  const past = { from: new Date(Date.now() - 7_200_000), until: new Date(Date.now() - 3_600_000) };
  assert.equal(reason(text(leaf(past), middle)), 'expired');
  assert.equal(reason(text(leaf({ from: new Date(Date.now() + 60_000) }), middle)), 'not-yet-valid');
  const old = certify({ name: 'old', ca: true, issuer: root, ...past });
  assert.equal(reason(text(leaf({ issuer: old }), old)), 'expired');
});

test('nothing, too much, and what is no certificate', () => {
  assert.equal(reason([]), 'malformed');
  assert.equal(reason(Array(6).fill(text(leaf())[0])), 'malformed');
  assert.equal(reason(['AAAA']), 'malformed');
});
