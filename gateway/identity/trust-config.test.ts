import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../app/config/config.ts';

function said(trust: string, proofs = '{}'): string {
  try {
    parseConfig('/x/sallyport.yaml', `trust: ${trust}\nagents: { a: { principal: "user:a", proofs: ${proofs} } }`);
    return '';
  } catch (thrown) {
    return (thrown as Error).message;
  }
}

const oidc = '{ t: { kind: oidc, issuer: "https://i.example" } }';

test('an issuer whose keys anybody on the way could replace is refused, and so is one that cannot be told from another', () => {
  assert.equal(said(oidc), '');
  assert.equal(said('{ t: { kind: oidc, issuer: "http://127.0.0.1:9" } }'), '');
  for (const [trust, problem] of [
    ['{ t: { kind: oidc, issuer: "http://i.example" } }', /https/],
    ['{ t: { kind: oidc, issuer: "https://u:p@i.example" } }', /https/],
    ['{ t: { kind: oidc, issuer: "https://i.example", keys: { url: "http://i.example/k" } } }', /https/],
    ['{ t: { kind: oidc, issuer: "https://i.example", keys: { url: "https://k", file: k } } }', /not both/],
    ['{ t: { kind: oidc } }', /issuer. is required/],
    ['{ t: { kind: kubernetes, issuer: kubernetes/serviceaccount } }', /legacy tokens/],
    ['{ t: { kind: spiffe, domain: "Example.org", bundle: { file: b } } }', /trust domain/],
    ['{ t: { kind: spiffe, domain: example.org } }', /bundle. is required/],
    ['{ t: { kind: saml, issuer: "https://i.example" } }', /must be one of/],
    ['{ sallyport: { kind: github-actions } }', /no word of ours/],
    ['{ vendor: { kind: github-actions } }', /no word of ours/],
    [
      '{ a: { kind: github-actions }, b: { kind: oidc, issuer: "https://token.actions.githubusercontent.com" } }',
      /another entry names already/,
    ],
    ['{ t: { kind: oidc, issuer: "https://i.example", audiance: x } }', /did you mean `audience`/],
  ] as const)
    assert.match(said(trust), problem, trust);
});

test('a selector says enough to be one workload, in the words of its trust', () => {
  const spiffe = '{ t: { kind: spiffe, domain: example.org, bundle: { file: b } } }';
  for (const [trust, proofs, problem] of [
    [oidc, '{ t: {} }', /at least one claim/],
    [oidc, '{ u: { sub: a } }', /names no entry of `trust`; there are t/],
    ['{ t: { kind: github-actions } }', '{ t: { repository: octo/repo } }', /needs `repository_id`/],
    ['{ t: { kind: github-actions } }', '{ t: { repository_id: "1" } }', /needs `repository_owner_id`/],
    ['{ t: { kind: github-actions } }', '{ t: { repository_id: 1, repository_owner_id: "2" } }', /must be a text/],
    ['{ t: { kind: kubernetes, issuer: "https://k.example" } }', '{ t: { serviceAccount: a } }', /needs `namespace`/],
    [spiffe, '{ t: { spiffeId: "spiffe://other.org/a" } }', /of its trust domain/],
    [spiffe, '{ t: { spiffeId: "spiffe://example.org/a*" } }', /of its trust domain/],
    ['{ t: { kind: id-jag, issuer: "https://i.example" } }', '{ t: { sub: a } }', /not which agent it is/],
    ['{}', '{ vendor: { clientId: plain } }', /redirectUris/],
    ['{}', '{ vendor: { clientId: "https://v.example/../c" } }', /metadata document/],
    ['{}', '{ vendor: { clientId: c, redirectUris: ["https://v.example/#x"] } }', /without user or fragment/],
    ['{}', '{ vendor: { clientId: c, redirectUris: ["http://v.example/"] } }', /http on this machine/],
    ['{}', '{ private-key: {} }', /required/],
  ] as const)
    assert.match(said(trust, proofs), problem, proofs);
  assert.equal(said(spiffe, '{ t: { spiffeId: "spiffe://example.org/a/*" } }'), '');
});

test('one client is one agent, and a client that a vendor runs makes its agent the vendor’s', () => {
  const two = 'vendor: { clientId: c, redirectUris: ["http://127.0.0.1/"] }';
  const text = (names: readonly string[]) =>
    `agents: { ${names.map(name => `${name}: { principal: "user:a", proofs: { ${two} } }`).join(', ')} }`;
  assert.equal(parseConfig('/x/sallyport.yaml', text(['a'])).agents[0]?.vendor, true);
  assert.throws(() => parseConfig('/x/sallyport.yaml', text(['a', 'b'])), /a client that `a` has already/);
});
