import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { openTokenStore } from '../stores/tokens/token-store.ts';
import type { Agreement } from './agreement.ts';
import { codeSecondsMax, createCodes } from './codes.ts';
import { Parameters } from './form.ts';
import type { GrantRequest } from './grant.ts';
import { OAuthFault } from './oauth-fault.ts';
import { createRefreshTokens } from './refresh.ts';

/** What a sign-in gives: a code for whoever began it, and refresh tokens of which each counts once. */

const verifier = 'v'.repeat(43);
const agreement: Agreement = {
  ...{ clientId: 'client', redirectUri: 'http://127.0.0.1/cb', resource: 'http://us/mcp', scope: ['tools:read'] },
  ...{ agent: 'a', principal: 'user:emma', origin: { issuer: 'https://id.example', subject: '7' } },
  challenge: createHash('sha256').update(verifier).digest('base64url'),
};

function request(form: Record<string, string | undefined>, clientId = 'client', jkt?: string): GrantRequest {
  const given = Object.entries(form).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return { form: new Parameters(new Map(given)), client: { kind: 'public', clientId }, jkt };
}

async function outcome(redeeming: Promise<unknown>): Promise<string> {
  return await redeeming.then(
    () => 'granted',
    thrown => (thrown instanceof OAuthFault ? thrown.code : String(thrown)),
  );
}

function opened() {
  const clock = { now: 1_000_000 };
  const revoked = new Set<string>();
  const revoke = async (name: string) => void revoked.add(name);
  const openSession = () => assert.fail('a client gets no session');
  const codes = createCodes({ now: () => clock.now, tokenIssuer: { revoke }, openSession });
  return { clock, codes, revoked, issuer: { revoke, isRevoked: (name: string) => revoked.has(name) } };
}

describe('a code', () => {
  const good = (code: string) => ({ code, redirect_uri: agreement.redirectUri, code_verifier: verifier });

  test('D-3 is good for the client that began, at its address, with its verifier, for what was agreed to, once', async () => {
    for (const [over, clientId, expected] of [
      [{}, 'client', 'granted'],
      [{ resource: agreement.resource }, 'client', 'granted'],
      [{}, 'thief', 'invalid_grant'],
      [{ redirect_uri: 'http://127.0.0.1/cb2' }, 'client', 'invalid_grant'],
      [{ code_verifier: 'w'.repeat(43) }, 'client', 'invalid_grant'],
      [{ code_verifier: 'v'.repeat(42) }, 'client', 'invalid_grant'],
      [{ code_verifier: `${'v'.repeat(42)}!` }, 'client', 'invalid_grant'],
      [{ resource: 'http://us/mcp/bank' }, 'client', 'invalid_target'],
      [{ redirect_uri: undefined }, 'client', 'invalid_request'],
      [{ code_verifier: undefined }, 'client', 'invalid_request'],
      [{ code: 'code_other' }, 'client', 'invalid_grant'],
    ] as const) {
      const { codes } = opened();
      const form = { ...good(codes.issue(agreement)), ...over };
      assert.equal(
        await outcome(codes.redeem(request(form, clientId))),
        expected,
        `${clientId} ${JSON.stringify(over)}`,
      );
    }
  });

  test('D-3 a verifier shorter than there may be proves nothing, whatever it hashes to', async () => {
    const { codes } = opened();
    for (const short of ['', 'v'.repeat(42), 'v'.repeat(129)]) {
      const challenge = createHash('sha256').update(short).digest('base64url');
      const form = { ...good(codes.issue({ ...agreement, challenge })), code_verifier: short };
      assert.equal(await outcome(codes.redeem(request(form))), 'invalid_grant');
    }
  });

  test('D-3 that comes a second time takes back what it gave; one that failed is spent as well', async () => {
    const { codes, revoked } = opened();
    const code = codes.issue(agreement);
    const granted = await codes.redeem(request(good(code)));
    assert.ok('order' in granted && granted.order.family !== undefined);
    assert.deepEqual([...revoked], []);
    assert.equal(await outcome(codes.redeem(request(good(code)))), 'invalid_grant');
    assert.deepEqual([...revoked], [granted.order.family]);
    const other = codes.issue(agreement);
    assert.equal(await outcome(codes.redeem(request(good(other), 'thief'))), 'invalid_grant');
    assert.equal(await outcome(codes.redeem(request(good(other)))), 'invalid_grant');
  });

  test('makes room for another when its minute is over, and until then there is an end to them', () => {
    const { codes, clock } = opened();
    for (let n = 0; n < 10_000; n++) codes.issue(agreement);
    assert.throws(() => codes.issue(agreement), /too many sign-ins/);
    clock.now += codeSecondsMax * 1_000 + 1;
    assert.match(codes.issue(agreement), /^code/);
  });

  test('ends with its minute', async () => {
    const { codes, clock } = opened();
    const [early, late] = [codes.issue(agreement), codes.issue(agreement)];
    clock.now += codeSecondsMax * 1_000;
    assert.equal(await outcome(codes.redeem(request(good(early)))), 'granted');
    clock.now += 1;
    assert.equal(await outcome(codes.redeem(request(good(late)))), 'invalid_grant');
  });
});

describe('a refresh token', () => {
  const use = async (
    over: { readonly form?: Record<string, string>; readonly clientId?: string; readonly jkt?: string | undefined },
    boundTo?: string,
    before: (revoke: (name: string) => Promise<void>) => Promise<void> = async () => {},
  ) => {
    using folder = temporaryFolder();
    const { clock, issuer, revoked } = opened();
    const store = openTokenStore({
      file: folder.file('t.sqlite'),
      tenant: 'local',
      now: () => clock.now,
      ranBefore: false,
    });
    const tokens = createRefreshTokens(store, issuer, () => clock.now);
    const token = await tokens.issue(agreement, 'fam_1', boundTo);
    await before(issuer.revoke);
    const asked = request({ refresh_token: token, ...over.form }, over.clientId, over.jkt);
    const first = await outcome(tokens.redeem(asked));
    const taken = [...revoked];
    const second = await outcome(tokens.redeem(request({ refresh_token: token }, 'client', boundTo)));
    await tokens.revoke(token, 'thief');
    const byOthers = [...revoked];
    await tokens.revoke(token, 'client');
    assert.ok(revoked.has('fam_1'), 'whoever it was given to can end its sign-in');
    store.close();
    return { first, second, taken, revoked: byOthers };
  };

  test('D-8 counts once, and whoever brings it again ends the sign-in for both', async () => {
    const { first, second, taken, revoked } = await use({});
    assert.deepEqual([first, second, taken, revoked], ['granted', 'invalid_grant', [], ['fam_1']]);
  });

  test('D-8 is good for its client, its key, what was agreed to, and while the sign-in stands; a stranger spends nothing', async () => {
    const key = 'thumbprint';
    assert.equal((await use({ jkt: key }, key)).first, 'granted');
    for (const refused of [
      await use({ clientId: 'thief' }),
      await use({ jkt: 'another' }, key),
      await use({ jkt: undefined }, key),
      await use({ form: { refresh_token: 'rt_other' } }),
    ])
      assert.deepEqual([refused.first, refused.second, refused.revoked], ['invalid_grant', 'granted', []]);
    assert.equal((await use({}, undefined, revoke => revoke('fam_1'))).first, 'invalid_grant');
    assert.equal((await use({ form: { resource: 'http://us/mcp/bank' } })).first, 'invalid_target');
    assert.equal((await use({ form: { scope: 'tools:call' } })).first, 'invalid_scope');
  });
});
