import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roleOf } from './role.ts';
import { type Claims, signedIn } from './signed-in.ts';

const config = {
  ...{ issuer: 'https://id.example.org', clientId: 'c', clientSecretFile: undefined },
  ...{ nameClaim: 'email', groupsClaim: 'groups' },
  roles: new Map([
    ['viewer', ['group:everybody']],
    ['admin', ['ann@example.org', 'group:admins']],
  ] as const),
};
const claims: Claims = {
  ...{ iss: config.issuer, sub: '7', email: 'ann@example.org', email_verified: true, groups: ['everybody', 7] },
};

test('who signs in is named by the claim that the operator chose, with the groups that are texts', () => {
  assert.deepEqual(signedIn(claims, config), {
    ...{ name: 'ann@example.org', groups: ['everybody'], issuer: config.issuer, subject: '7' },
  });
  assert.equal(signedIn(claims, { ...config, nameClaim: 'sub' }).name, '7');
  assert.deepEqual(signedIn({ ...claims, groups: 'admins' }, config).groups, []);
});

test('E-3 an address counts only where the provider says that it verified it: not where it says no, nothing or a text', () => {
  for (const said of [false, undefined, null, 'true', 'false', 1])
    assert.throws(
      () => signedIn({ ...claims, email_verified: said }, config),
      /does not say that the address was verified/,
    );
  const { email_verified: _, ...silent } = claims;
  assert.throws(() => signedIn(silent as Claims, config), /verified/);
  assert.equal(signedIn({ ...silent, upn: 'ann' } as never, { ...config, nameClaim: 'upn' }).name, 'ann');
});

test('a claim that is missing, empty, no text or endless names nobody', () => {
  for (const email of [undefined, '', 7, ['ann@example.org'], 'a'.repeat(257)])
    assert.throws(() => signedIn({ ...claims, email }, config), /does not say `email`/);
});

test('E-3 of all roles that somebody is named for the highest counts, and a name is no group', () => {
  const of = (name: string, ...groups: string[]) => roleOf({ name, groups, issuer: '', subject: '' }, config);
  assert.equal(of('ann@example.org', 'everybody'), 'admin');
  assert.equal(of('bob@example.org', 'everybody', 'admins'), 'admin');
  assert.equal(of('bob@example.org', 'everybody'), 'viewer');
  assert.equal(of('bob@example.org', 'ann@example.org'), undefined);
  assert.equal(of('group:admins'), undefined, 'whatever somebody calls themselves');
});
