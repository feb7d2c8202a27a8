import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callerOf, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';

const policies = '@id("everything") @reason("all is well") permit (principal, action, resource);';
const uri = 'test://note';
const version = '2026-07-28';
const _meta = { 'io.modelcontextprotocol/protocolVersion': version, 'io.modelcontextprotocol/clientCapabilities': {} };
for (const shared of [true, false])
  test(`A-14 what the server of one principal says reaches no stream of another, also of the very same ${shared ? 'shared ' : ''}agent and resource`, () =>
    apart(`  crew: { principal: "user:crew", shared: ${shared} }\n`));

async function apart(config: string): Promise<void> {
  using folder = temporaryFolder();
  await using house = await openHouse(folder.path, { policies, script: { quiet: true }, config });
  const { token } = await house.ask<{ token: string }>('agents/crew/token', {});
  const url = `${house.gateway.url}/mcp/notes`;
  const leave = new AbortController();

  interface Listening {
    readonly news: () => number;
    /** Has the server of this task say that the resource changed. */
    readonly change: () => Promise<unknown>;
  }

  /** A stream of the agent in a new task for this principal. */
  async function listen(principal: string): Promise<Listening> {
    const opened = await house.ask<{ token: string }>('tasks', { agent: 'crew', principal, purpose: 'watch a note' });
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': version,
        'mcp-method': 'subscriptions/listen',
        'sallyport-task': opened.token,
      },
      body: JSON.stringify({
        ...{ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen' },
        params: { _meta, notifications: { resourceSubscriptions: [uri] } },
      }),
      signal: leave.signal,
    });
    let said = '';
    void (async () => {
      for await (const part of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) said += part;
    })().catch(() => undefined);
    await until(`${principal} is heard`, () => said.includes(`"resourceSubscriptions":["${uri}"]`));
    const call = callerOf(url, token, opened.token);
    return {
      news: () => said.split('notifications/resources/updated').length - 1,
      change: () => call('news', { text: uri }),
    };
  }

  const [emma, ben] = [await listen('user:emma'), await listen('user:ben')];
  await emma.change();
  await until('she hears of hers', () => emma.news() === 1);
  await ben.change();
  await until('he hears of his', () => ben.news() > 0);
  await emma.change();
  await until('she hears of hers again', () => emma.news() >= 2);
  assert.deepEqual([emma.news(), ben.news()], [2, 1]);
  leave.abort();
}
