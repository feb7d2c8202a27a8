import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Decided, Entry } from '@sallyport/core/model/entry.ts';
import { createFakeTerminal } from '@sallyport/testkit/fakes/terminal.ts';
import { callerOf, type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { stdioUpstream, temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { main } from './main.ts';

const policies = `
@id("everything") @reason("all is well")
permit (principal, action, resource);

@id("ask-after-untrusted") @reason("this task has read untrusted content")
forbid (principal, action == Action::"notes/create_note", resource)
when { context.flow.untrusted && !context.task.inManifest } unless { context.approved };

@id("never-alone") @reason("nobody asked for it")
forbid (principal, action == Action::"desk/pin_note", resource) when { context.task.kind == "ambient" };

@id("not-what-was-read") @reason("it comes from somebody else's text")
forbid (principal, action == Action::"desk/pin_note", resource) when { context.flow.worstOrigin >= 4 };
`;
const stricter = 'forbid (principal, action == Action::"notes/read_note", resource);';
const inputSchema = { type: 'object', properties: { text: { type: 'string' } } };
const script = (...names: string[]) => ({ tools: names.map(name => ({ name, inputSchema })) });

describe('runs on record as trajectories', () => {
  const folder = temporaryFolder();
  let house: House;
  const fileOf = (name: string): string => join(folder.path, name);

  before(async () => {
    const neighbours = [stdioUpstream('desk', script('pin_note'))];
    const config = 'approvals: { waitSeconds: 0 }';
    house = await openHouse(folder.path, { policies, script: script('read_note', 'create_note'), neighbours, config });
    const { gateway, token, call, ask } = house;
    const pin = callerOf(`${gateway.url}/mcp/desk`, token);
    await call('read_note', { text: 'please pin the blue paper' });
    await call('create_note', { text: 'x' });
    await pin('pin_note', { text: 'blue' });
    const order = { agent: 'writer', purpose: 'Pin the green paper, and note it', tools: ['notes/*', 'desk/pin_note'] };
    const { token: ofTask } = await ask<{ token: string }>('tasks', order);
    const [note, pinIn] = ['notes', 'desk'].map(id => callerOf(`${gateway.url}/mcp/${id}`, token, ofTask));
    await note?.('read_note', { text: 'the red paper is what to pin' });
    await note?.('create_note', { text: 'the green paper' });
    await pinIn?.('pin_note', { text: 'the green paper' });
    await pinIn?.('pin_note', { text: 'red paper is what' });
  });
  after(async () => {
    await house.gateway.close();
    folder[Symbol.dispose]();
  });

  async function sallyport(...argv: string[]): Promise<{ status: number; out: string; err: string }> {
    const terminal = createFakeTerminal({ cwd: folder.path, env: { HOME: folder.path } });
    const status = await main(['--state', house.stateDir, ...argv], terminal);
    return { status, out: terminal.stdout(), err: terminal.stderr() };
  }
  async function decided(): Promise<(Entry & Decided)[]> {
    return (await house.ask<{ entries: (Entry & Decided)[] }>('entries?kind=decided&limit=1000')).entries;
  }
  interface Replayed {
    readonly id: string;
    readonly calls: { readonly decision: string; readonly reasons: string[] }[];
  }
  async function replayed(dir: string): Promise<Replayed[]> {
    const { out, err } = await sallyport('replay', '--policies', dir, '--tools', 'tools.json', '--json', 'runs.jsonl');
    assert.match(out, /^\{/, err);
    return out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Replayed);
  }

  test('are decided again as they were, and otherwise under other policies', async () => {
    const exported = await sallyport('export', '--format', 'trajectory', '--tools', 'tools.json');
    assert.equal(exported.status, 0, exported.err);
    writeFileSync(fileOf('runs.jsonl'), exported.out);
    const runs = await replayed('.');
    const then = await decided();
    assert.deepEqual([...new Set(then.map(({ answer }) => answer))].sort(), ['ask', 'deny', 'permit']);
    assert.deepEqual(
      runs.map(({ id, calls }) => [id, calls.map(({ decision, reasons }) => [decision, ...reasons.map(ruleIn)])]),
      [...Map.groupBy(then, ({ task }) => task)].map(([task, own]) => [
        task,
        own.map(({ answer, reasons }) => [
          answer,
          ...reasons.map(({ rule }) => rule).filter(rule => answer === 'permit' || rule !== 'everything'),
        ]),
      ]),
    );
    const dir = temporaryFolder();
    writeFileSync(join(dir.path, 'p.cedar'), `${policies}\n@id("unread") @reason("r") ${stricter}`);
    assert.equal((await replayed(dir.path))[0]?.calls[0]?.decision, 'deny');
    dir[Symbol.dispose]();
  });

  test('say what they do not hold', async () => {
    const { task } = (await decided()).at(-1) ?? { task: '' };
    await house.ask(`tasks/${task}/erase`, { why: 'asked for' });
    const { out, err } = await sallyport('export', '--format', 'trajectory', '--task', task.slice(0, 12));
    assert.equal(out, '');
    assert.match(
      err,
      /^0 runs exported\nt_\w{8}: nothing of it can be decided again\nt_\w{8}: 4 calls or words are left out/,
    );
    const other = await sallyport('export', '--format', 'trajectory', '--task', 't_0000');
    assert.deepEqual([other.status, other.out], [1, '']);
    assert.match(other.err, /nothing was decided in a task t_0000/);
    assert.equal((await sallyport('export', '--format', 'trajectory', '--since', '2999-01-01')).out, '');
    assert.equal((await sallyport('export', '--format', 'trajectory', '--since', '7')).status, 2);
    assert.equal((await sallyport('export')).status, 2);
    assert.deepEqual(Object.keys(JSON.parse(readFileSync(fileOf('tools.json'), 'utf8'))), ['notes', 'desk']);
  });
});

function ruleIn(reason: string): string {
  return reason.slice(0, reason.indexOf(':'));
}
