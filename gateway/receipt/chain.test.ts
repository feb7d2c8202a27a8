import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { callerOf, type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { checkReceipt } from './check/check.ts';
import { makeReceipt, type Receipt } from './receipt.ts';

/** Decisions of an agent in a chain: `desk` delegates to `lead`, and `lead` to `writer`, who acts. */
const policies = `
@id("all") @reason("all is well") @obligation("result-bytes-max=9000")
permit (principal, action, resource);

@id("desk-may") @obligation("handles=external")
permit (principal == Agent::"desk", action == Action::"notes/read", resource);

@id("lead-never") @reason("lead may not delete")
forbid (principal == Agent::"lead", action == Action::"notes/remove", resource);

@id("writer-never") @reason("a writer may not burn")
forbid (principal == Agent::"writer", action == Action::"notes/burn", resource);

@id("lead-asks") @reason("what lead hands on is looked at") @approver("lead-desk, board") @people("2") @expires("5m")
forbid (principal in AgentClass::"leads", action == Action::"notes/pay", resource)
when { context.input has amount && context.input.amount > 5 && principal.trust < 3 } unless { context.approved };

@id("desk-asks") @reason("desk answers for it") @approver("board")
forbid (principal == Agent::"desk", action == Action::"notes/pay", resource) unless { context.approved };
`;

const text = { type: 'object', properties: { text: { type: 'string' }, amount: { type: 'integer' } } };
const tools = ['read', 'remove', 'burn', 'pay'].map(name => ({ name, inputSchema: text }));
const agents = `  lead: { principal: "user:emma", classes: [leads] }
  desk: { principal: "user:emma" }
approvals: { waitSeconds: 0 }
`;

interface Opened {
  readonly task: { readonly id: string };
  readonly token: string;
}

describe('receipts of what was decided through a chain of delegation', () => {
  const folder = temporaryFolder();
  let house: House;
  let vkey: string;
  const ids: Record<string, string> = {};

  before(async () => {
    house = await openHouse(folder.path, { policies, script: { tools }, config: agents });
    const opened = async (agent: string, parent?: Opened): Promise<Opened> =>
      house.ask<Opened>('tasks', {
        agent,
        purpose: 'work',
        segments: ['notes'],
        ...(parent === undefined ? {} : { parent: parent.task.id }),
      });
    const top = await opened('desk');
    const middle = await opened('lead', top);
    const bottom = await opened('writer', middle);
    const call = callerOf(`${house.gateway.url}/mcp/notes`, house.token, bottom.token);
    const decided = async (name: string, args: object): Promise<string> => {
      await call(name, args);
      const { entries } = await house.ask<{ entries: { id: string }[] }>('entries?kind=decided');
      return entries.at(-1)?.id ?? '';
    };
    ids.permit = await decided('read', { text: 'x' });
    ids.deny = await decided('remove', { text: 'x' });
    ids.own = await decided('burn', { text: 'x' });
    ids.ask = await decided('pay', { text: 'rent', amount: 10 });
    const { approvals } = await house.ask<{ approvals: { id: string }[] }>('approvals');
    for (const { id } of approvals) await house.ask(`approvals/${id}`, { answer: 'approved' });
    ids.alone = await (async () => {
      await house.call('pay', { text: 'x', amount: 10 });
      const { entries } = await house.ask<{ entries: { id: string }[] }>('entries?kind=decided');
      return entries.at(-1)?.id ?? '';
    })();
    vkey = readFileSync(join(house.stateDir, 'journal', 'vkey'), 'utf8');
  });
  after(async () => {
    await house.gateway.close();
    folder[Symbol.dispose]();
  });

  const receiptOf = (which: string, fields: readonly string[] = ['needed']): Promise<Receipt> =>
    makeReceipt({ stateDir: house.stateDir, id: ids[which] ?? '', fields });

  for (const [which, answer] of [
    ['permit', 'permit'],
    ['deny', 'deny'],
    ['own', 'deny'],
    ['ask', 'ask'],
    ['alone', 'permit'],
  ] as const)
    test(`an outsider decides the same again: ${which}`, async () => {
      const { text, decision, shown } = await receiptOf(which);
      assert.equal(decision.answer, answer);
      assert.equal(shown.includes('actors'), which !== 'alone');
      const checked = checkReceipt(text, vkey);
      assert.equal(checked.ok && checked.again.kind, 'same', JSON.stringify(checked));
    });
});
