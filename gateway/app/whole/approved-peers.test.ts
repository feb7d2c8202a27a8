import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestAgent } from '@sallyport/testkit/a2a/agent.ts';
import { type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import type { ApprovalView } from '../../api/view/approval.ts';

/** Approve A, execute B: at both doors of A2A, over what the other agents have really heard. */

const policies = `
@id("everything") @reason("all is well")
permit (principal, action, resource);

@id("ask-first") @reason("this speaks for the house") @approver("operator") @expires("5m")
forbid (principal, action in [
  Action::"booking/a2a:SendMessage", Action::"booking/a2a:SendStreamingMessage", Action::"other/a2a:SendMessage"
], resource) unless { context.approved };
`;

interface Message {
  readonly messageId: string;
  readonly role: string;
  readonly parts: readonly { readonly text: string }[];
  readonly [more: string]: unknown;
}

interface Sending {
  readonly peer?: string;
  readonly method?: 'SendMessage' | 'SendStreamingMessage';
  readonly message?: Partial<Message>;
  /** Beside the message. */
  readonly more?: object;
  readonly tenant?: string;
}

const message: Message = { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'answer ten' }] };
/** What is approved at one door and what is approved at the other are two messages. */
const approvedIn = (round: number): Sending => ({ message: { messageId: `m-1${round}` } });

/** The two bindings of A2A 1.0, as raw as they are on the wire. */
async function doorsOf(house: House) {
  const { token } = await house.ask<{ token: string }>('agents/writer/token', {});
  const post = async (path: string, body: object): Promise<string> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'a2a-version': '1.0' };
    const url = `${house.gateway.url}/a2a/${path}`;
    return await (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).text();
  };
  const paramsOf = ({ message: other, more }: Sending): object => ({ message: { ...message, ...other }, ...more });
  const rpc = (sending: Sending): Promise<string> => {
    const tenant = sending.tenant === undefined ? {} : { tenant: sending.tenant };
    const method = sending.method ?? 'SendMessage';
    const params = { ...tenant, ...paramsOf(sending) };
    return post(sending.peer ?? 'booking', { jsonrpc: '2.0', id: 1, method, params });
  };
  const rest = (sending: Sending): Promise<string> => {
    const verb = sending.method === 'SendStreamingMessage' ? 'stream' : 'send';
    const tenant = sending.tenant === undefined ? '' : `/${sending.tenant}`;
    return post(`${sending.peer ?? 'booking'}${tenant}/message:${verb}`, paramsOf(sending));
  };
  return [
    { name: 'JSON-RPC', send: rpc },
    { name: 'HTTP+JSON', send: rest },
  ];
}

const others: readonly Sending[] = [
  { message: { parts: [{ text: 'answer eleven' }] } },
  { message: { parts: [{ text: 'answer ten ' }] } },
  { message: { parts: [{ text: 'answer ten\u200b' }] } },
  { message: { parts: [{ text: 'answer ten' }, { text: 'and eleven' }] } },
  { message: { messageId: 'm-2' } },
  { message: { role: 'ROLE_AGENT' } },
  { message: { contextId: 'c-9' } },
  { message: { metadata: { to: 'others' } } },
  { more: { metadata: { to: 'others' } } },
  { more: { configuration: { acceptedOutputModes: ['text/plain'] } } },
  { tenant: 'acme' },
  { method: 'SendStreamingMessage' },
  { peer: 'other' },
];

/** The approved message with one thing changed. */
function besides(approved: Sending, change: Sending): Sending {
  return { ...approved, ...change, message: { ...approved.message, ...change.message } };
}

async function answerAll(house: House, wanted: (asked: ApprovalView) => boolean): Promise<number> {
  const { approvals } = await house.ask<{ approvals: ApprovalView[] }>('approvals');
  const pending = approvals.filter(({ state }) => state === 'pending');
  for (const asked of pending)
    await house.ask(`approvals/${asked.id}`, { answer: wanted(asked) ? 'approved' : 'refused' });
  return pending.filter(wanted).length;
}

test('E-1 E-2 F-1 a yes to one message to another agent sends no other message, to nobody else, and itself once', async () => {
  using folder = temporaryFolder();
  await using agent = await openTestAgent();
  const config = `approvals: { waitSeconds: 0 }
a2a:
  booking: { url: "${agent.url}" }
  other: { url: "${agent.url}" }
`;
  await using house = await openHouse(folder.path, { policies, script: { tools: [] }, config });
  const heard = (): string[] => agent.heard.filter(({ body }) => body.includes('essage')).map(({ body }) => body);
  const doors = await doorsOf(house);
  for (const [at, asking] of doors.entries()) {
    const approved = approvedIn(at);
    assert.match(await asking.send(approved), /Once ap_/, asking.name);
    assert.equal(await answerAll(house, () => true), 1);
    for (const door of doors)
      for (const other of others) {
        const answer = await door.send(besides(approved, other));
        assert.match(answer, /ask-first|"error":/, `${door.name} ${JSON.stringify(other)}`);
        assert.equal(heard().length, at, `${door.name} sent ${JSON.stringify(other)}`);
        await answerAll(house, () => false);
      }
    const uses = await Promise.all([...doors, ...doors].map(door => door.send(approved)));
    assert.equal(uses.filter(answer => !answer.includes('"error":')).length, 1, uses.join(' '));
    assert.equal(heard().length, at + 1);
    assert.match(heard().at(-1) ?? '', /"answer ten"/);
    await answerAll(house, () => false);
  }
});
