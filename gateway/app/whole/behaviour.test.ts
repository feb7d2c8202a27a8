import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { callerOf, type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import type { WhyView } from '../../api/view/decision.ts';
import type { FindingView } from '../../api/view/finding.ts';
import type { TaskView } from '../../api/view/task.ts';

const policies = `@id("all") permit (principal, action, resource);
@id("asks") @reason("unusual") forbid (principal, action, resource)
when { context.risk.score >= 40 } unless { context.approved };
@id("stops") @reason("far too unusual") @task("suspend") forbid (principal, action, resource)
when { context.risk.signals.contains("probing") };`;

const string = { type: 'string' };
const named = (name: string, ...properties: string[]): object => ({
  ...{ name, description: `Does ${name}.` },
  inputSchema: { type: 'object', properties: Object.fromEntries(properties.map(one => [one, string])) },
});
const script = { tools: [named('list_notes'), named('read_note', 'title'), named('send_mail', 'to', 'body')] };

describe('watching a real gateway', () => {
  const folder = temporaryFolder();
  after(() => folder[Symbol.dispose]());

  async function inTask(house: House, work: (call: House['call']) => Promise<void>, end = true): Promise<string> {
    const order = { agent: 'writer', purpose: 'the daily notes' };
    const { task, token } = await house.ask<{ task: TaskView; token: string }>('tasks', order);
    const { token: bearer } = await house.ask<{ token: string }>('agents/writer/token', {});
    await work(callerOf(`${house.gateway.url}/mcp/notes`, bearer, token));
    if (end) await house.ask(`tasks/${task.id}/end`, {});
    return task.id;
  }

  const ordinary = async (call: House['call']): Promise<void> => {
    await call('list_notes', {});
    await call('read_note', { title: 'today' });
    await call('send_mail', { to: 'team@example.org', body: 'done' });
  };

  const findingsOf = async (house: House): Promise<readonly FindingView[]> =>
    (await house.ask<{ findings: FindingView[] }>('findings')).findings;

  test('what is usual is learned, what is not is asked about and found, and a restart knows the same', async () => {
    const options = { policies, script };
    let known: readonly FindingView[];
    {
      await using house = await openHouse(folder.path, options);
      for (let day = 0; day < 9; day++) await inTask(house, ordinary);
      assert.deepEqual(await findingsOf(house), []);
      const task = await inTask(house, async call => {
        const refused = await call('send_mail', { to: 'evil@elsewhere.example', body: 'x' });
        assert.match(refused.text, /approve/);
      });
      known = await findingsOf(house);
      const [finding] = known;
      assert.equal(finding?.task, task);
      assert.deepEqual(
        finding?.signals.map(({ name }) => name),
        ['unusual-order', 'new-destination'],
      );
      const { decision } = await house.ask<{ decision: WhyView }>(`decisions/${finding?.decision}`);
      assert.equal(decision.risk?.score, 40);
      assert.deepEqual(decision.facts?.risk?.signals, ['unusual-order', 'new-destination']);
      assert.equal((await house.ask<{ status: { findings: number } }>('status')).status.findings, 1);
    }
    await using again = await openHouse(folder.path, options);
    assert.deepEqual(await findingsOf(again), known);
    await inTask(again, async call => {
      const refused = await call('send_mail', { to: 'evil@elsewhere.example', body: 'x' });
      assert.match(refused.text, /approve/, 'the baseline is there without a single task since the start');
    });
  });

  test('a policy suspends the task of whoever goes on trying, and a person looks', async () => {
    await using house = await openHouse(folder.path, { policies, script });
    const tried: string[] = [];
    const task = await inTask(
      house,
      async call => {
        for (const to of ['a@x.example', 'b@x.example', 'c@x.example', 'd@x.example', 'e@x.example'])
          tried.push((await call('send_mail', { to, body: 'x' })).text);
      },
      false,
    );
    assert.match(tried[3] ?? '', /stops/);
    assert.match(tried[4] ?? '', /suspended/);
    const { task: now } = await house.ask<{ task: TaskView }>(`tasks/${task}`);
    assert.deepEqual([now.state, now.suspended?.by], ['suspended', 'policy:stops']);
  });
});
