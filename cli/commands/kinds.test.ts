import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KindView } from '@sallyport/gateway/api/view/kind.ts';
import type { Given } from '../command.ts';
import { kinds } from './kinds.ts';

const view: KindView = {
  name: 'post',
  about: 'Look after the post',
  learns: true,
  learnsSince: Date.UTC(2026, 10, 1),
  learned: [
    {
      ...{ agent: 'writer', ready: true, tasks: 5, days: 3, principals: 2 },
      tools: [
        { tool: 'mail/list', tasks: 5, days: 3, principals: 2, expected: true },
        { tool: 'bank/pay', tasks: 1, days: 1, principals: 1, expected: false },
      ],
      leftOut: [{ task: 't_17wer67frqba72zgfmqaftnwf5', why: 'it was stopped' }],
    },
  ],
};

async function said(args: readonly string[], all: readonly KindView[]): Promise<string | undefined> {
  const given = { args, options: {}, api: async () => ({ get: async () => ({ kinds: all }) }) };
  return (await kinds.run(given as unknown as Given)).text;
}

test('`sallyport kinds` says what was learned, and of one kind also what did not count and why', async () => {
  const all = (await said([], [view])) ?? '';
  assert.match(all, /tools: learned, of tasks since 2026-11-01/);
  assert.match(all, /mail\/list +in 5 of 5 +3 days, 2 principals +expected/);
  assert.match(all, /bank\/pay .*too seldom/);
  assert.doesNotMatch(all, /stopped/);
  assert.match((await said(['post'], [view])) ?? '', /does not count: it was stopped/);
  assert.match((await said([], [{ ...view, tools: ['mail/list'] }])) ?? '', /tools: its file says mail\/list/);
  assert.equal(await said([], []), undefined);
});
