import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import type { ApprovalView } from '../../api/view/approval.ts';

/** Approve A, execute B: at every MCP door of a whole gateway, over what its upstream has really received. */

const text = { type: 'object', properties: { text: { type: 'string' }, note: { type: 'string' } } };
const tools = ['pay', 'pay2'].map(name => ({ name, inputSchema: text }));
const policies = `
@id("everything") @reason("all is well")
permit (principal, action, resource);

@id("ask-first") @reason("this moves money") @approver("operator") @expires("5m")
forbid (principal, action in [Action::"notes/pay", Action::"notes/pay2"], resource) unless { context.approved };
`;
const modern = '2026-07-28';
const legacy = '2025-11-25';

interface Door {
  readonly name: string;
  /** Sends these very bytes as the arguments of a call; the body that came back. */
  readonly send: (tool: string, argumentsText: string) => Promise<string>;
}

async function doorsOf(house: House): Promise<Door[]> {
  const { token } = await house.ask<{ token: string }>('agents/writer/token', {});
  const post = (path: string, body: string, more: Record<string, string>): Promise<Response> =>
    fetch(`${house.gateway.url}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...more,
      },
      body,
    });
  const meta = JSON.stringify({
    'io.modelcontextprotocol/protocolVersion': modern,
    'io.modelcontextprotocol/clientCapabilities': {},
  });
  const hello = { protocolVersion: legacy, capabilities: {}, clientInfo: { name: 'peer', version: '0' } };
  const doors: Door[] = [];
  for (const [path, prefix] of [
    ['/mcp/notes', ''],
    ['/mcp', 'notes__'],
  ] as const) {
    const call = (name: string, args: string, more = ''): string =>
      `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"${name}","arguments":${args}${more}}}`;
    doors.push({
      name: `${path} ${modern}`,
      send: async (tool, args) => {
        const name = `${prefix}${tool}`;
        const headers = { 'mcp-protocol-version': modern, 'mcp-method': 'tools/call', 'mcp-name': name };
        return await (await post(path, call(name, args, `,"_meta":${meta}`), headers)).text();
      },
    });
    const begun = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: hello });
    const session = (await post(path, begun, {})).headers.get('mcp-session-id') ?? '';
    assert.notEqual(session, '');
    const headers = { 'mcp-session-id': session, 'mcp-protocol-version': legacy };
    await post(path, JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }), headers);
    doors.push({
      name: `${path} ${legacy}`,
      send: async (tool, args) => await (await post(path, call(`${prefix}${tool}`, args), headers)).text(),
    });
  }
  return doors;
}

const approved = '{"text":"ten"}';
const others: readonly (readonly [tool: string, args: string])[] = [
  ['pay', '{"text":"eleven"}'],
  ['pay', '{"text":"ten "}'],
  ['pay', '{"text":"ten\\u200b"}'],
  ['pay', '{"text":"Ten"}'],
  ['pay', '{"text":"ten","note":""}'],
  ['pay', '{"text":"ten","other":1}'],
  ['pay', '{"text":["ten"]}'],
  ['pay', '{"text":"ten","text":"eleven"}'],
  ['pay', '{"text":"eleven","text":"ten"}'],
  ['pay', '{"Text":"ten"}'],
  ['pay', '{}'],
  ['pay', '[]'],
  ['pay2', approved],
];

/** So that questions about others do not fill up what one task may ask. */
async function refuseOthers(house: House): Promise<void> {
  const { approvals } = await house.ask<{ approvals: ApprovalView[] }>('approvals');
  for (const { id, arguments: params, tool } of approvals)
    if (tool !== 'notes/pay' || !params?.endsWith(`"arguments":${approved}}`))
      await house.ask(`approvals/${id}`, { answer: 'refused' });
}

test('E-1 E-2 a yes that was asked for at one door performs nothing else at any, and itself once', async () => {
  using folder = temporaryFolder();
  const config = 'approvals: { waitSeconds: 0 }';
  await using house = await openHouse(folder.path, { policies, script: { tools }, config });
  const sent = (): string[] =>
    readFileSync(join(folder.path, 'received'), 'utf8')
      .split('\n')
      .filter(line => line.includes('"tools/call"'));
  const doors = await doorsOf(house);
  assert.equal(doors.length, 4);
  for (const [at, asking] of doors.entries()) {
    assert.match(await asking.send('pay', approved), /needs-approval/, asking.name);
    const { approvals } = await house.ask<{ approvals: ApprovalView[] }>('approvals');
    const asked = approvals.find(view => view.state === 'pending' && view.arguments?.includes(approved));
    await house.ask(`approvals/${asked?.id}`, { answer: 'approved' });
    for (const door of doors)
      for (const [tool, args] of others) {
        const answer = await door.send(tool, args);
        assert.match(answer, /"isError":true|"error":/, `${door.name} ${tool} ${args}`);
        assert.equal(sent().length, at, `${door.name} performed ${tool} ${args}`);
      }
    await refuseOthers(house);
    const next: Door = doors[(at + 1) % doors.length] ?? asking;
    const uses = await Promise.all([next, asking, next, asking].map(door => door.send('pay', approved)));
    const performed = uses.filter(answer => !/"isError":true|"error":/.test(answer));
    assert.equal(performed.length, 1, `one use, not: ${uses.join(' ')}`);
    assert.equal(sent().length, at + 1);
    assert.match(sent().at(-1) ?? '', /"name":"pay","arguments":\{"text":"ten"\}/);
  }
});
