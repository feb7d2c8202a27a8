import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { openReceiver } from '@sallyport/testkit/receiver.ts';
import { temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import type { ApprovalView } from '../../api/view/approval.ts';

/** Links in messages to one person: what they open, and all that they do not. */

const pay = { name: 'pay', inputSchema: { type: 'object', properties: { text: { type: 'string' } } } };
const policies = `
@id("everything") @reason("all is well")
permit (principal, action, resource);

@id("ask-first") @reason("this moves money") @approver("finance") @expires("5m")
forbid (principal, action, resource) unless { context.approved };
`;

interface Scene {
  readonly house: House;
  /** The address in the newest message that one person reads alone. */
  readonly message: (count: number) => Promise<string>;
  readonly as: (
    bearer: string,
    path: string,
    body?: object,
  ) => Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;
}

async function scene(run: (scene: Scene) => Promise<void>, rule = policies): Promise<void> {
  using folder = temporaryFolder();
  using phone = await openReceiver();
  writeFileSync(folder.file('key'), 'k'.repeat(40), { mode: 0o600 });
  const channels = `{ phone: { kind: webhook, url: "${phone.url}", secretFile: ./key, person: "oidc:emma" } }`;
  const config = `approvals: { waitSeconds: 0, groups: { finance: ["oidc:emma"] }, channels: ${channels} }`;
  await using house = await openHouse(folder.path, { policies: rule, script: { tools: [pay] }, config });
  const as: Scene['as'] = async (bearer, path, body) => {
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
    const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await fetch(`${house.gateway.url}/api/v1/${path}`, init);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const message = async (count: number): Promise<string> => {
    await until('a message', () => phone.bodies.length >= count);
    return (JSON.parse(phone.bodies.at(-1) ?? '') as { approval: { url: string } }).approval.url;
  };
  await run({ house, message, as });
}

const linkIn = (url: string): string => new URL(url).hash.slice(1);

test('E-3 a link in a message changes nothing by being opened, works once, and opens one question alone', async () => {
  await scene(async ({ house, message, as }) => {
    await house.call('pay', { text: 'ten' });
    const url = await message(1);
    await house.call('pay', { text: 'twenty' });
    await message(2);
    const [mine, other] = (await house.ask<{ approvals: ApprovalView[] }>('approvals')).approvals;
    assert.ok(mine && other);
    assert.equal(new URL(url).pathname, `/approvals/${mine.id}`);

    // A preview, a scanner: a GET of the page, with or without what stands behind `#`.
    await fetch(url);
    assert.equal((await as(linkIn(url), 'approvals')).status, 401, 'the link itself is no sign-in');
    const redeemed = await as(linkIn(url), 'session', {});
    const session = redeemed.body.session as { token: string; only: string; name: string };
    assert.deepEqual([redeemed.status, session.only, session.name], [201, mine.id, 'oidc:emma']);
    assert.equal((await as(linkIn(url), 'session', {})).status, 401, 'it works once');
    assert.equal((await house.ask<{ approvals: unknown[] }>('approvals')).approvals.length, 2, 'nothing was answered');

    const seen = (await as(session.token, 'approvals?state=all')).body.approvals as ApprovalView[];
    assert.deepEqual(
      seen.map(({ id }) => id),
      [mine.id],
    );
    for (const path of ['status', 'entries', 'tasks', 'agents', `decisions/${mine.decision}`, 'audit', 'policy'])
      assert.equal((await as(session.token, path)).status, 403, path);
    for (const [path, body] of [
      [`approvals/${other.id}`, { answer: 'approved' }],
      [`approvals/${mine.id}/endorse`, { what: 'tool', why: 'x' }],
      ['kill', { scope: 'all' }],
      ['session/link', {}],
    ] as const)
      assert.equal((await as(session.token, path, body)).status, 403, path);

    assert.equal((await as(session.token, `approvals/${mine.id}`, { answer: 'approved' })).status, 200);
    assert.equal((await house.call('pay', { text: 'ten' })).isError, undefined);
    const all = (await house.ask<{ approvals: ApprovalView[] }>('approvals?state=all')).approvals;
    const { by, proof } = all.find(({ id }) => id === mine.id)?.answered ?? {};
    assert.deepEqual([by, proof], ['oidc:emma', 'link']);
    assert.equal((await house.call('pay', { text: 'twenty' })).isError, true, 'the other question is as it was');
  });
});

test('E-3 a question that needs two people is not answered by a link, and one for somebody else neither', async () => {
  const two = policies.replace('@expires', '@people("2") @expires');
  await scene(async ({ house, message }) => {
    await house.call('pay', { text: 'ten' });
    assert.equal(new URL(await message(1)).hash, '', 'no link was made');
  }, two);
  await scene(
    async ({ house, message, as }) => {
      await house.call('pay', { text: 'ten' });
      const url = await message(1);
      const { body } = await as(linkIn(url), 'session', {});
      const { token, only } = body.session as { token: string; only: string };
      const answered = await as(token, `approvals/${only}`, { answer: 'approved' });
      assert.equal(answered.status, 409);
      assert.match(
        (answered.body.error as { message: string }).message,
        /asked of operator, and you are not among them/,
      );
    },
    policies.replace('"finance"', '"operator"'),
  );
});
