import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeys } from './keys.ts';

test('C-5 an issuer’s own words say where its keys are: of another issuer, without TLS, or nowhere, they are nothing', async () => {
  const issuer = 'https://id.example';
  const keysAfter = async (document: object): Promise<string> => {
    const asked: string[] = [];
    const fetch = async ({ url }: { readonly url: string }): Promise<string> => {
      asked.push(url);
      return url.endsWith('openid-configuration') ? JSON.stringify(document) : '{"keys":[]}';
    };
    const source = { kind: 'issuer', issuer, ca: undefined, tokenFile: undefined } as const;
    const found = await createKeys(source, 'sig', { now: () => 0, fetch }).current();
    return asked[1] ?? (found.ok ? 'none asked' : found.fault.detail);
  };
  assert.equal(await keysAfter({ issuer, jwks_uri: 'https://keys.example/k' }), 'https://keys.example/k');
  for (const [document, why] of [
    [{ issuer: `${issuer}/`, jwks_uri: `${issuer}/k` }, /names another issuer/],
    [{ jwks_uri: `${issuer}/k` }, /names another issuer/],
    [{ issuer }, /names no keys/],
    [{ issuer, jwks_uri: 'k' }, /names no keys/],
    [{ issuer, jwks_uri: 'http://keys.example/k' }, /not https/],
    [{ issuer, jwks_uri: 'file:///etc/passwd' }, /not https/],
  ] as const)
    assert.match(await keysAfter(document), why);
});

test('keys that are older than they may be count no more, however long their issuer cannot be asked', async () => {
  let now = 0;
  let isThere = true;
  const fetch = async (): Promise<string> => {
    if (!isThere) throw new Error('gone');
    return '{"keys":[]}';
  };
  const source = { kind: 'url', url: 'https://id.example/keys', ca: undefined, tokenFile: undefined } as const;
  const keys = createKeys(source, 'sig', { now: () => now, fetch });
  assert.ok((await keys.current()).ok);
  isThere = false;
  now = 3_600_000;
  assert.ok((await keys.current()).ok);
  assert.ok((await keys.lookAgain()).ok, 'those at hand');
  now += 120_000;
  assert.equal((await keys.lookAgain()).ok, false);
  assert.equal((await keys.current()).ok, false);
  isThere = true;
  now += 120_000;
  assert.ok((await keys.current()).ok);
});
